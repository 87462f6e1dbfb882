#!/usr/bin/env bats
# Chapter 6: errors and crashes.

load helpers

errors_program=$BUILD/06_errors/error_example
crash=$BUILD/06_errors/crash_example

# A child that is late reaches its time limit before its own end.
six_ends() {
    run_program "$BUILD/06_errors/smallest_error" && expect_status 0 && expect_equal "$output" "\
Task 0, status 0x0000: returned
Task 1, status 0x0700: failed with 7
Task 2, status 0x0100: failed with OW!
Task 3, status 0x0000: exited with status 0 before it returned
Task 4, status 0x0009: killed by signal 9 (Killed)
Task 5, status 0x000e: stopped at its time limit"
}
@test "smallest_error: six ends of a child, each in words" {
    in_three_tries six_ends
    expect_stair_usage "$BUILD/06_errors/smallest_error" 7
}

@test "error_example: ten outcomes in order, squares or OW!" {
    run_program "$errors_program"
    expect_status 0
    expect_match "$output" '^\[.*\]$'
    run -0 awk -F ', ' '{
            gsub(/^\[|\]$/, "")
            for (i = 1; i <= NF; i++)
                if ($i != (i - 1) ^ 2 && $i != "\047Failed with OW!!\047") { print "not right: " $i; exit 1 }
            print NF
        }' <<<"$output"
    expect_equal "$output" 10
}

@test "error_example: the same seed fails the same tasks, on any number of workers" {
    run_program "$errors_program" --seed 7
    first=$output
    expect_match "$first" "Failed"
    expect_match "$first" "[0-9]"
    for workers in 1 2 10; do
        run_program "$errors_program" --seed 7 --workers "$workers"
        expect_equal "$output" "$first"
    done
    run_program "$errors_program" --seed 8
    [ "$output" != "$first" ]
}

@test "error_example: about half of the tasks fail, and which ones is random" {
    failed=0
    for seed in $(seq 40); do
        run_program "$errors_program" --seed "$seed" --workers 2
        failed=$((failed + $(grep -o Failed <<<"$output" | wc -l)))
    done
    # 400 tosses: 200 on the average, 10 the standard deviation.
    [ "$failed" -gt 140 ] && [ "$failed" -lt 260 ]
    run_program "$errors_program"
    one=$output
    for _ in $(seq 20); do
        run_program "$errors_program"
        [ "$output" = "$one" ] || return 0
    done
    echo "always the same without a seed: $one"
    return 1
}

@test "crash_example: each future says what happened, and the pool goes on" {
    for workers in 1 2 9; do
        # No other task shall come near its limit.
        run_program "$crash" --workers "$workers" --limit "$(guard 2)000"
        expect_status 0
        expect_equal "$output" "task 0  square          0
task 1  write to NULL   killed by signal 11 (Segmentation fault)
task 2  abort()         killed by signal 6 (Aborted)
task 3  divide by zero  $(divide_by_zero)
task 4  square          16
task 5  _exit(3)        exited with status 3
task 6  loop for ever   stopped at its time limit
task 7  be killed       killed by signal 9 (Killed)
task 8  square          64"
    done
}

# Only x86 traps; other processors give a result.
divide_by_zero() {
    case $(uname -m) in
    # The words are the C library's.
    x86_64 | i?86) grep -oE 'killed by signal 8 \((Floating point|Arithmetic) exception\)' <<<"$output" ;;
    *) awk '/^task 3/ { print $NF }' <<<"$output" ;;
    esac
}

@test "crash_example: a task that loops for ever is stopped after its limit of 0.5 s" {
    run_program "$crash"
    expect_elapsed 0.5 5
}

@test "threads_share: each thread has its own results, and one of them loses one" {
    for workers in 1 2 5; do
        run_program "$BUILD/06_errors/threads_share" --workers "$workers"
        expect_status 0
        expect_equal "$output" "thread 1: 5 results, 0 lost, sum 52030
thread 2: 4 results, 1 lost, sum 162821
thread 3: 5 results, 0 lost, sum 456030
thread 4: 5 results, 0 lost, sum 808030"
    done
    expect_usage_error "$BUILD/06_errors/threads_share" --threads 101
    expect_output_failure "$BUILD/06_errors/threads_share"
}

@test "in_place: the same sum, copied or not" {
    run_program "$BUILD/06_errors/in_place" --mib 4
    expect_status 0
    expect_match "$output" "^copied: sum 549755289600, filled and submitted in [0-9]+ ms
in place: sum 549755289600, filled and submitted in [0-9]+ ms$"
    expect_usage_error "$BUILD/06_errors/in_place" --mib 0
    expect_output_failure "$BUILD/06_errors/in_place"
}

@test "error_example, crash_example: bad input and output that cannot be written" {
    expect_usage_error "$errors_program" --seed
    expect_usage_error "$errors_program" --seed x
    expect_usage_error "$errors_program" --seed=-1
    expect_usage_error "$crash" --workers 0
    expect_usage_error "$crash" now
    expect_output_failure "$errors_program"
    expect_output_failure "$crash"
}
