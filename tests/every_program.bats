#!/usr/bin/env bats
# What all programs of all chapters have in common.

load helpers

programs=("$BUILD"/0?_*/*)

for_each_program() {
    local program count=0
    for program in "${programs[@]}"; do
        if [ -f "$program" ] && [ -x "$program" ]; then
            "$@" "$program"
            count=$((count + 1))
        fi
    done
    [ "$count" -ge 9 ]
}

reaps() {
    run_program "$BUILD/tests/reaps_children" "$1"
    expect_status 0
}

helps() {
    # Fifteen lines explain themselves.
    [ "${1##*/}" != first_fork ] || return 0
    run_program "$1" --help
    expect_status 0
    expect_match "${lines[0]}" "^usage: ${1##*/}( |\$)"
    expect_equal "$errors" ""
}

@test "every program reaps its children" { for_each_program reaps; }
@test "every program explains itself" { for_each_program helps; }

@test "the program that looks for unreaped children finds them" {
    run_program "$BUILD/tests/reaps_children" bash -c 'sleep 0.1 & exec sleep 0.3'
    expect_status 99
    expect_match "$errors" 'left behind: process [0-9]+ \(sleep\)'
    run_program "$BUILD/tests/reaps_children" bash -c 'sleep 0.3 & exit 0'
    expect_status 99
}

# What a parent ignores, its children ignore: then wait() has nothing to tell.
not_deterred() {
    run_program bash -c "trap '' CHLD; exec '$1'"
    expect_status 0
    expect_equal "$errors" ""
}

@test "every program runs where the shell ignores SIGCHLD" { for_each_program not_deterred; }
