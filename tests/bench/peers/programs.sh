#!/usr/bin/env bash
# programs.sh NAME WHAT WORKERS TASKS SIZE: a program for each task, started by NAME, which is
# xargs or parallel. WHAT: trivial, cpu.
set -euo pipefail
name=$1 what=$2 workers=$3 tasks=$4 size=$5
one=${BENCH:-build/tests/bench}/one

case $what in
trivial) inputs() { seq 1 "$tasks"; } && task=square ;;
cpu) inputs() { yes "$size" | head -n "$tasks"; } && task=cpu ;;
*) echo "$name: nothing is called '$what'" >&2 && exit 2 ;;
esac
case $name in
xargs) run=(xargs -P "$workers" -n 1 "$one" "$task") ;;
parallel) run=(parallel --will-cite -P "$workers" "$one" "$task" '{}') ;;
*) echo "programs.sh: no peer is called '$name'" >&2 && exit 2 ;;
esac

# `yes` is ended by SIGPIPE, which is no failure.
start=$EPOCHREALTIME
results=$(set +o pipefail && inputs | "${run[@]}")
end=$EPOCHREALTIME

if [ "$what" = trivial ]; then
    is=$(awk '{ sum += $1 } END { print sum }' <<<"$results")
    should=$(awk -v n="$tasks" 'BEGIN { print n * (n + 1) * (2 * n + 1) / 6 }')
else
    is=$(sort <<<"$results" | uniq -c | awk '{ print $1, $2 }')
    should="$tasks $("$one" cpu "$size")"
fi
if [ "$is" != "$should" ]; then
    echo "$name: wrong result: $is, not $should" >&2
    exit 1
fi
awk -v start="$start" -v end="$end" -v OFS='\t' -v what="$what" -v name="$name" \
    -v workers="$workers" -v tasks="$tasks" -v size="$size" \
    'BEGIN { print what, name, workers, tasks, size, sprintf("%.6f", end - start), "-" }'
