#!/usr/bin/env bash
# exercises.sh: what the classroom's make targets run: build a learner's file, have it judged,
# report. `make exercises`, `make exercise-01` and so on call it with CC, CFLAGS, ..., BUILD, and
# DIR, the tree whose solutions are looked at. Of that tree nothing is used but the learner's files.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
# Numbers have a point, and the compiler says "error", in any language.
export LC_ALL=C
: "${BUILD:=build}" "${CC:=cc}" "${CPPFLAGS:=}" "${CFLAGS:=-O2 -g}" "${LDFLAGS:=}" "${LDLIBS:=}"
: "${DIR:=.}" "${AUTOLAB:=}"
built=$BUILD/tests/exercises

# Fields of the list: number, chapter, name, title.
list() { grep -E '^[0-9]{2} ' tests/exercises/list; }

# pick NUMBER: sets number, chapter, name, title, source (the learner's file).
pick() {
    local line
    line=$(list | grep "^$1 ") || {
        echo "There is no exercise $1: make exercises lists them." >&2
        exit 2
    }
    read -r number chapter name title <<<"$line"
    source=$chapter/exercises/$name/$name.c
    [ "$DIR" = . ] || source=${DIR%/}/$source
}

# The code of a C file, without comments, white space and what it includes.
# shellcheck disable=SC2086 # the compiler may have words
essence() {
    sed '/^[[:space:]]*#[[:space:]]*include/d' "$1" | $CC -E -P -x c - 2>/dev/null |
        tr -d '[:space:]'
}

# A file that only differs from the starter in these has not been started.
started() {
    ! cmp -s "$source" "tests/exercises/$name/starter.c" &&
        [ "$(essence "$source")" != "$(essence "tests/exercises/$name/starter.c")" ]
}

# A path may have characters that mean something to sed.
as_regex() { printf '%s' "$1" | sed 's/[].*^$#()+?{}|\\[]/\\&/g'; }
short_paths() { sed -E "s#$(as_regex "$work/")##g; s#(^|[ :(])$(as_regex "$PWD/")#\1#g"; }

# record STATUS HINT TEXT: for what the judge did not see.
record() {
    printf 'status %s\nhint %s\npassed 0\nchecks 0\nseconds 0\ntext %s\n' "$1" "$2" "$3" \
        >"$work/record"
}

# Compile a copy, so that no file beside the learner's takes the place of one of ours; for half
# a minute and two gigabytes at the most.
# shellcheck disable=SC2086 # the compiler's flags are words
compile() {
    (
        ulimit -t 30 -v 2097152 -f 65536
        timeout -k 1 60 $CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra \
            -Werror=implicit-function-declaration \
            -I"$chapter/exercises/$name" -I03_pool -I04_futures -I06_errors \
            $CPPFLAGS $CFLAGS -c -o "$work/$name.o" "$work/$name.c"
    ) >"$work/compiler" 2>&1 </dev/null || return 1
    read -r -a objects <"$built/$name/objects"
    $CC $CFLAGS $LDFLAGS -o "$work/program" "$work/$name.o" "${objects[@]}" $LDLIBS \
        >>"$work/compiler" 2>&1 || return 1
    chmod 755 "$work/program"
}

# judge: build and judge $source with $work to work in, which is made. What there is to say
# goes to $work/output, the verdict to $work/record.
judge() {
    local status=0
    rm -rf "$work"
    mkdir -p "$work" || exit 2
    : >"$work/output"
    if ! [ -f "$source" ] || ! cp "$source" "$work/$name.c"; then
        record "NOT STARTED" missing "There is no file $source; make reset-$number makes it."
    elif ! started; then
        record "NOT STARTED" starter "Write your solution into $source."
    elif [ "$(wc -c <"$source")" -gt 262144 ]; then
        record FAILED too_large "The file is larger than 256 KiB."
    elif ! compile; then
        record FAILED does_not_compile \
            "It does not compile: $(grep -m1 -E 'error|undefined|multiple definition' \
                "$work/compiler" | short_paths | tr -cd '[:print:]')"
        head -n 30 "$work/compiler" | short_paths >"$work/output"
    else
        "$built/$name/judge" --record "$work/record" "$work/program" >"$work/output" \
            2>"$work/trouble" </dev/null || status=$?
        if [ "$status" -gt 1 ] || ! [ -s "$work/record" ]; then
            cat "$work/trouble" >&2
            record "NOT JUDGED" trouble \
                "The judge ended with status $status: $(tr -cd '[:print:]' <"$work/trouble")"
        fi
    fi
}

# field FIELD: of the record.
field() { sed -n "s/^$1 //p" "$work/record"; }

# The verdict from last time, if nothing has changed since.
judge_if_changed() {
    if ! [ -s "$work/record" ] || ! cmp -s "$source" "$work/$name.c" ||
        ! [ "$work/record" -nt "$built/$name/judge" ] ||
        ! [ "$work/record" -nt "$built/$name/objects" ]; then
        judge
    fi
}

# One directory to work in for each tree and exercise.
work_for() {
    local tree
    tree=$(cd "$DIR" 2>/dev/null && pwd) || {
        echo "There is no directory $DIR." >&2
        exit 2
    }
    work=$BUILD/exercises/$(printf '%s' "${tree#"$PWD"}" | tr -c 'a-zA-Z0-9._-' _)/$name
}

