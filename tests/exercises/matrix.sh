#!/usr/bin/env bash
# matrix.sh starters|solutions|right|wrong|wrong-one|hostile...: judge what this tree holds, and
# compare with what must come out:
#   starters   NOT STARTED
#   solutions  PASSED; right, other solutions that are right, too
#   wrong      FAILED, wrong/HINT.c and wrong/HINT-variant.c with that hint; HINT.patch is a
#              difference to the reference; wrong-one: only the first of each exercise
#   hostile    programs that want points without work, or to do harm: NN_HINT-variant.c FAILED with
#              that hint; NN_passed-variant.c tries, in vain, and does the work, too
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

# patched PATCH HINT: the reference with this difference: sets file. A patch says its verdict.
patched() {
    local to
    to=$BUILD/exercises/patched/$name/$(basename "$1" .patch).c
    mkdir -p -- "$(dirname "$to")"
    if ! grep -qx "Verdict: FAILED $2" "$1" ||
        ! patch -s -o "$to" "tests/exercises/$name/solution.c" "$1" >&2; then
        echo "$1 does not fit, or does not say its verdict"
        echo "$1" >>"$problems"
        return 1
    fi
    file=$to
}

each() {
    local number chapter name file hint most=1000
    [ "$1" = wrong-one ] && most=1
    while read -r number chapter name _; do
        case $1 in
        starters)
            planned "$number" "tests/exercises/$name/starter.c" "NOT STARTED" starter
            # The learner's copy, unless it has been worked on.
            cmp -s "$chapter/exercises/$name/$name.c" "tests/exercises/$name/starter.c" || continue
            planned "$number" "$chapter/exercises/$name/$name.c" "NOT STARTED" starter
            ;;
        solutions) planned "$number" "tests/exercises/$name/solution.c" PASSED - ;;
        right)
            for file in tests/exercises/"$name"/right/*.c; do
                [ -e "$file" ] && planned "$number" "$file" PASSED -
            done
            ;;
        wrong | wrong-one)
            for file in $(find tests/exercises/"$name"/wrong -name '*.c' -o -name '*.patch' |
                sort | head -n "$most"); do
                hint=$(basename "$file")
                hint=${hint%.*}
                case $file in *.patch) patched "$file" "${hint%%-*}" || continue ;; esac
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
            number=${hint%%_*} hint=${hint#??_}
            case $hint in
            passed-*) planned "$number" "$file" PASSED - ;;
            *) planned "$number" "$file" FAILED "${hint%%-*}" ;;
            esac
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
