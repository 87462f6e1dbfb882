#!/usr/bin/env bash
# run_checks.sh MAKE TARGET... [-- TARGET...]: run each check, keep its output in a file, show
# the end of it if the check fails, and close with a line that counts. A test that was skipped
# did not pass. Checks behind -- measure no time and share no directory: they run beside the
# others, at low priority, from when the first of those is over.
set -u
make=$1
shift
log=${BUILD:-build}/checks
mkdir -p "$log"
rm -f "$log"/passed "$log"/failed "$log"/*.log
touch "$log"/passed "$log"/failed

run_check() {
    local check=$1 start=$SECONDS
    if "${@:2}" "$make" --no-print-directory "$check" >"$log/$check.log" 2>&1 </dev/null &&
        ! grep -E '^ok [0-9]+ .*# skip' "$log/$check.log"; then
        echo "$check" >>"$log/passed"
        printf '%-24s passed  %4d s\n' "$check" $((SECONDS - start))
    else
        echo "$check" >>"$log/failed"
        printf '%-24s FAILED  %4d s, the end of %s:\n%s\n' "$check" $((SECONDS - start)) \
            "$log/$check.log" "$(tail -n 60 "$log/$check.log")"
    fi
}

beside=() others=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    others+=("$1")
    shift
done
[ $# -eq 0 ] || beside=("${@:2}")

# The first one builds what the others need, too.
run_check "${others[0]}"
set -m # a process group of their own, so that they can be ended together
for check in "${beside[@]}"; do run_check "$check" nice; done &
set +m
trap 'kill -- -$! 2>/dev/null; exit 130' INT TERM
for check in "${others[@]:1}"; do run_check "$check"; done
wait
passed=$(wc -l <"$log/passed") failed=$(wc -l <"$log/failed")
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -eq $((${#others[@]} + ${#beside[@]})) ]
