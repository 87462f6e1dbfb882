#!/usr/bin/env bash
# run.sh DIRECTORY: have spin visit every state of pool.pml, and find each of the mistakes that can
# be put into the model. With DEATHS=2 in the environment two workers may die instead of one; that
# takes minutes and 6 GB of memory.
set -u

model=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)/pool.pml
mkdir -p "$1"
cd "$1" || exit 1
failed=0
optimize=-O1

# explore NAME DEFINE...: sets `errors` and `states`.
explore() {
    local name=$1
    shift
    spin -a -o2 "$@" "$model" >"$name.log" || {
        cat "$name.log"
        exit 1
    }
    "${CC:-cc}" "$optimize" -w -DSAFETY -DCOLLAPSE -DMEMLIM=12000 -o pan pan.c || exit 1
    ./pan -m100000 -w24 >"$name.log"
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' "$name.log")
    states=$(awk '/states, stored/ { print $1 }' "$name.log")
    if grep -q 'not completed\|too small\|MEMLIM' "$name.log" && [ "$errors" = 0 ]; then
        errors='not known: the search was not completed'
    fi
}

right() {
    optimize=-O3 explore "$@"
    printf '%-34s %12s states, errors: %s\n' "$1" "$states" "$errors"
    [ "$errors" = 0 ] || failed=1
}

wrong() {
    optimize=-O1 explore "$@"
    if [ "$errors" = 1 ]; then
        printf '%-34s found: %s\n' "$1" "$(sed -n 's/^pan:1: \(.*\) (at depth .*/\1/p' "$1.log")"
    else
        printf '%-34s NOT FOUND\n' "$1"
        failed=1
    fi
}

right the_pool "-DDEATHS=${DEATHS:-1}"
right the_foreman_may_die -DDEATHS=0 -DFOREMAN_DIES
wrong no_wake_after_a_death -DDEATHS=1 -DNO_REPAIR
wrong two_words_instead_of_one -DDEATHS=1 -DTWO_WORDS
wrong sleeper_counted_after_posting -DDEATHS=1 -DRING_FIRST
wrong looks_before_it_says_idle -DDEATHS=0 -DLOOK_FIRST
wrong notes_the_task_after_taking_it -DDEATHS=1 -DNOTE_LATE
wrong done_though_the_pool_is_broken -DDEATHS=0 -DFOREMAN_DIES -DFINISH_BLINDLY
wrong rings_once_before_the_program -DDEATHS=0 -DRING_ONCE
exit "$failed"
