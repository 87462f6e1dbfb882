#!/usr/bin/env bats
# Chapter 4: futures.

load helpers

demo=$BUILD/04_futures/future_demo

@test "future_demo: a future before and after, and its result" {
    run_program "$demo"
    expect_status 0
    # Program and worker print side by side: in whatever order, and how far the task is by
    # then, nobody can say.
    submitted=$(grep '^submitted: <' <<<"$output")
    after=$(grep '^after that: ' <<<"$output")
    expect_match "$submitted" '^submitted: <Future at 0x[0-9a-f]+ state=(pending|running|finished)>$'
    expect_match "$after" '^after that: <Future at 0x[0-9a-f]+ state=finished>$'
    expect_equal "$(grep -c '^hello$' <<<"$output")" 1
    expect_equal "$(grep -A 1 '^result' <<<"$output" | head -n 1)" "result: 5"
    # It is the same future.
    expect_equal "$(grep -o '0x[0-9a-f]*' <<<"$submitted")" "$(grep -o '0x[0-9a-f]*' <<<"$after")"
}

@test "future_demo: the task runs in a worker, not in the program" {
    POOL_TRACE=$BATS_TEST_TMPDIR/trace run_with_pid "$demo"
    expect_status 0
    worker=$(sed -n 's/.*"name":"task 0".*"process":\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/trace")
    expect_match "$worker" '^[0-9]+$'
    expect_match "$program_pid" '^[0-9]+$'
    [ "$worker" -ne "$program_pid" ]
}

@test "future_demo: timeout, cancel, stop" {
    run_program "$demo"
    expect_match "$output" 'no result within 0.1s: <Future at 0x[0-9a-f]+ state=running>'
    expect_match "$output" 'but there is one later: <Future at 0x[0-9a-f]+ state=finished>'
    expect_match "$output" 'cancel one that waits: yes'
    expect_match "$output" 'it will never run: <Future at 0x[0-9a-f]+ state=cancelled>'
    expect_match "$output" 'cancel one that runs: no'
    expect_match "$output" 'stop one that runs: yes'
    expect_match "$output" 'its worker was killed: <Future at 0x[0-9a-f]+ state=stopped>'
}

@test "future_demo: in the order of completion" {
    run_program "$demo"
    expect_equal "${lines[-2]}" "submitted: 0.6 0.2 0.4"
    expect_equal "${lines[-1]}" "completed: 0.2 0.4 0.6"
}

@test "future_demo: bad input and output that cannot be written" {
    expect_usage_error "$demo" --frobnicate
    expect_usage_error "$demo" hello
    expect_output_failure "$demo"
}
