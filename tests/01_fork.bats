#!/usr/bin/env bats
# Chapter 1: one process becomes two.

load helpers

program=$BUILD/01_fork/fork

first=$BUILD/01_fork/first_fork

two_processes() {
    run_program "$1"
    expect_status 0
    expect_equal "${#lines[@]}" 2
    parent=$(sed -n 's/ is the parent$//p' <<<"$output")
    child=$(sed -n 's/ is the child$//p' <<<"$output")
    expect_match "$parent" '^[0-9]+$'
    expect_match "$child" '^[0-9]+$'
    [ "$parent" -ne "$child" ]
    expect_equal "$errors" ""
}

@test "first_fork: two processes, two pids, told apart" { two_processes "$first"; }
@test "fork: two processes, two pids, told apart" { two_processes "$program"; }

@test "first_fork: does not notice that something failed, as its comment says" {
    run_program bash -c "exec $first >/dev/full"
    expect_status 0
    expect_equal "$errors" ""
}

the_parent_was_started() {
    run_with_pid "$1"
    expect_status 0
    expect_match "$output" "^$program_pid is the parent|$program_pid is the parent$"
    expect_equal "$(grep -c "^$program_pid " <<<"$output")" 1
}

@test "first_fork: the parent is the process that was started" { the_parent_was_started "$first"; }
@test "fork: the parent is the process that was started" { the_parent_was_started "$program"; }

@test "fork: bad input and output that cannot be written" {
    expect_usage_error "$program" --frobnicate
    expect_usage_error "$program" 1
    expect_output_failure "$program"
    run_program "$program" --help
    expect_status 0
    expect_match "$output" '^usage: fork'
}
