#!/usr/bin/env bats
# Chapter 4: futures.

load helpers

demo=$BUILD/04_futures/future_demo

smallest=$BUILD/04_futures/smallest_future
first_poll=$BUILD/04_futures/first_poll
cost=$BUILD/04_futures/cost

@test "smallest_future: a future before and after, and its result" {
    run_program "$smallest"
    expect_status 0
    expect_match "$output" 'submitted: <Future at 0x[0-9a-f]+ state=running>'
    expect_match "$output" $'hello(\n|$)'
    expect_equal "${lines[-2]}" "result: 5"
    expect_match "${lines[-1]}" '^after that: <Future at 0x[0-9a-f]+ state=finished>$'
}

# The tasks end in the order of their lengths; their results come in the order of asking.
slowest_first() {
    run_program "$smallest" order && expect_status 0 &&
        expect_equal "$output" $'is\nhere\nfuture\nresult: 6\nresult: 2\nresult: 4' &&
        expect_elapsed 0.6 1.5
}

@test "smallest_future: the slowest holds the others up, as its comment says" {
    in_three_tries slowest_first
}

# About a thousandth in the pool.
costs_more_than_in_a_pool() {
    run_program "$cost" && expect_status 0 &&
        awk '{ time[NR] = $(NF - 3) } END { exit !(time[1] > time[2]) }' <<<"$output"
}

@test "smallest_future, cost: a process for each task costs more than a pool, as its comment says" {
    run_program "$cost"
    expect_status 0
    expect_match "${lines[0]}" '^a process for each: [0-9]+\.[0-9] us a task$'
    expect_match "${lines[1]}" '^a pool of one worker: [0-9]+\.[0-9] us a task$'
    expect_equal "${#lines[@]}" 2
    in_three_tries costs_more_than_in_a_pool
    # The kernel counts all processes that were ever made.
    before=$(awk '$1 == "processes" { print $2 }' /proc/stat)
    run_program "$cost"
    [ $(($(awk '$1 == "processes" { print $2 }' /proc/stat) - before)) -ge 200 ]
}

whichever_is_first() {
    run_program "$first_poll" && expect_status 0 &&
        expect_equal "$(awk '{ printf "%s ", $2 }' <<<"$output")" "1 2 0 "
}

@test "first_poll: whichever answers first; without poll(), the slowest first" {
    in_three_tries whichever_is_first
    run_program "$first_poll" in-order
    expect_status 0
    expect_equal "$(awk '{ printf "%s ", $2 }' <<<"$output")" "0 1 2 "
    run -1 grep -E 'after 0\.[0-5] s' <<<"$output"
}

@test "the stairs: bad input and output that cannot be written" {
    expect_stair_usage "$smallest" costs
    expect_stair_usage "$first_poll" order
    expect_usage_error "$cost" 1000
    expect_output_failure "$cost"
}

@test "future_demo: a future before and after, and its result" {
    run_program "$demo"
    expect_status 0
    # Program and worker print side by side, so their order and the progress of the task vary.
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

outcomes() {
    run_program "$demo" &&
        expect_match "$output" 'no result within 0.1s: <Future at 0x[0-9a-f]+ state=running>' &&
        expect_match "$output" 'but there is one later: <Future at 0x[0-9a-f]+ state=finished>' &&
        expect_match "$output" 'cancel one that waits: yes' &&
        expect_match "$output" 'it will never run: <Future at 0x[0-9a-f]+ state=cancelled>' &&
        expect_match "$output" 'cancel one that runs: no' &&
        expect_match "$output" 'stop one that runs: yes' &&
        expect_match "$output" 'its worker was killed: <Future at 0x[0-9a-f]+ state=stopped>'
}
@test "future_demo: timeout, cancel, stop" { in_three_tries outcomes; }

order_of_completion() {
    run_program "$demo" &&
        expect_equal "${lines[-2]}" "submitted: 0.6 0.2 0.4" &&
        expect_equal "${lines[-1]}" "completed: 0.2 0.4 0.6"
}
@test "future_demo: in the order of completion" { in_three_tries order_of_completion; }

@test "future_demo: bad input and output that cannot be written" {
    expect_usage_error "$demo" --frobnicate
    expect_usage_error "$demo" hello
    expect_output_failure "$demo"
}

overtaking() {
    run_program "$BUILD/04_futures/poll_server" && expect_status 0 &&
        expect_equal "$output" $'asks: 2000000, then 100\n100: 25\n2000000: 148933' &&
        expect_equal "$errors" ""
}
@test "poll_server: small numbers overtake large ones" { in_three_tries overtaking; }

# start_server: on a port that is free, in $port; its pid in $server.
start_server() {
    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000))
        "$BUILD/04_futures/poll_server" --port $port >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
        server=$!
        wait_until 10 grep -q listen "$BATS_TEST_TMPDIR/log"
        ! grep -q '^listening' "$BATS_TEST_TMPDIR/log" || return 0
    done
    cat "$BATS_TEST_TMPDIR/log"
    return 1
}

stop_server() {
    kill "$server"
    wait "$server" || true
}

# Each client writes its questions at once and reads until the server closes.
@test "poll_server: several clients, one of which does not wait for its answers" {
    cat >"$BATS_TEST_TMPDIR/client" <<'CLIENT'
exec 3<>/dev/tcp/127.0.0.1/$1 || exit
printf '%s\n' "${@:2}" >&3
[ "$2" = 3000000 ] || head -n $(($# - 1)) <&3
CLIENT
    start_server
    for numbers in "10 100" "3000000 5" "7 1000 2"; do
        # shellcheck disable=SC2086
        run_program bash "$BATS_TEST_TMPDIR/client" $port $numbers
        expect_status 0
        [ "$numbers" = "3000000 5" ] || expect_equal "$(sort -n <<<"$output")" \
            "$(for n in $numbers; do case $n in 2) echo "2: 1" ;; 7) echo "7: 4" ;; 10) echo "10: 4" ;;
                100) echo "100: 25" ;; 1000) echo "1000: 168" ;; esac; done | sort -n)"
    done
    stop_server
}

@test "poll_server: a client that does not read its answers is cut off, the others are served" {
    start_server
    run_program bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && yes -- -9223372036854775807 >&3' - "$port"
    expect_status 1
    expect_match "$errors" "Connection reset|Broken pipe"
    run_program bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && echo 10 >&3 && head -n 1 <&3' - "$port"
    expect_equal "$output" "10: 4"
    stop_server
}
