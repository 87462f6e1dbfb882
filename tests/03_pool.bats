#!/usr/bin/env bats
# Chapter 3: the stairs and the pool. Its promises are in promises.bats.

load helpers

smallest=$BUILD/03_pool/smallest_pool
demo=$BUILD/03_pool/pool_demo

# The trace of the last run: one line for each task, "worker start end", in microseconds.
task_times() {
    sed -n 's/.*"name":"task [0-9]*".*"ts":\([0-9.]*\),"dur":\([0-9.]*\),.*"tid":\([0-9]*\).*/\3 \1 \2/p' \
        "$1" | awk '{ printf "%d %d %d\n", $1, $2, $2 + $3 }' | sort -k2n
}

locked=$BUILD/03_pool/locked_pool
wrong=$BUILD/03_pool/wrong_pool
swapped=$BUILD/03_pool/swapped_pool

# ---- The stairs: what each can do, and how it fails -------------------------------------

all="0 1 2 3 4 5 6 7 8 9 "
all_but_3="0 1 2 4 5 6 7 8 9 "

three_rounds() {
    run_program "$1" && expect_status 0 && expect_equal "$(tasks_seen)" "$all" &&
        expect_equal "$(count_processes)" 4 && expect_elapsed 0.6 1.5
}
three_rounds_said() {
    three_rounds "$1" && expect_match "${lines[-1]}" '^Main process done after ' &&
        expect_done_after "${lines[-1]}" 0.6 1.5
}
ten_tasks() { in_three_tries three_rounds "$1"; }

@test "smallest_pool: ten tasks on four workers in three rounds" {
    in_three_tries three_rounds_said "$smallest"
}
@test "locked_pool: ten tasks on four workers in three rounds" { ten_tasks "$locked"; }
@test "wrong_pool: ten tasks on four workers in three rounds" { ten_tasks "$wrong"; }
@test "swapped_pool: ten tasks on four workers in three rounds" { ten_tasks "$swapped"; }

# fails WORDS...: the stair says that something is lost.
fails() {
    run_program "$@"
    expect_status 1
    expect_equal "$errors" ""
}

@test "smallest_pool: a full pipe makes the program wait, as its comment says" {
    # A pipe holds 64 KiB, some 16,000 tasks. The last of 20,000 is in it only when more than
    # 3,000 were taken out.
    run_program "$smallest" full
    expect_status 0
    expect_equal "${#lines[@]}" 20002
    position=$(grep -n '^All tasks are in the pipe$' <<<"$output" | cut -d: -f1)
    [ "$position" -gt 3000 ]
}

@test "smallest_pool: a killed worker's task is lost, and nothing says which" {
    fails "$smallest" kill
    expect_equal "$(tasks_seen)" "$all_but_3"
    expect_equal "$(grep -cE 'task 3|Task 3' <<<"$output")" 0
    expect_match "$output" 'A worker was killed. Which task did it have\?'
}

@test "smallest_pool: the workers outlive the program, as its comment says" {
    # cat ends when the last of them has closed its output.
    run_program bash -c "set -o pipefail; $smallest orphans | cat"
    expect_status 137
    expect_equal "$(tasks_seen)" "$all"
    expect_equal "$(grep -c 'Main process' <<<"$output")" 0
}

@test "locked_pool: submit does not wait: all tasks are in before one is taken" {
    run_program "$locked" full
    expect_status 0
    expect_equal "${lines[0]}" "All tasks are in the array"
    expect_equal "$(grep -c '^I am process' <<<"$output")" 20000
}

# The sum of the squares of 0 to 9, or of all but one.
@test "locked_pool: results come back" {
    run_program "$locked"
    expect_equal "${lines[-1]}" "10 of 10 tasks done. The results add up to 285"
}

@test "locked_pool: the program knows which task a killed worker had" {
    fails "$locked" kill
    expect_equal "$(tasks_seen)" "$all_but_3"
    killed=$(sed -n 's/^Process \([0-9]*\): Killed$/\1/p' <<<"$output")
    expect_match "$killed" '^[0-9]+$'
    expect_equal "$(grep '^Task' <<<"$output")" "Task 3 is lost: process $killed had it"
    expect_equal "${lines[-1]}" "9 of 10 tasks done. The results add up to 276"
}

@test "locked_pool: killed with the lock, and all others wait, as its comment says" {
    fails "$locked" lock
    expect_equal "$(tasks_seen)" "0 1 2 "
    expect_equal "$(grep -c ': Killed$' <<<"$output")" 1
    expect_equal "$(grep -c ': Alarm clock$' <<<"$output")" 3
    expect_equal "$(grep '^Task' <<<"$output")" "Task 3 is nobody's"
    expect_equal "${lines[-1]}" "3 of 10 tasks done. The results add up to 5"
    expect_elapsed 1.9 8
}

