#!/usr/bin/env bats
# The pool under attack: what takes a second or two. The rest is in `make check`.

load helpers

siege() {
    run_program "$BUILD/tests/siege/$1" "${@:2}"
    expect_status 0
}

@test "siege: no bug that was found has come back" { siege regress; }

@test "siege: misuse, and programs with a life of their own" { siege misuse; }

@test "siege: a short storm of kills loses nothing" {
    siege storm --tasks 150000 --long 300 --workers 3 --seed "${SEED:-1}"
}

@test "siege: a worker may die after any instruction" {
    # The sanitizers add many instructions; the steps in between are theirs.
    local every=13
    [[ $BUILD != */asan ]] || every=499
    siege step --every "$every" one_task wake_next closing
}

@test "siege: the program and its foreman may die at any stage, at the terminal too" {
    siege deaths --rounds 1
}

@test "siege: what a limit refuses is refused, the rest goes on" { siege limits; }

# `make check-mutants` is too long for every change; that its table is not out of date, is not.
@test "siege: the mutants are of the sources as they are" {
    run tests/siege/mutants.sh make "$BUILD" --apply
    expect_status 0
    expect_match "$output" '^[0-9]{2} mutants, 0 out of date$'
}
