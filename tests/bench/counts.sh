#!/usr/bin/env bash
# counts.sh PROGRAM [record]: count the page faults of a million trivial futures and the system
# calls of a hundred thousand, over all processes of the pool. Fail if a count exceeds the one in
# the file `counts` by more than a tenth (and ten); with `record`, write them there. A count that
# the kernel does not permit is left out, and named. Each is the least of three runs, since other
# processes can only add to it.
set -eu
program=$1 mode=${2:-check}
record=$(dirname "$0")/counts

least() { sort -n | head -n 1; }

faults=$(for _ in 1 2 3; do "$program" 1000000 | cut -d ' ' -f 1; done | least)
[ -n "$faults" ] || echo "page faults: not counted, perf_event_open() is refused"

# All calls of all processes.
calls() {
    strace -f -c -o "$2" "$program" "$1" held >/dev/null 2>&1
    awk '$NF == "total" { print $4 }' "$2"
}
calls=
if command -v strace >/dev/null; then
    file=$(mktemp)
    empty=$(calls 0 "$file")
    calls=$(for _ in 1 2 3; do calls 100000 "$file"; done | least)
    calls=$((calls - empty))
    rm -f "$file"
else
    echo "system calls: not counted, there is no strace"
fi

echo "a million futures: ${faults:-?} page faults; a hundred thousand: ${calls:-?} system calls"
if [ "$mode" = record ]; then
    { echo "# make record-counts: page faults of 1,000,000 futures; system calls of 100,000."
      echo "faults ${faults:-0}"
      echo "calls ${calls:-0}"; } >"$record"
    exit
fi
status=0
while read -r what most; do
    case $what in
    faults) value=$faults ;;
    calls) value=$calls ;;
    *) continue ;;
    esac
    if [ -n "$value" ] && [ "$value" -gt $((most + most / 10 + 10)) ]; then
        echo "too many $what: $value, on record: $most; if they are worth it: make record-counts"
        status=1
    fi
done <"$record"
exit $status
