#!/usr/bin/env bash
# mutants.sh MAKE BUILD [REGEX]: break a copy of the pool on purpose, one mistake at a time, and see
# that a check of a few seconds catches each of these mutants. A mutant is a patch in
# tests/stress/mutants, with two lines before the patch itself: "Mutant:", its name, and
# "Caught-by:", the program under build/tests with its arguments. A mutant that survives, a patch
# that does not apply and a mutant that does not compile are failures.
#
#     tests/stress/mutants.sh make build 'wake'        only mutants whose name matches
#     tests/stress/mutants.sh make build --apply       check only that each patch applies
#     tests/stress/mutants.sh make build --refresh     the same, and rewrite each patch to fit
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit
source tests/processes.bash
make=$1 out=$2/mutants regex=${3:-} only=
case $regex in --apply | --refresh) only=$regex regex= ;; esac
patches=() names=() checks=()
for patch in tests/stress/mutants/*.patch; do
    name=$(sed -n 's/^Mutant: //p' "$patch")
    [[ $name =~ $regex ]] || continue
    patches+=("$PWD/$patch")
    names+=("$name")
    checks+=("$(sed -n 's/^Caught-by: //p' "$patch")")
done
files_of() { sed -n 's/^+++ b\///p' "$1"; }

# A variable in the environment, to find and end the processes that a broken pool leaves behind.
export POOL_MUTANT=$$-$RANDOM$RANDOM
survivors() {
    grep -lzsx "POOL_MUTANT=$POOL_MUTANT" /proc/[0-9]*/environ | cut -d/ -f3 |
        grep -vx -e $$ -e "$BASHPID" || true
}

# run CHECK: set $end to how the check ended; false if it failed.
run() {
    local status=0 pid
    # shellcheck disable=SC2086 # program and arguments
    setsid timeout -k 1 "$limit" "$out"/build/tests/$1 >"$out/output" 2>&1 </dev/null &
    wait $! || status=$?
    [ -z "$(in_session $!)" ] || status=${status/#0/a process is left}
    kill_session KILL $!
    for pid in $(survivors); do kill -KILL "$pid" 2>/dev/null; done
    case $status in
    0) end="green" ;;
    124 | 137) end="hung" ;;
    *) end=$(grep -a -m 1 -oE "(tests/[^ ]*: |'|[0-9]+ states: ).*" "$out/output" | cut -c 1-90) ;;
    esac
    [ "$status" = 0 ]
}

build() {
    "$make" --no-print-directory -C "$out/source" -j2 BUILD="$out/build" \
        "${@/#/$out/build/tests/}" >"$out/log" 2>&1 </dev/null
}

# The copy that the mutants are applied to.
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "$out/source" "$out/build"
mkdir "$out/source"
cp -r Makefile 0* tests "$out/source"
rm -rf "$out/whole" # the tree as it is now: it may change while this runs
cp -r "$out/source" "$out/whole"
apply() { patch -s -f -p1 -d "$out/source" --no-backup-if-mismatch -r - <"$1" >"$out/log" 2>&1; }
# Restore the files, with newer times than the mutant's, so that make rebuilds.
restore() {
    local file
    for file in $(files_of "$1"); do cp "$out/whole/$file" "$out/source/$file"; done
}

# The same change, with the surrounding lines that the tree has now.
refresh() {
    local file
    sed '/^--- /,$d' "$1" >"$out/patch"
    for file in $(files_of "$1"); do
        diff -U 1 --label "a/$file" --label "b/$file" "$file" "$out/source/$file" >>"$out/patch"
    done
    cp "$out/patch" "$1"
}

if [ -n "$only" ]; then
    failed=0
    for i in "${!names[@]}"; do
        if ! apply "${patches[i]}"; then
            echo "no longer applies: ${patches[i]#"$PWD/"}: $(tail -n 1 "$out/log")"
            failed=$((failed + 1))
        elif [ "$only" = --refresh ]; then
            refresh "${patches[i]}"
        fi
        restore "${patches[i]}"
    done
    echo "${#names[@]} mutants, $failed out of date"
    exit $((failed > 0))
fi

mapfile -t programs < <(printf '%s\n' "${checks[@]%% *}" | sort -u)
build "${programs[@]}" || {
    tail "$out/log"
    exit 1
}
failed=0 limit=$(guard 300)
declare -A took=()
mapfile -t whole < <(printf '%s\n' "${checks[@]}" | sort -u)
for check in "${whole[@]}"; do
    SECONDS=0
    run "$check" || {
        echo "red without any mutant: $check: $end"
        exit 1
    }
    took[$check]=$SECONDS
done
for i in "${!names[@]}"; do
    start=$EPOCHREALTIME
    # A mutant may hang. Without a mutant, each check takes less than a third of this time.
    limit=$((3 * (took[${checks[i]}] + 2)))
    if ! apply "${patches[i]}"; then
        verdict="OUT OF DATE: $(tail -n 1 "$out/log")"
    elif ! build "${checks[i]%% *}"; then
        verdict="DOES NOT COMPILE: $(grep -m 1 error: "$out/log")"
    elif run "${checks[i]}"; then
        verdict="SURVIVED ${checks[i]}"
    else
        verdict="caught by ${checks[i]}: $end"
    fi
    restore "${patches[i]}"
    [[ $verdict == caught* ]] || failed=$((failed + 1))
    printf '%-52s %4.1f s  %s\n' "${names[i]}" \
        "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')" "$verdict"
done
printf '%d mutants, %d not caught\n' "${#names[@]}" "$failed"
[ "$failed" -eq 0 ] && [ "${#names[@]}" -gt 0 ]
