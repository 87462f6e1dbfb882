#!/usr/bin/env bats
# Chapter 1: one process becomes two.

load helpers

program=$BUILD/01_fork/fork

@test "fork: two processes, two pids, told apart" {
    run_program "$program"
    expect_status 0
    expect_equal "${#lines[@]}" 2
    parent=$(sed -n 's/ is the parent$//p' <<<"$output")
    child=$(sed -n 's/ is the child$//p' <<<"$output")
    expect_match "$parent" '^[0-9]+$'
    expect_match "$child" '^[0-9]+$'
    [ "$parent" -ne "$child" ]
    expect_equal "$errors" ""
}

@test "fork: the parent is the process that was started, and reaps its child" {
    run_traced -e trace=wait4,waitid,exit_group "$program"
    expect_status 0
    parent=$(sed -n 's/ is the parent$//p' <<<"$output")
    child=$(sed -n 's/ is the child$//p' <<<"$output")
    grep -E "^$parent .*wait4\($child|^$parent .*wait4 resumed" "$BATS_TEST_TMPDIR/strace"
    expect_match "$(tail -n 1 "$BATS_TEST_TMPDIR/strace")" "^$parent "
}

@test "fork: bad input and output that cannot be written" {
    expect_usage_error "$program" --frobnicate
    expect_usage_error "$program" 1
    expect_output_failure "$program"
    run_program "$program" --help
    expect_status 0
    expect_match "$output" '^usage: fork'
}
