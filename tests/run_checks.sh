#!/usr/bin/env bash
# run_checks.sh MAKE TARGET...: run each check, keep its output in a file, show it if the check
# fails, and close with a line that counts. A test that was skipped did not pass.
set -u
make=$1
shift
log=${BUILD:-build}/checks
mkdir -p "$log"
passed=0 failed=0
for check in "$@"; do
    start=$SECONDS
    printf '%-24s' "$check"
    if "$make" --no-print-directory "$check" >"$log/$check.log" 2>&1 </dev/null &&
        ! grep -E '^ok [0-9]+ .*# skip' "$log/$check.log"; then
        passed=$((passed + 1))
        printf 'passed  %4d s\n' $((SECONDS - start))
    else
        failed=$((failed + 1))
        printf 'FAILED  %4d s, the end of %s:\n' $((SECONDS - start)) "$log/$check.log"
        tail -n 60 "$log/$check.log"
    fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
