#!/usr/bin/env bash
# instructions.sh MAKE BUILD [record]: count the instructions of a trivial task, from submit to
# result, and fail if there are over a tenth more than the file `instructions` says; with `record`,
# write the count there. Unlike seconds, instructions do not differ from run to run.
set -eu
make=$1 mode=${3:-check}
record=$(dirname "$(readlink -f "$0")")/instructions
machine=$(uname -m)
program=tests/bench/one_task
: "${CC:=gcc}"
kind=gcc
[ "$(echo __clang__ | "$CC" -E -P -x c -)" = __clang__ ] || kind=clang
compiler=$kind-$("$CC" -dumpversion | cut -d. -f1)
dir=$2/instructions-$compiler

command -v valgrind >/dev/null || { echo "needs valgrind (see make bench-deps)" >&2; exit 1; }

# What is counted is this compiler's -O2, whatever else is being built with. No -g: not
# every valgrind can read what every compiler writes.
"$make" --no-print-directory CC="$CC" CFLAGS=-O2 CPPFLAGS=-DNDEBUG LDFLAGS= BUILD="$dir" \
    "$dir/$program" >/dev/null
rm -f "$dir"/count.*
# Each process writes its own files, one at each count_to().
tasks=$(valgrind --tool=callgrind --callgrind-out-file="$dir/count.%p" \
    --zero-before=count_from --dump-before=count_to "$dir/$program" 2>"$dir/valgrind.log") ||
    { cat "$dir/valgrind.log" >&2; exit 1; }

# The dumps at count_to() and only those. The program makes two, .1 when it has submitted and .2
# when it has the results; its worker makes one. (Not by their times, which are coarse.)
mapfile -t dumps < <(grep -l '^desc: Trigger: .*count_to' "$dir"/count.*)
result=$(printf '%s\n' "${dumps[@]}" | grep '\.2$' || true)
submit=${result%.2}.1
run=$(printf '%s\n' "${dumps[@]}" | grep -vxF -e "$submit" -e "$result" || true)
if [ ${#dumps[@]} -ne 3 ] || [ ! -f "$submit" ] || [ ! -f "$result" ] || [ ! -f "$run" ]; then
    echo "expected 3 counts, found ${#dumps[@]}; see $dir" >&2
    exit 1
fi
counts=()
for dump in "$submit" "$run" "$result"; do
    counts+=("$(awk -v tasks="$tasks" \
        '/^(totals|summary):/ { printf "%.1f", $2 / tasks; exit }' "$dump")")
done
total=$(awk -v a="${counts[0]}" -v b="${counts[1]}" -v c="${counts[2]}" \
    'BEGIN { printf "%.1f", a + b + c }')
printf '%s %s: submit %s + run %s + result %s = %s instructions a task\n' \
    "$machine" "$compiler" "${counts[@]}" "$total"

if [ "$mode" = record ]; then
    { grep -v "^$machine $compiler " "$record" || true; } >"$record.new" 2>/dev/null
    printf '%s %s %s %s %s %s\n' "$machine" "$compiler" "${counts[@]}" "$total" >>"$record.new"
    mv "$record.new" "$record"
    exit
fi

# A compiler that is not on record is compared with the largest count on record.
awk -v machine="$machine" -v compiler="$compiler" -v total="$total" '
    $1 == machine && $2 == compiler { exact = $6 }
    $1 == machine && $6 > dearest { dearest = $6 }
    END {
        most = exact ? exact : dearest
        if (!most) {
            print "none on record for " machine ": nothing to compare with"
            exit
        }
        printf "on record: %s, so at most %.1f\n", most, most * 1.1
        if (total > most * 1.1) {
            print "too many; if they are worth it: make record-instructions"
            exit 1
        }
    }' "$record"
