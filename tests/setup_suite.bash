# setup_suite.bash: runs once before all tests: sets what they need, and checks that it is there.
# shellcheck shell=bash

setup_suite() {
    local build=${BUILD:-build} tool missing=()
    cd "$BATS_TEST_DIRNAME/.." || return 1
    {
        bats --version
        echo "bash $BASH_VERSION"
        uname -srm
        echo "$(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg), build in $build"
    } | sed 's/^/# /' >&3

    for tool in setsid timeout awk; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if [ "${#missing[@]}" -gt 0 ]; then
        echo "the tests need ${missing[*]}: 'make test' says how to get them" >&2
        return 1
    fi
    # For the programs of this build.
    if [ -x "$build/tests/check/measure" ]; then
        source tests/processes.bash
        measure_machine "$build"
        echo "# $MACHINE" >&3
    fi
    if ! [ -x "$build/03_pool/pool_demo" ] || ! [ -x "$build/tests/reaps_children" ]; then
        echo "not everything is built in $build: use 'make test'" >&2
        return 1
    fi
    files_of_nobody >"$BATS_RUN_TMPDIR/before"
}

# What is in the tree and neither kept nor ignored. Elsewhere than in CI a reader may add files
# while the tests run.
files_of_nobody() { [ -z "${CI:-}" ] || git ls-files --others --exclude-standard 2>/dev/null || true; }

teardown_suite() {
    files_of_nobody >"$BATS_RUN_TMPDIR/after"
    diff "$BATS_RUN_TMPDIR/before" "$BATS_RUN_TMPDIR/after" || {
        echo "a test left these files in the tree" >&2
        return 1
    }
}
