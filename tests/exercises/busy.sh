#!/usr/bin/env bash
# busy.sh: every solution passes ten times over while two other processes want the processors.
# Called by `make check-exercises-busy`.
set -u
cd "$(dirname "$0")/../.." || exit 2
loops=()
for _ in 1 2; do
    timeout 900 bash -c 'while :; do :; done' &
    loops+=($!)
done
trap 'kill "${loops[@]}"' EXIT
# Build and judge once; then the judge alone, nine times.
tests/exercises/matrix.sh solutions || exit 1
failed=0 count=0
while read -r _ _ name _; do
    for _ in $(seq 9); do
        count=$((count + 1))
        "$BUILD/tests/exercises/$name/judge" \
            "$BUILD/exercises/verdicts/$name/solution/program" >"$BUILD/exercises/busy" 2>&1 || {
            failed=$((failed + 1))
            echo "$name:"
            cat "$BUILD/exercises/busy"
        }
    done
done < <(grep -E '^[0-9]{2} ' tests/exercises/list)
printf '%d more judged, %d not passed\n' "$count" "$failed"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
