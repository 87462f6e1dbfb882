#!/usr/bin/env bats
# Chapter 3: the smallest pool and the pool. Its promises are in promises.bats.

load helpers

smallest=$BUILD/03_pool/smallest_pool
demo=$BUILD/03_pool/pool_demo

# The trace of the last run: one line for each task, "worker start end", in microseconds.
task_times() {
    sed -n 's/.*"name":"task [0-9]*".*"ts":\([0-9.]*\),"dur":\([0-9.]*\),.*"tid":\([0-9]*\).*/\3 \1 \2/p' \
        "$1" | awk '{ printf "%d %d %d\n", $1, $2, $2 + $3 }' | sort -k2n
}

@test "smallest_pool: ten tasks on four workers in three rounds" {
    run_program "$smallest"
    expect_status 0
    expect_equal "$(tasks_seen)" "0 1 2 3 4 5 6 7 8 9 "
    expect_equal "$(count_processes)" 4
    expect_elapsed 0.6 1.5
}

@test "smallest_pool: a killed worker loses its task, as its comment says" {
    # A worker is killed when both have begun a task, of half a second.
    run_program bash -c "source tests/processes.bash
        two_began() { [ \$(grep -c '^I am process' '$BATS_TEST_TMPDIR/lines') -ge 2 ]; }
        $smallest 2 4 500 >'$BATS_TEST_TMPDIR/lines' & until_true two_began
        kill -KILL \$(children_of \$! | tail -n 1); wait \$!"
    expect_status 1
    expect_equal "$errors" "smallest_pool: a worker ended badly"
    output=$(<"$BATS_TEST_TMPDIR/lines")
    # Four were begun; nothing says which was not done.
    expect_equal "$(tasks_seen)" "0 1 2 3 "
}

@test "smallest_pool: a full pipe makes the program wait, as its comment says" {
    # A pipe holds 64 KiB, some 16,000 tasks. The last of 20,000 is in it only when more than
    # 3,000 were taken out.
    run_program "$smallest" 4 20000 0
    expect_status 0
    expect_equal "${#lines[@]}" 20001
    position=$(grep -n '^All tasks are in the pipe$' <<<"$output" | cut -d: -f1)
    [ "$position" -gt 3000 ]
}

@test "smallest_pool: bad input and output that cannot be written" {
    expect_usage_error "$smallest" x
    expect_usage_error "$smallest" 0
    expect_usage_error "$smallest" 1000000
    expect_usage_error "$smallest" 4 -1
    expect_usage_error "$smallest" 4 10 -5
    expect_usage_error "$smallest" 4 10 5 2
    expect_usage_error "$smallest" --frobnicate
    expect_output_failure "$smallest" 2 2
    run_program "$smallest" --help
    expect_status 0
    expect_match "$output" '^usage: smallest_pool'
}

@test "pool_demo: ten tasks of 0.2 s on four workers take 0.6 s" {
    run_program "$demo"
    expect_status 0
    expect_elapsed 0.6 1.5
    expect_match "${lines[-1]}" '^Main process done after '
    expect_done_after "${lines[-1]}" 0.6 1.5
    expect_equal "$(tasks_seen)" "0 1 2 3 4 5 6 7 8 9 "
    expect_equal "$(count_processes)" 4
    expect_equal "$(tasks_per_process)" 3+3+2+2
}

@test "pool_demo: tasks start in order, four at a time, and no worker idles" {
    POOL_TRACE=$BATS_TEST_TMPDIR/trace.json run_program "$demo"
    expect_status 0
    task_times "$BATS_TEST_TMPDIR/trace.json" >"$BATS_TEST_TMPDIR/times"
    expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/times")" 10
    # At every start, how many run: never more than four, and four as soon as there were four.
    run -0 awk '{ start[NR] = $2; end[NR] = $3; worker[NR] = $1 }
        END {
            for (i = 1; i <= NR; i++) {
                running = 0
                for (j = 1; j <= i; j++) running += end[j] > start[i]
                if (running > most) most = running
                for (j = 1; j < i; j++)
                    if (worker[j] == worker[i] && end[j] > start[i]) { print "overlap"; exit 1 }
            }
            print most
        }' "$BATS_TEST_TMPDIR/times"
    expect_equal "$output" 4
}

@test "pool_demo: with a buffer the lines of a process come together" {
    run_program "$demo" --buffered
    expect_status 0
    expect_equal "$(tasks_seen)" "0 1 2 3 4 5 6 7 8 9 "
    # As many runs of lines of one process as there are processes.
    expect_equal "$(awk '/^I am/ { print $4 }' <<<"$output" | uniq | wc -l)" 4
}

@test "pool_demo: without, they come as they are printed" {
    run_program "$demo"
    [ "$(awk '/^I am/ { print $4 }' <<<"$output" | uniq | wc -l)" -gt 4 ]
    # The first four lines are from four processes.
    expect_equal "$(head -n 4 <<<"$output" | awk '{ print $4 }' | sort -u | wc -l)" 4
}

@test "pool_demo: the trace is closed, complete and valid JSON" {
    POOL_TRACE=$BATS_TEST_TMPDIR/trace.json run_program "$demo" --workers 2 --tasks 3
    expect_status 0
    expect_equal "$(head -n 1 "$BATS_TEST_TMPDIR/trace.json")" "["
    expect_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/trace.json")" "]"
    expect_equal "$(grep -c '"name":"task' "$BATS_TEST_TMPDIR/trace.json")" 3
    expect_equal "$(grep -c '"name":"worker [12]"' "$BATS_TEST_TMPDIR/trace.json")" 2
}

@test "pool_demo: a trace that cannot be written costs a line, not the work" {
    POOL_TRACE=/no/such/directory/trace run_program "$demo" --tasks 2
    expect_status 0
    expect_match "$errors" '^pool: cannot open the trace /no/such/directory/trace: No such'
    POOL_TRACE=/dev/full run_program "$demo" --tasks 2
    expect_status 0
    expect_equal "$errors" "pool: cannot write the trace: No space left on device"
}

@test "pool_demo: bad input and output that cannot be written" {
    expect_usage_error "$demo" --frobnicate
    expect_usage_error "$demo" 4
    expect_usage_error "$demo" --workers
    expect_usage_error "$demo" --workers x
    expect_usage_error "$demo" --workers 4x
    expect_usage_error "$demo" --workers 0
    expect_usage_error "$demo" --workers 1000000
    expect_usage_error "$demo" --workers=-1
    expect_usage_error "$demo" --tasks 99999999999999999999
    expect_usage_error "$demo" --buffered=1
    expect_output_failure "$demo" --tasks 1
    run_program "$demo" --help
    expect_status 0
    expect_match "$output" '^usage: pool_demo'
}

@test "pool_demo: Ctrl-C ends it and all its workers" {
    # As the terminal does it: SIGINT to the whole process group.
    setsid timeout --foreground "$(guard 20)" "$demo" --tasks 1000 >/dev/null 3>&- &
    leader=$!
    four_workers() { [ "$(in_session "$leader" pool-worker | wc -l)" -eq 4 ]; }
    wait_until 10 four_workers
    kill -INT -- "-$leader"
    wait_until 1 no_survivors "$leader"
}
