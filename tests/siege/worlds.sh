#!/usr/bin/env bash
# worlds.sh MAKE BUILD [WORLD...]: the pool with another C library, at other levels of the
# optimizer and on other processors. Each world is built in BUILD/worlds and runs what is
# written for it below, one line each.
#
# qemu runs the programs of the other processors here, without a kernel of theirs. What that
# can't show: the order in which such a processor may do its loads and stores (an x86 host
# keeps its own, which is stricter: see the model and the comments at each atomic), memory
# given back to the system (MADV_REMOVE is ignored), ptrace (step), strace (faults), limits on
# memory and processes (they hit qemu itself), a terminal (deaths). It does show what a compiler
# makes of the atomics there, a char without a sign, other system call numbers and structures.
set -u
cd "$(dirname "$0")/../.." || exit
make=$1 build=$2/worlds
shift 2
export QEMU_RESERVED_VA=2G # qemu keeps books of each page: with 64 GiB, for seconds
export SEED=${SEED:-1}

promises=(exactly_once no_hang crash_costs_one stopping options misuse many_at_once good_guest
    submit_never_blocks few_wakes timeouts)
emulated=(exactly_once no_hang crash_costs_one stopping options misuse many_at_once good_guest)
steps=(step --every 7 one_task wake_next closing)
storm=(storm --tasks 150000 --long 300 --workers 3 --seed "$SEED")
failed=0

# The kernel's headers, and nothing of the other C library.
kernel_headers() {
    local asm
    asm=$(echo '#include <asm/unistd.h>' | gcc -E -M -xc - | grep -o '[^ ]*/asm/unistd\.h')
    mkdir -p "$build/headers"
    ln -sfn /usr/include/linux "$build/headers/linux"
    ln -sfn /usr/include/asm-generic "$build/headers/asm-generic"
    ln -sfn "${asm%/unistd.h}" "$build/headers/asm"
}

build_world() {
    local world=$1 log=$build/$1.log
    shift
    mkdir -p "$build"
    "$make" --no-print-directory -j2 WERROR=1 BUILD="$build/$world" "$@" >"$log" 2>&1 && return
    printf '%-9s does not build:\n' "$world"
    grep -A 9 -m 3 -iE 'error|undefined|not found' "$log"
    failed=1
    return 1
}

# one WORLD RUNNER PROGRAM ARGUMENTS...: in a session of its own, which must be empty
# afterwards. RUNNER may be empty.
one() {
    local world=$1 runner=$2 program=$3 log=$build/output left status=0 start=$EPOCHREALTIME
    shift 3
    # shellcheck disable=SC2086 # no runner, no word
    setsid timeout -k 1 120 $runner "$build/$world/tests/$program" "$@" >"$log" 2>&1 </dev/null &
    wait $! || status=$?
    left=$(ps -s $! -o pid=,stat=,comm= | awk '$2 !~ /^Z/')
    if [ "$status" -eq 0 ] && [ -z "$left" ]; then
        printf '%-9s %-28s ok      %5.1f s\n' "$world" "$program" \
            "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
        return
    fi
    printf '%-9s %-28s FAILED: status %s, left behind: %s\n' "$world" "$program" \
        "$status" "${left:-nobody}"
    grep -av '^qemu: uncaught' "$log" | tail -n 15
    [ -z "$left" ] || pkill -KILL -s $!
    failed=1
}

programs() {
    local world=$1 runner=$2 program
    shift 2
    for program; do one "$world" "$runner" "promises/$program"; done
    one "$world" "$runner" siege/misuse
    one "$world" "$runner" "siege/${storm[0]}" "${storm[@]:1}"
}

native() {
    local world=$1
    build_world "$@" siege promises || return
    programs "$world" "" "${promises[@]}"
    one "$world" "" siege/regress
    one "$world" "" "siege/${steps[0]}" "${steps[@]:1}"
    one "$world" "" siege/limits
}

# All that the suite has for chapters, promises and siege. FULL=1: in each native world.
suite() {
    local world=$1 log=$build/$1.suite
    shift
    if "$make" --no-print-directory -j2 WERROR=1 BUILD="$build/$world" "$@" test \
        FILES="$(echo tests/0*.bats) tests/promises.bats tests/siege.bats" >"$log" 2>&1 </dev/null; then
        printf '%-9s %-28s ok      %s\n' "$world" suite "$(grep -c '^ok' "$log") tests"
    else
        printf '%-9s %-28s FAILED\n' "$world" suite
        grep -A 15 -E '^not ok|rror' "$log" | head -n 60
        failed=1
    fi
}

foreign() {
    local world=$1
    storm=(storm --tasks 20000 --long 100 --workers 3 --seed "$SEED")
    build_world "$world" CC="$world-linux-gnu-gcc" LDFLAGS=-static siege promises || return
    programs "$world" "qemu-$world" "${emulated[@]}"
    [ -z "${FULL:-}" ] || for program in submit_never_blocks few_wakes timeouts in_order \
        nobody_left bounded_memory; do one "$world" "qemu-$world" "promises/$program"; done
}

[ $# -gt 0 ] || set -- musl O0 O3 aarch64 riscv64
for world; do
    case $world in
    musl)
        kernel_headers
        settings=(CC=musl-gcc CPPFLAGS="-idirafter $(realpath "$build")/headers")
        ;;
    O0) settings=(CFLAGS=-O0) ;;
    O2) settings=(CFLAGS=-O2) ;;
    # The linker sees all of the program at once, and inlines over files.
    O3) settings=(CFLAGS='-O3 -flto=auto') ;;
    aarch64 | riscv64)
        foreign "$world"
        continue
        ;;
    *)
        echo "worlds.sh: there is no world $world" >&2
        exit 2
        ;;
    esac
    if [ -n "${FULL:-}" ]; then
        suite "$world" "${settings[@]}"
    else
        native "$world" "${settings[@]}"
    fi
done
[ "$failed" -eq 0 ] && echo "all well"
