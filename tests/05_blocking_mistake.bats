#!/usr/bin/env bats
# Chapter 5: the mistake and its cure.

load helpers

mistake=$BUILD/05_blocking_mistake/block_mistake
fixed=$BUILD/05_blocking_mistake/block_fixed
squares="[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]"

# The most tasks that ran at the same time, from a trace.
most_at_once() {
    sed -n 's/.*"name":"task [0-9]*".*"ts":\([0-9.]*\),"dur":\([0-9.]*\),.*/\1 \2/p' "$1" |
        awk '{ printf "%.3f 1\n%.3f -1\n", $1, $1 + $2 }' | sort -k1n -k2n |
        awk '{ now += $2; if (now > most) most = now } END { print most }'
}

# squares_in LEAST MOST AT_ONCE PROGRAM: the results, in that time, so many tasks at once.
squares_in() {
    POOL_TRACE=$BATS_TEST_TMPDIR/trace.json run_program "$4" && expect_status 0 &&
        expect_equal "${lines[0]}" "$squares" && expect_match "${lines[1]}" '^Done after ' &&
        expect_done_after "${lines[1]}" "$1" "$2" && expect_elapsed "$1" "$2" &&
        expect_equal "$(most_at_once "$BATS_TEST_TMPDIR/trace.json")" "$3"
}

@test "block_mistake: right results, but one task after the other: 1 s" {
    in_three_tries squares_in 1.0 1.9 1 "$mistake"
}

@test "block_fixed: the same results, all tasks at once: 0.1 s" {
    in_three_tries squares_in 0.1 0.8 10 "$fixed"
}

thirty_workers() {
    run_program "$mistake" --workers 30 && expect_status 0 && expect_elapsed 1.0 1.9
}

@test "block_mistake: more workers are no cure" { in_three_tries thirty_workers; }

@test "block_mistake and block_fixed differ in the mistake and in nothing else" {
    run diff 05_blocking_mistake/block_mistake.c 05_blocking_mistake/block_fixed.c
    [ "$status" -eq 1 ]
    expect_equal "$(grep -c '^[<>]' <<<"$output")" 2
    expect_equal "$(grep '^[<>]' <<<"$output")" ">     }
>     for (int task = 0; task < TASKS; task++) {"
}

@test "block_mistake, block_fixed: bad input and output that cannot be written" {
    for program in "$mistake" "$fixed"; do
        expect_usage_error "$program" --frobnicate
        expect_usage_error "$program" --workers 0
        expect_usage_error "$program" --workers 1000000
        expect_output_failure "$program"
    done
}
