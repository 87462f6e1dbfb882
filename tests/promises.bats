#!/usr/bin/env bats
# What the pool promises: a program for each, in tests/promises/.

load helpers

promise() {
    run_program "$BUILD/tests/promises/$1" "${@:2}"
    expect_status 0
    expect_equal "$output" ok
}

@test "promise 1: submit never blocks, never runs the task in the caller" { promise submit_never_blocks; }
@test "promise 2: a task runs once, or is reported lost once" { promise exactly_once; }
@test "promise 3: in order, and no worker idles while a task waits" { promise in_order; }
@test "promise 4: a crash costs one task" { promise crash_costs_one; }
@test "promise 5: no hang, even when the foreman is killed" { promise no_hang; }
@test "promise 6: nothing is left behind by pool_close()" { promise nobody_left; }

# The session of that process is empty within a second; if not, it is ended.
expect_no_survivors() {
    wait_until 1 no_survivors "$1" || {
        survivors "$1"
        kill_session KILL "$1"
        return 1
    }
}

one_is_leaving() { [ -n "$(in_session "$1" leaving)" ]; }

@test "promise 6: no process survives the program, however it ends" {
    for end in exit 2 6 9 11 15; do
        setsid timeout --foreground "$(guard 20)" "$BUILD/tests/promises/nobody_left" "$end" \
            >/dev/null 2>&1 3>&- &
        leader=$!
        # exit() waits for the tasks, which never end: it is to be killed meanwhile.
        [ "$end" != exit ] || {
            wait_until 10 one_is_leaving "$leader"
            kill_session TERM "$leader" leaving
        }
        wait "$leader" || true
        expect_no_survivors "$leader" || {
            echo "after the program's end by $end"
            return 1
        }
    done
}

workers_are() { [ "$(in_session "$1" pool-worker | wc -l)" -eq "$2" ]; }

@test "promise 6: workers end when the program is killed from outside" {
    setsid timeout --foreground "$(guard 20)" "$BUILD/tests/promises/nobody_left" wait \
        >/dev/null 3>&- &
    leader=$!
    wait_until 10 workers_are "$leader" 3
    kill_session KILL "$leader" nobody_left
    expect_no_survivors "$leader"
}

@test "promise 7: text is printed once, and none is lost" {
    run_program "$BUILD/tests/promises/stdio"
    expect_status 0
    expect_equal "${lines[0]}" before
    expect_equal "${lines[-1]}" after
    expect_equal "$(sort <<<"$output" | grep -c '^task')" 10
    expect_equal "$(sort -u <<<"$output" | wc -l)" 12
    expect_equal "${#lines[@]}" 12
}

@test "promise 8: the program's signals and children are its own" { promise good_guest; }
@test "promise 9: timeouts are not early, and EINTR is not seen" { promise timeouts; }
@test "promise 10: tasks can be cancelled, stopped, limited in time" { promise stopping; }
@test "promise 11: memory is bounded by what is outstanding" { promise bounded_memory; }
@test "promise 12: results are read where they were written" { promise no_copies; }
@test "promise 13: misuse gets a clear error" { promise misuse ${NO_LIMITS:+--no-limits}; }
@test "promise 14: threads of the program share a pool" { promise threads; }
@test "promise 15: an event loop can wait for a pool" { promise event_loop; }
@test "promise 16: a pool ends in time, and says how many tasks did not" { promise end_in_time; }
@test "promise 17: a full queue can be waited for" { promise room; }
@test "promise 18: the right number of workers in a container" { promise containers; }
@test "promise 19: a worker's memory can be limited" { promise worker_memory; }
@test "promise 20: a crash says where" { promise crash_site; }
@test "futures: the first, all, in order of completion, and a map" { promise many_at_once; }
@test "waiting: many short tasks do not wake the program each" { promise few_wakes; }
@test "pool: options, and two pools in one program" { promise options; }
