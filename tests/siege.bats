#!/usr/bin/env bats
# The pool under attack: what takes a second or two. The rest is in `make check`.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    BUILD=${BUILD:-build}
    export BUILD
    make -s siege BUILD="$BUILD" 3>&-
}

setup() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    siege=$BUILD/tests/siege
}

# In a session of its own, which must be empty afterwards.
apart() {
    setsid --wait timeout 60 "$@" 3>&- &
    local leader=$! status=0
    wait "$leader" || status=$?
    if pgrep -s "$leader"; then
        echo "left behind in the session of $*"
        return 99
    fi
    return "$status"
}

@test "siege: no bug found before has come back" {
    run -0 apart "$siege/regress"
}

@test "siege: a short storm of kills loses nothing" {
    run -0 apart "$siege/storm" --tasks 150000 --long 300 --workers 3 --seed "${SEED:-1}"
}

@test "siege: a worker may die after any instruction" {
    run -0 apart "$siege/step" --every 13 one_task wake_next closing
}
