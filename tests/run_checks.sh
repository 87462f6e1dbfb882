#!/usr/bin/env bash
# run_checks.sh MAKE TARGET... [-- TARGET...]: run each check and keep its output in a file. Of a
# check that fails, show the tests that failed, then the end of the output. Close with the names
# of all tests that failed and the number of checks that passed. A test that was skipped did not
# pass.
#
# At the start and before each check the speed of the machine is measured (tests/check/machine.h);
# the slower of both scales the guards of that check and is shown with a failure. The targets after
# -- build nothing that others use; once the first of the others is over, they run beside those, at
# low priority as long as there are any. The checks that can run for any length of time come last
# and share what is left of CHECK_MINUTES (18).
set -u
source tests/processes.bash
make=$1
shift
build=${BUILD:-build}
log=$build/checks
mkdir -p "$log"
rm -f "$log"/passed "$log"/failed "$log"/alone "$log"/*.log
touch "$log"/passed "$log"/failed

if "$make" --no-print-directory -s "$build/tests/check/measure" >"$log/measure.log" 2>&1; then
    measure_machine "$build"
    echo "This machine: $MACHINE"
fi

# A test that was skipped, as bats writes it.
skipped='^ok [0-9]+ .*# skip'

# failed_tests LOG: each test that failed and what bats says about it, at most 40 lines a test; each
# other line with FAILED and two more; 400 lines in all.
failed_tests() {
    awk '/^not ok / { lines = 40; bats = 1 }
        bats && !/^#|^not ok / { lines = bats = 0 }
        !bats && !/^ok / && /FAILED/ { lines = 3 }
        lines-- > 0 && shown++ < 400' "$1"
}

run_check() {
    local check=$1 start=$SECONDS
    local MACHINE=${MACHINE:-} MACHINE_FACTOR=${MACHINE_FACTOR:-} # for this check only
    [ ! -x "$build/tests/check/measure" ] || measure_machine "$build"
    if "${@:2}" "$make" --no-print-directory "$check" >"$log/$check.log" 2>&1 </dev/null &&
        ! grep -qE "$skipped" "$log/$check.log"; then
        echo "$check" >>"$log/passed"
        printf '%-24s passed  %4d s\n' "$check" $((SECONDS - start))
    else
        echo "$check" >>"$log/failed"
        printf '%-24s FAILED  %4d s, in %s:\n%s\nits end:\n%s\nmachine: %s\n' "$check" \
            $((SECONDS - start)) "$log/$check.log" "$(failed_tests "$log/$check.log")" \
            "$(tail -n 30 "$log/$check.log")" "${MACHINE:-not measured}"
    fi
}

beside=() others=() last=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    case $1 in
    check-random-kills | check-soak) last+=("$1") ;;
    *) others+=("$1") ;;
    esac
    shift
done
[ $# -eq 0 ] || beside=("${@:2}")

# The first one builds what the others need, too.
run_check "${others[0]}"
set -m # a process group of their own, so that they can be ended together
for check in "${beside[@]}"; do
    if [ -e "$log/alone" ]; then run_check "$check"; else run_check "$check" nice; fi
done &
set +m
trap 'kill -- -$! 2>/dev/null; exit 130' INT TERM
for check in "${others[@]:1}"; do run_check "$check"; done
# Each gets an equal share of the time that is left: 12 seconds at least, 80 at most.
for i in "${!last[@]}"; do
    left=$(((${CHECK_MINUTES:-18} * 60 - SECONDS) / (${#last[@]} - i)))
    export CHECK_SECONDS=$((left < 12 ? 12 : left > 80 ? 80 : left))
    run_check "${last[i]}"
done
# At low priority, those beside would get next to nothing on a machine that others keep busy. For the
# one that runs, only root may change it.
touch "$log/alone"
renice "$(nice)" -g "$!" >/dev/null 2>&1
wait
while read -r check; do
    grep -E "^not ok |$skipped" "$log/$check.log" | sed "s/^/$check: /" | grep . ||
        echo "$check: failed"
done <"$log/failed"
passed=$(wc -l <"$log/passed") failed=$(wc -l <"$log/failed")
printf '%d passed, %d failed, %d min %02d s\n' "$passed" "$failed" $((SECONDS / 60)) $((SECONDS % 60))
[ "$failed" -eq 0 ] && [ "$passed" -eq $((${#others[@]} + ${#last[@]} + ${#beside[@]})) ]
