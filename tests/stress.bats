#!/usr/bin/env bats
# The stress programs, each for a second or two. Longer runs are in `make check`.

load helpers

stress() {
    run_program "$BUILD/tests/stress/$1" "${@:2}"
    expect_status 0
}

@test "stress: no bug that was found has come back" { stress regress; }

@test "stress: nothing of the program's happens in a worker, and nothing outlives its reason" {
    stress borders
}

@test "stress: the queue alone: order, growth, cancelled tasks, blocks used again" { stress queue_test; }

@test "stress: a batch hands out ends in their order, whenever they come" { stress order_test; }

@test "stress: cancelled tasks take no room, cost a constant, and come out in order" { stress cancelled; }

@test "stress: memory and maps at their borders" { stress memory; }

@test "stress: a trace that cannot be written costs the program nothing" { stress traces; }

@test "stress: misuse, and unusual programs" { stress misuse; }

@test "stress: workers killed at random lose nothing but the tasks they ran" {
    stress random_kills --tasks 150000 --long 300 --workers 3 --seed "${SEED:-1}"
}

@test "stress: a worker may die after any instruction" {
    # The sanitizers add many instructions: take larger steps.
    local every=13
    [[ $BUILD != */asan ]] || every=499
    stress kill_each_instruction --every "$every" one_task wake_next closing
}

@test "stress: the program and its foreman may die at any stage, at the terminal too" {
    stress parent_deaths --rounds 1
}

@test "stress: what a limit refuses is refused, the rest goes on" { stress limits; }

# `make check-mutants` takes too long for every change; whether its patches still apply does not.
@test "stress: the mutants are of the sources as they are" {
    need_tools patch
    run bash tests/stress/mutants.sh make "$BUILD" --apply
    expect_status 0
    expect_match "$output" '^[0-9]{2} mutants, 0 out of date$'
}
