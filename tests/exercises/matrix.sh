#!/usr/bin/env bash
# matrix.sh starters|solutions|right|wrong|wrong-one|hostile...: judge what this tree holds, and
# compare with what must come out:
#   starters   NOT STARTED
#   solutions  PASSED; right, other solutions that are right, too
#   wrong      FAILED, wrong/HINT.c and wrong/HINT-variant.c with that hint; wrong-one: only the
#              first of each exercise
#   hostile    FAILED: solutions of exercise 01 that must not pass, hang or do harm
# For make check and the tests; called by make, which sets BUILD, CC and so on.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
problems=$(mktemp) plan=$(mktemp)
trap 'rm -f "$problems" "$plan"' EXIT
export problems

# expect NUMBER FILE STATUS HINT
expect() {
    local status hint text
    IFS=$'\t' read -r status hint text < <(bash tests/exercises/exercises.sh verdict "$1" "$2")
    if [ "$status" = "$3" ] && [ "$hint" = "$4" ] && { [ "$3" = PASSED ] || [ -n "$text" ]; }; then
        printf '%-70s %s\n' "$2" "$status $hint"
        return
    fi
    echo "$2" >>"$problems"
    printf '%s\n    is %s %s, not %s %s\n    %s\n' "$2" "$status" "$hint" "$3" "$4" "$text"
}
export -f expect

# expect_all HOW_MANY: what stands in the plan, so many at a time: mostly, a judge waits.
expect_all() {
    # shellcheck disable=SC2016 # for the inner shell
    xargs -d '\n' -P "$1" -I '{}' bash -c 'IFS=";" read -r -a line <<<"$1"; expect "${line[@]}"' \
        bash '{}' <"$plan"
    count=$((count + $(wc -l <"$plan")))
    : >"$plan"
}

planned() { (IFS=';' && echo "$*") >>"$plan"; }

each() {
    local number chapter name file hint most=1000
    [ "$1" = wrong-one ] && most=1
    while read -r number chapter name _; do
        case $1 in
        starters)
            planned "$number" "tests/exercises/$name/starter.c" "NOT STARTED" starter
            # The learner's copy, unless somebody has been at work on it.
            git diff --quiet HEAD -- "$chapter/exercises/$name" 2>/dev/null || continue
            planned "$number" "$chapter/exercises/$name/$name.c" "NOT STARTED" starter
            ;;
        solutions) planned "$number" "tests/exercises/$name/solution.c" PASSED - ;;
        right)
            for file in tests/exercises/"$name"/right/*.c; do
                [ -e "$file" ] && planned "$number" "$file" PASSED -
            done
            ;;
        wrong | wrong-one)
            # shellcheck disable=SC2012 # names without spaces
            for file in $(ls tests/exercises/"$name"/wrong/*.c | head -n "$most"); do
                hint=$(basename "$file" .c)
                planned "$number" "$file" FAILED "${hint%%-*}"
            done
            ;;
        esac
    done < <(grep -E '^[0-9]{2} ' tests/exercises/list)
}

count=0
for matrix in "$@"; do
    case $matrix in
    starters | solutions | right | wrong | wrong-one)
        each "$matrix"
        expect_all 8
        ;;
    hostile)
        for file in tests/exercises/hostile/*.c; do
            hint=$(basename "$file" .c)
            planned 01 "$file" FAILED "${hint%%-*}"
        done
        expect_all 4
        ;;
    *)
        echo "usage: matrix.sh starters|solutions|right|wrong|wrong-one|hostile..." >&2
        exit 2
        ;;
    esac
done
wrong=$(wc -l <"$problems")
printf '%d judged, %d not as they should be\n' "$count" "$wrong"
[ "$wrong" -eq 0 ] && [ "$count" -gt 0 ]
