#!/usr/bin/env bash
# busy.sh: every solution passes ten times over while two other processes want the processors.
# Called by `make check-exercises-busy`.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
loops=()
for _ in 1 2; do
    timeout 900 bash -c 'while :; do :; done' &
    loops+=($!)
done
trap 'kill "${loops[@]}"' EXIT
# Build and judge once; then the judge alone, nine times.
bash tests/exercises/matrix.sh solutions || exit 1
# again NAME TIME: once more.
again() {
    local said=$BUILD/exercises/busy.$1.$2
    if "$BUILD/tests/exercises/$1/judge" \
        "$BUILD/exercises/verdicts/$1/solution/program" >"$said" 2>&1; then
        echo "$1 passed"
    else
        printf '%s did not pass:\n%s\n' "$1" "$(<"$said")"
    fi
}
export -f again
list=$(grep -E '^[0-9]{2} ' tests/exercises/list | cut -d' ' -f3)
# shellcheck disable=SC2016 # for the inner shell
said=$(for time in $(seq 9); do awk -v time="$time" '{ print $1, time }' <<<"$list"; done |
    xargs -P 4 -L 1 bash -c 'again "$@"' bash)
grep -v ' passed$' <<<"$said"
passed=$(grep -c ' passed$' <<<"$said")
wanted=$((9 * $(wc -l <<<"$list")))
printf '%d more judged, %d not passed\n' "$wanted" $((wanted - passed))
[ "$wanted" -gt 0 ] && [ "$passed" -eq "$wanted" ]