one() {
    pick "$1"
    work_for
    echo "Exercise $number, $name: $title"
    judge
    cat "$work/output"
    case $(field status) in
    PASSED)
        if [ -s "$work/compiler" ]; then
            echo "The compiler has something to say about it:"
            short_paths <"$work/compiler"
        fi
        local next
        next=$(next_after "$number")
        if [ -n "$next" ]; then echo "Next: make $next"; fi
        return 0
        ;;
    FAILED)
        if [ "$(field checks)" = 0 ]; then echo "FAILED"; fi
        echo "For a hint: make hint-$number"
        ;;
    "NOT STARTED")
        echo "NOT STARTED"
        field text
        echo "The task is in $chapter/exercises/$name/README.md."
        ;;
    *)
        field text
        return 2
        ;;
    esac
    return 1
}

# The first exercise behind this one that is not done, as far as is known.
next_after() {
    local n
    for n in $(list | awk -v after="$1" '$1 > after { print $1 }'); do
        (
            pick "$n"
            work_for
            [ "$(field status 2>/dev/null)" = PASSED ] && cmp -s "$source" "$work/$name.c"
        ) || {
            echo "exercise-$n"
            return
        }
    done
}

board() {
    local n next="" done=0 all=0 last="" mark
    for n in $(list | cut -d' ' -f1); do
        pick "$n"
        work_for
        judge_if_changed
        all=$((all + 1))
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
        printf '%s %s  %-12s %-14s %s\n' "$mark" "$number" "$(field status)" "$name" "$title"
    done
    printf '%d of %d done.' "$done" "$all"
    if [ -n "$next" ]; then
        pick "$next"
        printf ' Next: read %s/exercises/%s/README.md, then make exercise-%s.' "$chapter" "$name" "$next"
    fi
    echo
}

# hints NUMBER: one paragraph of the file hints after the other, one more each time.
hint() {
    pick "$1"
    local count=0 state=$BUILD/exercises/hints/$number
    [ -s "$state" ] && read -r count <"$state"
    count=$((count < 3 ? count + 1 : 3))
    mkdir -p "$(dirname "$state")" && echo "$count" >"$state"
    echo "Exercise $number, $name, hint $count of 3:"
    awk -v RS= -v n="$count" 'NR == n' "tests/exercises/$name/hints"
    if [ "$count" = 3 ]; then echo "There are no more hints. make solution-$number"; fi
}

reset() {
    pick "$1"
    local copy=1
    if [ -e "$source" ]; then
        if cmp -s "$source" "tests/exercises/$name/starter.c"; then
            echo "$source is as it was at the beginning."
            return 0
        fi
        while [ -e "$source.$copy~" ]; do copy=$((copy + 1)); done
        # Not mv: if the disk is full, what was written is still there.
        cp -p "$source" "$source.$copy~" || return 2
        echo "What you wrote is kept as $source.$copy~"
    fi
    mkdir -p "$(dirname "$source")" && cp "tests/exercises/$name/starter.c" "$source" || return 2
    echo "$source is as it was at the beginning."
}

solution() {
    pick "$1"
    echo "A solution of exercise $number is in tests/exercises/$name/solution.c"
    echo "Typical mistakes are beside it, in tests/exercises/$name/wrong."
}

# grade_all: judges everything in DIR; a line for each exercise, fields separated by tabs:
# number, chapter, name, status, hint, checks passed, checks, seconds, text.
grade_all() {
    local n
    for n in $(list | cut -d' ' -f1); do
        pick "$n"
        work_for
        judge
        printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$number" "$chapter" "$name" \
            "$(field status)" "$(field hint)" "$(field passed)" "$(field checks)" \
            "$(field seconds)" "$(field text | tr '\t' ' ')"
    done
}

grade() {
    local grades
    [ -d "$DIR" ] || {
        echo "There is no directory $DIR." >&2
        exit 2
    }
    grades=$(grade_all) || exit 2
    awk -F '\t' -f tests/exercises/to_json.awk <<<"$grades" >"$BUILD/grade.json" || exit 2
    awk -F '\t' -f tests/exercises/to_junit.awk <<<"$grades" >"$BUILD/grade.xml" || exit 2
    awk -F '\t' -v autolab="$AUTOLAB" -f tests/exercises/to_text.awk <<<"$grades"
}

# class TREE...: one line of CSV for each tree. A tree that is not there has a line, too.
class() {
    local tree missing=0
    if [ $# -eq 0 ]; then
        echo 'Which trees? make grade-class DIRS="one two three"' >&2
        exit 2
    fi
    {
        printf 'tree,score,of'
        list | awk '{ printf ",%s_%s", $1, $3 } END { print "" }'
        for DIR in "$@"; do
            tree=$DIR
            if [ -d "$tree" ]; then
                grade_all
            else
                list | awk -v OFS='\t' '{ print $1, $2, $3, "NO TREE", "-", 0, 0, 0, "" }'
            fi | awk -F '\t' -v tree="$tree" -f tests/exercises/to_csv.awk
        done
    } | tee "$BUILD/class.csv"
    for tree in "$@"; do [ -d "$tree" ] || missing=1; done
    return "$missing"
}

# verdict NUMBER FILE: of this file in place of the learner's. For the tests.
verdict() {
    pick "$1"
    source=$2
    work=$BUILD/exercises/verdicts/$name/$(basename "$2" .c)
    judge
    printf '%s\t%s\t%s\n' "$(field status)" "$(field hint)" "$(field text)"
}

command=${1:-}
case $command in
one | verdict | board | hint | reset | solution | grade | class)
    shift
    "$command" "$@"
    ;;
*)
    echo "usage: exercises.sh one|hint|reset|solution NN | board | grade | class TREE..." >&2
    exit 2
    ;;
esac