@test "locked_pool: a robust lock, and a task is neither waiting nor anybody's, as its comment says" {
    fails "$locked" robust
    expect_equal "$(tasks_seen)" "$all_but_3"
    expect_equal "$(grep -c ': Killed$' <<<"$output")" 1
    expect_equal "$(grep '^Task' <<<"$output")" "Task 3 is nobody's"
    expect_equal "${lines[-1]}" "9 of 10 tasks done. The results add up to 276"
}

@test "wrong_pool: look, then write: a task is done twice" {
    fails "$wrong" look
    expect_equal "$(grep -c 'working on task 3$' <<<"$output")" 2
    expect_equal "$(count_processes)" 2
    expect_match "$output" 'Task 3 was done 2 times'
}

@test "wrong_pool: swap the head, be killed: no word says whose the task was" {
    fails "$wrong" swap
    expect_equal "$(tasks_seen)" "$all_but_3"
    expect_equal "$(grep '^Task' <<<"$output")" "Task 3 is nobody's"
    expect_equal "${lines[-1]}" "9 of 10 tasks were done once"
}

@test "swapped_pool: killed with a task: it is lost, once, and another worker does the rest" {
    fails "$swapped" kill
    expect_equal "$(tasks_seen)" "$all_but_3"
    killed=$(sed -n 's/^Process \([0-9]*\) was killed$/\1/p' <<<"$output")
    expect_equal "$(grep '^Task' <<<"$output")" "Task 3 is lost: process $killed had it"
    expect_equal "$(grep -c "^I am process $killed " <<<"$output")" 0
    expect_equal "${lines[-1]}" "The results add up to 276"
    # Three, and one in its place. It has 0.2 s to begin: on a busy machine that may be too short.
    for _ in 1 2 3; do
        [ "$(count_processes)" -ne 4 ] || break
        fails "$swapped" kill
    done
    expect_equal "$(count_processes)" 4
}

@test "swapped_pool: killed just before: nothing is lost" {
    run_program "$swapped" early
    expect_status 0
    expect_equal "$(tasks_seen)" "$all"
    # Each of the first four workers that comes to the task before its replacement does.
    expect_match "$(grep -c ' was killed$' <<<"$output")" '^[1-4]$'
    expect_equal "$(grep -c '^Task' <<<"$output")" 0
    expect_equal "${lines[-1]}" "The results add up to 285"
}

@test "swapped_pool: room for so many tasks and no more, as its comment says" {
    run_program "$swapped" full
    expect_status 0
    expect_equal "$(grep -c '^No room for task 10$' <<<"$output")" 1
    expect_equal "$(tasks_seen)" "$all"
}

@test "the stairs: bad input and output that cannot be written" {
    for stair in "$smallest" "$locked" "$wrong" "$swapped"; do
        expect_stair_usage "$stair" frobnicate
    done
}

# ---- The pool ---------------------------------------------------------------------------

fairly_shared() { three_rounds "$demo" && expect_equal "$(tasks_per_process)" 3+3+2+2; }

@test "pool_demo: ten tasks of 0.2 s on four workers take 0.6 s" { in_three_tries fairly_shared; }

four_at_a_time() {
    POOL_TRACE=$BATS_TEST_TMPDIR/trace.json run_program "$demo" && expect_status 0 &&
        task_times "$BATS_TEST_TMPDIR/trace.json" >"$BATS_TEST_TMPDIR/times" &&
        expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/times")" 10 &&
        expect_equal "$(most_at_a_start "$BATS_TEST_TMPDIR/times")" 4
}

# At every start, how many run: never more than four, and four as soon as there were four.
most_at_a_start() {
    awk '{ start[NR] = $2; end[NR] = $3; worker[NR] = $1 }
        END {
            for (i = 1; i <= NR; i++) {
                running = 0
                for (j = 1; j <= i; j++) running += end[j] > start[i]
                if (running > most) most = running
                for (j = 1; j < i; j++)
                    if (worker[j] == worker[i] && end[j] > start[i]) { print "overlap"; exit 1 }
            }
            print most
        }' "$1"
}

@test "pool_demo: tasks start in order, four at a time, and no worker idles" {
    in_three_tries four_at_a_time
}

# How many runs of lines of one process there are.
runs_of_lines() { awk '/^I am/ { print $4 }' <<<"$output" | uniq | wc -l; }

# As many as there are processes.
lines_together() {
    run_program "$demo" --buffered && expect_status 0 && expect_equal "$(tasks_seen)" "$all" &&
        expect_equal "$(runs_of_lines)" 4
}

@test "pool_demo: with a buffer the lines of a process come together" {
    in_three_tries lines_together
}

# The first four lines are from four processes.
lines_as_printed() {
    run_program "$demo" && [ "$(runs_of_lines)" -gt 4 ] &&
        expect_equal "$(head -n 4 <<<"$output" | awk '{ print $4 }' | sort -u | wc -l)" 4
}

@test "pool_demo: without, they come as they are printed" { in_three_tries lines_as_printed; }

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
