#!/usr/bin/env bash
# measure.sh [ROUNDS]: for machines.sh: tasks a second on 1, 2 and 3 nodes of two workers each,
# as multiples of what one pool of two workers does. The tasks sleep: three machines that share
# this one's processors cannot compute faster than it does.
measure() { "$BUILD/06_errors/far/measure" "$@"; }
median() { sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }

start_server || exit
sizes='0 100 1000 10000 100000'
rounds=${1:-3}
for nodes in 0 1 2 3; do
    [ "$nodes" -eq 0 ] || start_nodes "$nodes" -- --workers 2 || exit
    for size in $sizes; do
        jobs=$((1200000 / (size + 300)))
        for _ in $(seq "$rounds"); do
            if [ "$nodes" -eq 0 ]; then
                measure --jobs "$jobs" --microseconds "$size" --pool 2
            else
                on client "$BUILD/06_errors/far/measure" --jobs "$jobs" --microseconds "$size"
            fi
        done | median | awk -v n="$nodes" -v s="$size" -v j="$jobs" '{ print n, s, j / $1 }'
    done
done | awk '
    $1 == 0 { pool[$2] = $3 }
    $1 > 0 { rate[$1, $2] = $3 }
    END {
        split("'"$sizes"'", sizes, " ")
        print "a task takes    1 node  2 nodes  3 nodes   (1: one pool on one machine)"
        for (i = 1; i in sizes; i++) {
            s = sizes[i]
            printf "%8.1f ms", s / 1000
            for (n = 1; n <= 3; n++) printf " %8.3f", rate[n, s] / pool[s]
            printf "   pool %.0f/s, 3 nodes %.0f/s\n", pool[s], rate[3, s]
        }
    }'
