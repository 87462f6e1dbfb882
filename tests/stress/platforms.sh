#!/usr/bin/env bash
# platforms.sh MAKE BUILD [PLATFORM...]: test the pool with another C library, at other optimization
# levels and on other processors. Each platform is built in BUILD/platforms and runs the tests named
# for it below.
#
# qemu runs the programs of other processors here, on this kernel. That shows what the compiler
# makes of the atomics there, an unsigned char, other system call numbers and structures. It does
# not show:
#  - weaker memory ordering: an x86 host keeps its own, stricter order (see the model, and the
#    comments at each atomic operation);
#  - memory given back to the system (qemu ignores MADV_REMOVE);
#  - ptrace (kill_each_instruction), strace (fail_each_call), a terminal (parent_deaths);
#  - limits on memory and processes: they would apply to qemu itself.
# armhf has 32 bits.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit
source tests/processes.bash
make=$1 build=$2/platforms
shift 2
export QEMU_RESERVED_VA=2G # qemu tracks every page: 64 GiB would take it seconds
export SEED=${SEED:-1}

promises=(exactly_once no_hang crash_costs_one stopping options misuse many_at_once good_guest
    submit_never_blocks few_wakes timeouts)
emulated=(exactly_once no_hang crash_costs_one stopping options misuse many_at_once good_guest)
steps=(kill_each_instruction --every 7 one_task wake_next closing)
random_kills=(random_kills --tasks 150000 --long 300 --workers 3 --seed "$SEED")
failed=0

# The kernel's headers only, and none of the other C library.
kernel_headers() {
    local asm
    asm=$(echo '#include <asm/unistd.h>' | gcc -E -M -xc - | grep -o '[^ ]*/asm/unistd\.h')
    mkdir -p "$build/headers"
    ln -sfn /usr/include/linux "$build/headers/linux"
    ln -sfn /usr/include/asm-generic "$build/headers/asm-generic"
    ln -sfn "${asm%/unistd.h}" "$build/headers/asm"
}

build_platform() {
    local platform=$1 log=$build/$1.log
    shift
    mkdir -p "$build"
    "$make" --no-print-directory -j2 WERROR=1 BUILD="$build/$platform" "$@" >"$log" 2>&1 && return
    printf '%-9s does not build:\n' "$platform"
    grep -A 9 -m 3 -iE 'error:|undefined|not found' "$log"
    failed=1
    return 1
}

# one PLATFORM RUNNER PROGRAM ARGUMENTS...: run the program in a session of its own, which must be
# empty afterwards. RUNNER may be empty.
one() {
    local platform=$1 runner=$2 program=$3 log=$build/output left status=0 start=$EPOCHREALTIME
    shift 3
    # shellcheck disable=SC2086 # no runner, no word
    setsid timeout -k 1 "$limit" $runner "$build/$platform/tests/$program" "$@" >"$log" 2>&1 </dev/null &
    wait $! || status=$?
    left=$(in_session $!)
    if [ "$status" -eq 0 ] && [ -z "$left" ]; then
        printf '%-9s %-28s ok      %5.1f s\n' "$platform" "$program" \
            "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
        return
    fi
    printf '%-9s %-28s FAILED: status %s, left behind: %s\n' "$platform" "$program" \
        "$status" "${left:-no process}"
    grep -av '^qemu: uncaught' "$log" | tail -n 15
    kill_session KILL $!
    failed=1
}

# measure PLATFORM RUNNER: measure the speed of this machine as that platform.
measure() {
    # shellcheck disable=SC2086 # no runner, no word
    eval "$(env -u MACHINE -u MACHINE_FACTOR $2 "$build/$1/tests/check/measure")"
    export MACHINE MACHINE_FACTOR
    limit=$(guard 120)
    printf '%-9s %s\n' "$1" "$MACHINE"
}

programs() {
    local platform=$1 runner=$2 program
    shift 2
    measure "$platform" "$runner"
    for program; do one "$platform" "$runner" "promises/$program"; done
    one "$platform" "$runner" stress/misuse
    one "$platform" "$runner" "stress/${random_kills[0]}" "${random_kills[@]:1}"
}

native() {
    local platform=$1
    build_platform "$@" stress promises || return
    programs "$platform" "" "${promises[@]}"
    one "$platform" "" stress/regress
    one "$platform" "" stress/borders
    one "$platform" "" stress/memory
    one "$platform" "" stress/traces
    one "$platform" "" "stress/${steps[0]}" "${steps[@]:1}"
    one "$platform" "" stress/limits
}

# The tests of chapters, promises and stress. FULL=1: on each native platform.
suite() {
    local platform=$1 log=$build/$1.suite
    shift
    if "$make" --no-print-directory -j2 WERROR=1 BUILD="$build/$platform" "$@" test \
        FILES="$(echo tests/0*.bats) tests/promises.bats tests/stress.bats" >"$log" 2>&1 </dev/null; then
        printf '%-9s %-28s ok      %s\n' "$platform" suite "$(grep -c '^ok' "$log") tests"
    else
        printf '%-9s %-28s FAILED\n' "$platform" suite
        grep -A 15 -E '^not ok|rror' "$log" | head -n 60
        failed=1
    fi
}

foreign() {
    # Without a prefix for names of files qemu takes no lock of its own for them, which a child of
    # a program with several threads may find locked.
    local platform=$1 compiler=$1-linux-gnu-gcc runner="qemu-$1 -L /" flags=
    if [ "$platform" = armhf ]; then # 32 bits: too little address space to reserve
        compiler=arm-linux-gnueabihf-gcc runner='env -u QEMU_RESERVED_VA qemu-arm -L /'
        flags=-Wno-clobbered # gcc 14 warns in worker.c, where no call returns twice
    fi
    random_kills=(random_kills --tasks 20000 --long 100 --workers 3 --seed "$SEED")
    build_platform "$platform" CC="$compiler" CPPFLAGS="$flags" LDFLAGS=-static stress promises || return
    programs "$platform" "$runner" "${emulated[@]}"
    [ -z "${FULL:-}" ] || for program in submit_never_blocks few_wakes timeouts in_order \
        nobody_left bounded_memory; do one "$platform" "$runner" "promises/$program"; done
}

[ $# -gt 0 ] || set -- musl O0 O3 aarch64 riscv64 armhf
for platform; do
    case $platform in
    musl)
        kernel_headers
        settings=(CC=musl-gcc CPPFLAGS="-idirafter $(realpath "$build")/headers")
        ;;
    O0) settings=(CFLAGS=-O0) ;;
    O2) settings=(CFLAGS=-O2) ;;
    # Link-time optimization: functions are inlined across files.
    O3) settings=(CFLAGS='-O3 -flto=auto') ;;
    aarch64 | riscv64 | armhf)
        foreign "$platform"
        continue
        ;;
    *)
        echo "platforms.sh: there is no platform $platform" >&2
        exit 2
        ;;
    esac
    if [ -n "${FULL:-}" ]; then
        suite "$platform" "${settings[@]}"
    else
        native "$platform" "${settings[@]}"
    fi
done
[ "$failed" -eq 0 ] && echo "all well"
