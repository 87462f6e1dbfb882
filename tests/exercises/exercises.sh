#!/usr/bin/env bash
# exercises.sh: the learner's commands: `make exercises`, `make exercise-01` and so on call it with
# CC, CFLAGS, ..., BUILD, SEED; and in EXERCISES_TREE the tree whose solutions are looked at.
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
tree=${EXERCISES_TREE:-.}
. tests/exercises/common.sh

# One directory to work in for each tree and exercise.
work_for() {
    local place
    place=$(cd -- "$tree" 2>/dev/null && pwd -P) || {
        printf 'There is no directory %s.\n' "$tree" | printable >&2
        exit 2
    }
    work=$BUILD/exercises/own/$name
    [ "$tree" = . ] || work=$BUILD/exercises/$(printf '%s' "$place" | sha256sum | cut -c1-16)/$name
}

# What the exercise was about, what others do, what to look at next: three lines.
show_after() { [ ! -e "tests/exercises/$name/after" ] || cat "tests/exercises/$name/after"; }

passed() {
    local next
    if [ -s "$work/compiler" ]; then
        echo "The compiler has something to say about it:"
        printable_lines <"$work/compiler"
    fi
    show_after
    next=$(next_after "$number")
    if [ -n "$next" ]; then echo "Next: make $next"; fi
}

one() {
    pick "$1"
    work_for
    echo "Exercise $number, $name: $title"
    judge
    cat "$work/output"
    case $(field status) in
    PASSED)
        passed
        return 0
        ;;
    FAILED)
        if ! grep -qE '^FAILED' "$work/output"; then
            echo "FAILED"
            field text
        fi
        echo "For a hint: make hint-$number"
        ;;
    "NOT STARTED")
        echo "NOT STARTED"
        field text
        echo "The task is in $chapter/exercises/$name/README.md."
        ;;
    *)
        echo "NOT JUDGED: this is not the fault of your file."
        field text
        return 2
        ;;
    esac
    return 1
}

# The first exercise behind this one that is not done, as far as is known.
next_after() {
    local n
    for n in $(numbers | awk -v after="$1" '$1 > after'); do
        (
            pick "$n"
            work_for
            [ "$(field status 2>/dev/null)" = PASSED ] && cmp -s "$tree/$file" "$work/$name.c"
        ) || {
            echo "exercise-$n"
            return
        }
    done
}

stars() { printf '%.*s%.*s' "$hardness" '***' $((3 - hardness)) '...'; }

board() {
    local n next="" done=0 count=0 last="" mark cache=1
    for n in $(numbers); do
        pick "$n"
        work_for
        judge
        count=$((count + 1))
        mark="  "
        if [ "$(field status)" = PASSED ]; then
            done=$((done + 1))
        elif [ -z "$next" ]; then
            next=$number mark="->"
        fi
        if [ "$chapter" != "$last" ]; then
            echo "$chapter"
            last=$chapter
        fi
        printf '%s %s  %-12s %-14s %s %2d min  %s\n' "$mark" "$number" "$(field status)" \
            "$name" "$(stars)" "$minutes" "$title"
    done
    printf '%d of %d done.' "$done" "$count"
    if [ -n "$next" ]; then
        pick "$next"
        printf ' Next: read %s/exercises/%s/README.md, then make exercise-%s.' "$chapter" "$name" "$next"
    fi
    echo
}

# hint NUMBER: one paragraph of the file hints after the other, one more each time.
hint() {
    pick "$1"
    local count=0 state=$BUILD/exercises/hints/$number
    [ -s "$state" ] && read -r count <"$state"
    count=$((count < 3 ? count + 1 : 3))
    mkdir -p -- "$(dirname "$state")" && echo "$count" >"$state"
    echo "Exercise $number, $name, hint $count of 3:"
    awk -v RS= -v n="$count" 'NR == n' "tests/exercises/$name/hints"
    if [ "$count" = 3 ]; then echo "There are no more hints. make solution-$number"; fi
}

reset() {
    pick "$1"
    local copy=1
    if [ -e "$source" ]; then
        if cmp -s -- "$source" "tests/exercises/$name/starter.c"; then
            echo "$source is as it was at the beginning."
            return 0
        fi
        while [ -e "$source.$copy~" ]; do copy=$((copy + 1)); done
        # Not mv: if the disk is full, what was written is still there.
        cp -p -- "$source" "$source.$copy~" || return 2
        echo "What you wrote is kept as $source.$copy~"
    fi
    mkdir -p -- "$(dirname -- "$source")" &&
        cp -- "tests/exercises/$name/starter.c" "$source" || return 2
    echo "$source is as it was at the beginning."
}

solution() {
    pick "$1"
    if ! [ -e "tests/exercises/$name/solution.c" ]; then
        echo "The solutions are not in this tree. Your teacher has them."
        return 0
    fi
    echo "A solution of exercise $number is in tests/exercises/$name/solution.c"
    echo "Typical mistakes are beside it, in tests/exercises/$name/wrong."
}

# Wait until a learner's file is written to: by inotifywait or entr, where one of them is there. A
# file that is saved before they have begun to watch is missed by them; so no wait is a long one.
await_change() {
    if command -v inotifywait >/dev/null; then
        inotifywait -qq -t 5 -e close_write,moved_to,create "${watched[@]%/*}"
    elif command -v entr >/dev/null; then
        printf '%s\n' "${watched[@]}" | timeout --foreground 5 entr -npz true >/dev/null
    else
        sleep 1
    fi
    case $? in 0 | 2 | 124) ;; *) exit 2 ;; esac # changed, 5 s are over, the same; else: no watch
}

# For each file, when it was written, and its number.
dates() {
    local n
    for n in $(numbers); do
        pick "$n"
        printf '%s %s\n' "$n" "$(stat -c %y -- "$source" 2>/dev/null)"
    done
}

# watch: judges an exercise each time its file is saved, until it is interrupted.
watch() {
    local before after n watched=()
    for n in $(numbers); do
        pick "$n"
        [ -e "$source" ] && watched+=("$source")
    done
    [ "${#watched[@]}" -gt 0 ] || {
        echo "There is no exercise's file here." >&2
        exit 2
    }
    before=$(dates)
    echo "Save a file of an exercise, and it is judged. Ctrl-C ends this."
    while :; do
        after=$(dates)
        for n in $(comm -13 <(sort <<<"$before") <(sort <<<"$after") | cut -d' ' -f1); do
            echo
            (one "$n") # and let go of its lock
        done
        [ "$before" != "$after" ] || await_change
        before=$after
    done
}

# verdict NUMBER FILE: of this file in place of the learner's. For the tests.
verdict() {
    pick "$1"
    tree=.
    file=$2
    case $file in /*) tree=/ ;; esac
    source=$2
    keep_program=1 # for busy.sh
    work=$BUILD/exercises/verdicts/$name/$(basename "$2" .c)
    judge
    printf '%s\t%s\t%s\n' "$(field status)" "$(field hint)" "$(field text)"
}

command=${1:-}
case $command in
one | verdict | board | hint | reset | solution | watch)
    shift
    "$command" "$@"
    ;;
*)
    echo "usage: exercises.sh one|hint|reset|solution NN | board | watch" >&2
    exit 2
    ;;
esac
