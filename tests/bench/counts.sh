#!/usr/bin/env bash
# counts.sh DIRECTORY [record]: count page faults and system calls, over all processes of a pool: of
# many trivial futures, of loose tasks (page faults only), and of opening and closing a pool of four
# workers. Fail if a count exceeds the one in the file `counts` by more than a tenth (and ten); with
# `record`, write them there. A count that the kernel does not permit is left out, and named. Each is
# the least of three runs, since other processes can only add to it.
set -eu
directory=$1 mode=${2:-check}
record=$(dirname "$0")/counts
file=$(mktemp)
trap 'rm -f "$file"' EXIT

least() {
    for _ in 1 2 3; do "$@"; done | sort -n | head -n 1
}

# shellcheck disable=SC2317 # least calls these
faults() { "$directory/$1" "${@:2}" | cut -d ' ' -f 1; }
# shellcheck disable=SC2317
calls() {
    strace -f -c -o "$file" "$directory/$1" "${@:2}" >/dev/null 2>&1
    awk '$NF == "total" { print $4 }' "$file"
}

# What is beyond an empty run. An opening is the mean of ten.
# shellcheck disable=SC2317
many() { local none; none=$(calls many_tasks 0 held); echo $(($(calls many_tasks 100000 held) - none)); }
# shellcheck disable=SC2317
opening() { echo $((($("$1" open_close 11 4) - $("$1" open_close 1 4)) / 10)); }

declare -A count
if [ -n "$(faults open_close 1 1)" ]; then
    count[faults]=$(least faults many_tasks 1000000)
    count[faults-loose]=$(least faults many_tasks 1000000 loose)
    count[faults-open]=$(least opening faults)
else
    echo "page faults: not counted, perf_event_open() is refused"
fi
if command -v strace >/dev/null; then
    count[calls]=$(least many)
    count[calls-open]=$(least opening calls)
else
    echo "system calls: not counted, there is no strace"
fi
cat <<END
page faults: ${count[faults]-?} for a million futures, ${count[faults-loose]-?} for a million loose tasks, twice,
    ${count[faults-open]-?} to open and close 4 workers
system calls: ${count[calls]-?} for a hundred thousand futures, ${count[calls-open]-?} to open and close
END

if [ "$mode" = record ]; then
    { echo "# make record-counts: page faults of 1,000,000 futures, and of 1,000,000 loose tasks, twice;"
      echo "# system calls of 100,000 futures; and both of opening and closing a pool of 4 workers."
      for what in faults faults-loose calls faults-open calls-open; do echo "$what ${count[$what]-0}"; done
    } >"$record"
    exit
fi
status=0
while read -r what most; do
    value=${count[$what]-}
    if [ -n "$value" ] && [ "$value" -gt $((most + most / 10 + 10)) ]; then
        echo "too many $what: $value, on record: $most; if they are worth it: make record-counts"
        status=1
    fi
done < <(grep -v '^#' "$record")
exit $status
