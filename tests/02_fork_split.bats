#!/usr/bin/env bats
# Chapter 2: ten tasks over two processes.

load helpers

program=$BUILD/02_fork_split/fork_split

@test "fork_split: each of ten tasks once, five by each of two processes" {
    run_program "$program"
    expect_status 0
    expect_equal "$(tasks_seen)" "0 1 2 3 4 5 6 7 8 9 "
    expect_equal "$(tasks_per_process)" 5+5
    expect_equal "$errors" ""
}

@test "fork_split: tasks 0 to 4 are the parent's, 5 to 9 the child's" {
    run_with_pid "$program"
    expect_status 0
    parents=$(sed -n "s/^I am process $program_pid working on task //p" <<<"$output" | tr '\n' ' ')
    expect_equal "$parents" "0 1 2 3 4 "
    # And the parent is the one that waited for the other.
    expect_match "${lines[-1]}" '^Main process done'
}

half_the_time() {
    run_program "$program" && expect_status 0 && expect_elapsed 1.0 1.9 &&
        expect_match "${lines[-1]}" '^Main process done after ' &&
        expect_done_after "${lines[-1]}" 1.0 1.9
}

@test "fork_split: takes half of the two seconds" { in_three_tries half_the_time; }

# Neither process has printed all of its lines before the other has printed one.
in_turn() {
    run_program "$program" &&
        expect_equal "$(head -n 2 <<<"$output" | awk '{ print $4 }' | sort -u | wc -l)" 2
}

@test "fork_split: lines of the two processes come in turn, also through a pipe" {
    in_three_tries in_turn
}

@test "fork_split: bad input and output that cannot be written" {
    expect_usage_error "$program" 5
    expect_output_failure "$program"
    run_program "$program" --help
    expect_status 0
    expect_match "$output" '^usage: fork_split'
}

@test "first_pipe: the child's results, and the sum of both halves" {
    run_program "$BUILD/02_fork_split/first_pipe"
    expect_status 0
    expect_equal "$(sed -n "s/^The child's result: //p" <<<"$output" | tr '\n' ' ')" "125 216 343 512 729 "
    expect_equal "${lines[-1]}" "The sum of both halves: 2025"
}

@test "first_pipe: a writing end left open, and the pipe does not end, as its comment says" {
    run_program "$BUILD/02_fork_split/first_pipe" forget
    expect_status 1
    expect_equal "$errors" "first_pipe: the child has ended, the pipe has not"
    expect_elapsed 0.9 5
}

@test "first_pipe: bad input and output that cannot be written" {
    expect_stair_usage "$BUILD/02_fork_split/first_pipe" forgot
}
