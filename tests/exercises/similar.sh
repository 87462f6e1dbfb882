#!/usr/bin/env bash
# similar.sh: which files of a class are nearly the same, by similar.awk. The trees are those of
# `make grade-class`: DIRS or ROSTER. Called by `make similar`; PERCENT: from how much in common on a
# pair is named (80).
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
tree=.
. tests/exercises/common.sh
. tests/exercises/roster.sh
: "${PERCENT:=80}"
similar=$PWD/tests/exercises/similar.awk
read_roster
place=$(mktemp -d) || exit 2
trap 'rm -rf -- "$place"' EXIT

# The files are called 0001.c, 0002.c; say whose they are.
name_of() {
    local name
    if [ "$1" = reference ]; then
        printf 'the reference'
        return
    fi
    IFS= read -r -d '' name <"$class/trees/$1.name"
    printf '%s' "$name" | printable
}

found=0
for n in $(numbers); do
    pick "$n"
    rm -f -- "$place"/*.c
    [ ! -e "tests/exercises/$name/solution.c" ] ||
        cp -- "tests/exercises/$name/solution.c" "$place/reference.c"
    for index in $(indices); do
        read_tree "$index"
        # Nothing that has not been started, is too large or is a link.
        "$built/engine/look" "$tree" "$file" "tests/exercises/$name/starter.c" \
            "$place/$index.c" >/dev/null 2>&1 || rm -f -- "$place/$index.c"
    done
    while read -r one percent other; do
        found=$((found + 1))
        printf '%s %-14s %3s %% of the file of %s is in that of %s\n' "$number" "$name" \
            "$percent" "$(name_of "$one")" "$(name_of "$other")"
    done < <(cd "$place" && ls ./*.c >/dev/null 2>&1 &&
        awk -v PERCENT="$PERCENT" -f "$similar" ./*.c | sed 's#\./##g; s#\.c##g' | sort)
done
echo "$found pairs with $PERCENT % or more in common. Short exercises have few right solutions: look before you ask."
