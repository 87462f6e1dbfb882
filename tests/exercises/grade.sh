#!/usr/bin/env bash
# grade.sh: the teacher's commands, which judge everything in one tree or in many: `make grade`,
# `make grade-class`. In the environment, beside what exercises.sh has:
#   EXERCISES_TREE   grade: the tree
#   EXERCISES_TREES  class: trees, separated by white space
#   ROSTER           class: a file with a tree in each line, and after a tab the student's name;
#                    or, with zero bytes between them, trees of any name
#   WEIGHTS          points for exercises, "03=2 09=3"; others have 1
#   JOBS             how many are judged at a time
#   AUTOLAB          grade: end with the line of scores that Autolab wants
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
tree=${EXERCISES_TREE:-.}
. tests/exercises/common.sh
. tests/exercises/roster.sh
: "${WEIGHTS:=}" "${AUTOLAB:=}" "${FRESH:=}"
: "${JOBS:=$(($(nproc 2>/dev/null || echo 1) * 4))}" # mostly, a judge waits
export BUILD CC CPPFLAGS CFLAGS LDFLAGS LDLIBS SEED FRESH

# weight NUMBER: points for it.
weight() {
    local one
    for one in $WEIGHTS; do
        if [ "${one%%=*}" = "$1" ]; then
            echo "${one#*=}"
            return
        fi
    done
    echo 1
}

check_weights() {
    local one
    for one in $WEIGHTS; do
        if ! [[ $one =~ ^[0-9]{2}=[0-9]+(\.[0-9]+)?$ ]] || ! list | grep -q "^${one%%=*} "; then
            echo "WEIGHTS: $one is not NN=POINTS of an exercise." >&2
            exit 2
        fi
    done
}

# The grade of the exercise that was picked: fields separated by tabs. Number, chapter, name,
# status, hint, checks passed, checks, seconds, weight, seed, text.
grade_line() {
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$number" "$chapter" "$name" \
        "$(field status)" "$(field hint)" "$(field passed)" "$(field checks)" \
        "$(field seconds)" "$(weight "$number")" "$(field seed)" "$(field text | tr '\t' ' ')"
}

# What judge() needs to go on after a check that failed, and to take what is known.
begin() {
    # shellcheck disable=SC2034 # for common.sh
    all=1 cache=1
    [ -z "$FRESH" ] || cache=
}

# ---- One tree ----

# part NUMBER: judge one exercise of the tree; its line goes to the file $parts/NUMBER.
part() {
    begin
    pick "$1"
    work=$parts/$name
    judge
    grade_line >"$parts/$1.new" && mv -- "$parts/$1.new" "$parts/$1"
}

grade() {
    local grades n status=0
    check_weights
    [ -d "$tree" ] || {
        printf 'There is no directory %s.\n' "$tree" | printable >&2
        echo >&2
        exit 2
    }
    parts=$(mktemp -d) || exit 2
    trap 'rm -rf -- "$parts"' EXIT
    export parts
    # shellcheck disable=SC2046 # numbers
    numbers | xargs -P "$JOBS" -n 1 bash tests/exercises/grade.sh part
    grades=$(for n in $(numbers); do cat -- "$parts/$n"; done)
    [ "$(grep -c . <<<"$grades")" -eq "$(numbers | grep -c .)" ] || exit 2
    report json <<<"$grades" >"$BUILD/grade.json" || exit 2
    report junit <<<"$grades" >"$BUILD/grade.xml" || exit 2
    report text -v autolab="$AUTOLAB" <<<"$grades" || status=$?
    return "$status"
}

# report FORMAT [OPTION...]: grades as that.
report() {
    local format=$1
    shift
    awk -F '\t' "$@" -f "tests/exercises/to_$format.awk"
}

# ---- A class ----

# class-part INDEX NUMBER: one exercise of one tree.
class_part() {
    begin
    read_tree "$1"
    pick "$2"
    mkdir -p -- "$class/work/$1"
    work=$class/work/$1/$name
    if [ -d "$tree" ]; then
        judge
    else
        rm -rf -- "$work"
        mkdir -p -- "$work"
        record "NO TREE" - "There is no such directory."
    fi
    grade_line >"$class/work/$1/$2.new" && mv -- "$class/work/$1/$2.new" "$class/work/$1/$2"
    echo .
}

# Dots come in; how far it is, and how long it may still take, goes to stderr.
progress() {
    local all=$1 done=0 start=$SECONDS left line last=-1
    while read -r line; do
        done=$((done + 1))
        left=$(((SECONDS - start) * (all - done) / done))
        if [ -t 2 ]; then
            printf '\r%d of %d, %d:%02d left ' "$done" "$all" $((left / 60)) $((left % 60)) >&2
        elif [ $((done * 10 / all)) -ne "$last" ]; then
            last=$((done * 10 / all))
            printf '%d of %d judged, about %d s left\n' "$done" "$all" "$left" >&2
        fi
    done
    [ ! -t 2 ] || echo >&2
}

# What is in a field of CSV, quoted.
class_csv() {
    local index name
    printf 'tree,name,score,of,points,of_points,not_judged'
    list | awk '{ printf ",%s_%s", $1, $3 } END { print "" }'
    for index in $(indices); do
        IFS= read -r -d '' name <"$class/trees/$index.name"
        read_tree "$index"
        tree=$tree student=$name report csv <"$class/work/$index/grades"
    done
}

# A file for each student, named after the tree.
feedback() {
    local index safe student
    rm -rf -- "$class/feedback" && mkdir -p -- "$class/feedback"
    for index in $(indices); do
        read_tree "$index"
        IFS= read -r -d '' student <"$class/trees/$index.name"
        safe=$(basename -- "$tree" | tr -c 'A-Za-z0-9._\n-' _ | tr '\n' _ | cut -c1-60)
        student=$(printf '%s' "$student" | printable) report markdown \
            <"$class/work/$index/grades" >"$class/feedback/$index-${safe%_}.md"
    done
}

class() {
    local index n jobs status=0
    check_weights
    read_roster
    rm -rf -- "$class/work"
    jobs=$(for n in $(numbers); do for index in $(indices); do echo "$index $n"; done; done)
    xargs -P "$JOBS" -L 1 bash tests/exercises/grade.sh class_part <<<"$jobs" |
        progress "$(wc -l <<<"$jobs")"
    for index in $(indices); do
        for n in $(numbers); do cat -- "$class/work/$index/$n"; done >"$class/work/$index/grades"
        [ "$(wc -l <"$class/work/$index/grades")" -eq "$(numbers | wc -l)" ] || exit 2
    done
    class_csv >"$BUILD/class.csv" || exit 2
    feedback
    cat "$BUILD/class.csv"
    cut -f4 "$class"/work/*/grades | grep -qx 'NOT JUDGED' && status=2
    cut -f4 "$class"/work/*/grades | grep -qx 'NO TREE' && status=1
    rm -rf -- "$class/work"
    return "$status"
}

command=${1:-}
case $command in
grade | class | part | class_part)
    shift
    "$command" "$@"
    ;;
*)
    echo "usage: grade.sh grade | class" >&2
    exit 2
    ;;
esac
