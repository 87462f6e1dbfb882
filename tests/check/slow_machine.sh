#!/usr/bin/env bash
# slow_machine.sh [--fork MS] [--cpus N] [--busy N] [--nice N] COMMAND...: run the command on a
# machine made slow in these ways. The exit status is the command's.
#
#     --fork MS   each fork() takes MS milliseconds longer (slow_fork.c, preloaded)
#     --cpus N    the command may use only N CPUs
#     --busy N    N busy loops run beside it, on the same CPUs
#     --nice N    it runs at that nice value
#
#     tests/check/slow_machine.sh --cpus 1 .ci/run
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
build=${BUILD:-build} cpus="" busy=0 niceness=0
while [ $# -gt 1 ]; do
    case $1 in
    --fork)
        make --no-print-directory -s "$build/tests/check/slow_fork.so" >&2
        export SLOW_FORK_MS=$2
        preload=$(realpath "$build/tests/check/slow_fork.so")
        # A copy, because the command may remove the build directory.
        copy=$(mktemp --suffix=.so)
        cp "$preload" "$copy"
        chmod 755 "$copy" # also for programs that run as another user
        export LD_PRELOAD=$copy${LD_PRELOAD:+:$LD_PRELOAD}
        # AddressSanitizer must be the first library; only this handler may come before it.
        export ASAN_OPTIONS=verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
        ;;
    --cpus)
        # The first N CPUs that this process may use.
        cpus=$(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r first last; do
            seq "$first" "${last:-$first}"
        done | head -n "$2" | paste -sd,)
        ;;
    --busy) busy=$2 ;;
    --nice) niceness=$2 ;;
    *) break ;;
    esac
    shift 2
done
if [ $# -eq 0 ] || [[ $1 == --* ]]; then
    sed -n 's/^# \{0,1\}//p' "$0" | sed -n '2,10p' >&2
    exit 2
fi
[ -z "$cpus" ] || taskset -cp "$cpus" $$ >/dev/null
loops=()
# shellcheck disable=SC2317 # by the trap
finish() {
    [ "${#loops[@]}" -eq 0 ] || kill "${loops[@]}" 2>/dev/null || true
    [ -z "${copy:-}" ] || rm -f "$copy"
}
trap finish EXIT
for ((i = 0; i < busy; i++)); do
    (while :; do :; done) &
    loops+=($!)
done
status=0
nice -n "$niceness" "$@" || status=$?
exit "$status"
