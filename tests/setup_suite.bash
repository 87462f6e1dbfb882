# setup_suite.bash: once before all tests: what they run with, and that it was built.
# shellcheck shell=bash

setup_suite() {
    local build=${BUILD:-build}
    cd "$BATS_TEST_DIRNAME/.." || return 1
    {
        bats --version
        uname -srm
        echo "$(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg), build in $build"
    } | sed 's/^/# /' >&3
    [ -x "$build/03_pool/pool_demo" ] || {
        echo "nothing is built in $build: use 'make test'" >&2
        return 1
    }
}
