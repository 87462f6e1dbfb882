# common.sh: find an exercise, build a learner's file, have it judged. Sourced by exercises.sh and
# grade.sh, which say in $tree whose files are looked at. Of that tree nothing is used but these.
# shellcheck shell=bash disable=SC2154 # tree and work are set by the scripts
set -u
export LC_ALL=C # messages of tools in one language, and text as bytes
: "${BUILD:=build}" "${CC:=cc}" "${CPPFLAGS:=}" "${CFLAGS:=-O2 -g}" "${LDFLAGS:=}" "${LDLIBS:=}"
: "${SEED:=}"
built=$BUILD/tests/exercises

# Fields of the list: number, chapter, name, hardness, minutes, title.
list() { grep -E '^[0-9]{2} ' tests/exercises/list; }
numbers() { list | cut -d' ' -f1; }

# pick NUMBER: sets number, chapter, name, hardness, minutes, title, file (the learner's, below
# the tree) and source (to show).
# shellcheck disable=SC2034 # not all of them are used in all scripts
pick() {
    local line
    line=$(list | grep "^$1 ") || {
        echo "There is no exercise $1. make exercises lists them." >&2
        exit 2
    }
    read -r number chapter name hardness minutes title <<<"$line"
    file=$chapter/exercises/$name/$name.c
    source=$file
    [ "$tree" = . ] || source=$tree/$file
}

# For what is shown: nothing but printable characters, so that no file name or message of a compiler
# moves the cursor or ends a line of a record.
printable() { tr '\n' ' ' | sed 's/[^[:print:]\t]/?/g; s/ *$//'; }
printable_lines() { sed 's/[^[:print:]\t]/?/g'; }

# record STATUS HINT TEXT: for what the judge did not see.
record() {
    local text
    text=$(printf '%s' "$3" | printable)
    printf 'status %s\nhint %s\npassed 0\nchecks %s\nseconds 0\nseed 0\ntext %s\n' "$1" "$2" \
        "$(scenes)" "$text" >"$work/record"
}

# How many checks the exercise has.
scenes() { grep -cE '^    \{"' "tests/exercises/$name/judge.c"; }

# field FIELD: of the record.
field() { sed -n "s/^$1 //p" "$work/record"; }

# What runs in the sandbox: compile the copy of the learner's file, look for code that would run
# before main(), leave no name of it visible but the functions asked for, link.
# shellcheck disable=SC2016 # for the inner shell
build_script='
name=$1 CC=$2 CPPFLAGS=$3 CFLAGS=$4 LDFLAGS=$5 LDLIBS=$6
shift 6
for tool in "${CC%% *}" objcopy objdump nm; do
    command -v "$tool" >/dev/null ||
        { echo "There is no $tool in the sandbox, which has no home directories." >&2; exit 126; }
done
$CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror=implicit-function-declaration -I. \
    $CPPFLAGS $CFLAGS -fno-lto -fmax-errors=20 -c -o learner.o "$name.c" >&2 || exit 11
case $CFLAGS in
*-fsanitize*) ;;
*)
    if objdump -h learner.o | grep -qE " \.(init|init_array|preinit_array|ctors)" ||
        nm learner.o | grep -q " [iI] "; then exit 12; fi
    ;;
esac
objcopy "$@" learner.o own.o || exit 13
$CC $CFLAGS $LDFLAGS -o program own.o harness.o $LDLIBS >&2 || exit 13
cat program >&3 || exit 14
'

# The options of objcopy for this exercise.
symbols() {
    local kind symbol
    while read -r kind symbol; do
        case $kind in
        function) printf '%s\n' "--keep-global-symbol=$symbol" ;;
        watch) printf '%s\n' "--redefine-sym=$symbol=exercise_$symbol" ;;
        esac
    done <"tests/exercises/$name/symbols"
}

# Compile and link; the compiler's words go to $work/compiler. Returns what the script above does,
# or a number above 100 when a limit ended it.
compile() {
    local header inputs=() options
    for header in "$chapter/exercises/$name"/*.h 03_pool/*.h 04_futures/*.h 06_errors/*.h; do
        [ -e "$header" ] && inputs+=(--in "$header")
    done
    mapfile -t options < <(symbols)
    "$built/engine/confine" --in "$work/$name.c" --in "$built/$name/harness.o" "${inputs[@]}" \
        --out "$work/program" -- sh -c "$build_script" sh "$name" "$CC" "$CPPFLAGS" \
        "$CFLAGS" "$LDFLAGS" "$LDLIBS" "${options[@]}" >"$work/compiler" 2>&1 </dev/null
}

build_failed() {
    local first
    first=$(grep -aiE -m1 'error|undefined|multiple definition|out of memory|failed' "$work/compiler" |
        sed 's#/tmp/##g')
    : "${first:=$(tail -n 1 "$work/compiler")}"
    head -n 30 "$work/compiler" | printable_lines >"$work/output"
    case $1 in
    11) record FAILED does_not_compile "It does not compile: $first" ;;
    12)
        record FAILED before_main \
            "It has code that runs before main(): a constructor, or a section of that kind. \
Nothing of it may run before its function is called."
        ;;
    13) record FAILED does_not_compile "It compiles, but does not link: $first" ;;
    126) record "NOT JUDGED" trouble "The compiler could not be run: $(tail -n 1 "$work/compiler")" ;;
    *)
        record FAILED does_not_compile "The compiler or the linker was ended: it took too much \
time or memory, or what it wrote was too large."
        ;;
    esac
}

run_judge() {
    local status=0
    JUDGE_SEED=$SEED "$built/$name/judge" --record "$work/record" ${all:+--all} \
        "$work/program" >"$work/output" 2>"$work/trouble" </dev/null || status=$?
    if [ "$status" -gt 2 ] || ! [ -s "$work/record" ]; then
        record "NOT JUDGED" trouble \
            "The judge ended with status $status: $(tail -n 1 "$work/trouble")"
    fi
}

# One verdict at a time in $work: it may be that `make watch` is at it. Where there are no locks, as
# in some file systems, there is none.
lock_work() {
    local status=0
    exec 9>"$work.lock" || return
    flock -n 9 2>/dev/null || status=$?
    [ "$status" -eq 1 ] || return 0
    echo "Another verdict on this exercise is under way; waiting for it." >&2
    flock 9
}

# judge: take the learner's file, build it and judge it, in $work. What there is to say goes to
# $work/output, the verdict to $work/record. With $cache set, a verdict on the same file from the
# same judge is taken again.
judge() {
    local said status=0
    mkdir -p -- "${work%/*}" && lock_work || exit 2
    # What can't be removed would be an old verdict.
    rm -rf -- "$work" && mkdir -- "$work" && : >"$work/output" || exit 2
    said=$("$built/engine/look" "$tree" "$file" "tests/exercises/$name/starter.c" \
        "$work/$name.c") || status=$?
    case $status in
    0) judge_copy 9>&- ;; # no process of the program may keep the lock
    3) record "NOT STARTED" missing "There is no file $source. make reset-$number makes it." ;;
    4) record "NOT STARTED" starter "Write your solution into $source." ;;
    5) record FAILED not_acceptable "$said" ;;
    *) record "NOT JUDGED" trouble "$said" ;;
    esac
}

judge_copy() {
    local status=0 kept
    kept=$(kept_at)
    if [ -n "${cache:-}" ] && [ -s "$kept/record" ]; then
        cp -- "$kept/record" "$kept/output" "$work"
        return
    fi
    compile || status=$?
    if [ "$status" -ne 0 ]; then build_failed "$status"; else run_judge; fi
    [ -n "${keep_program:-}" ] || rm -f -- "$work/program"
    keep "$kept"
}

# Where a verdict on this copy is kept: a name made of all that it depends on.
kept_at() {
    local key
    key=$({
        printf '%s\n' "$CC" "$CPPFLAGS" "$CFLAGS" "$LDFLAGS" "$LDLIBS" "$SEED" "${all:-}"
        cat -- "$work/$name.c" "$built/$name/judge" "$built/$name/harness.o"
    } | sha256sum | cut -d' ' -f1)
    printf '%s' "$BUILD/exercises/verdicts-kept/$name/$key"
}

# In one step: others may keep or read the same.
keep() {
    local new
    case $(field status) in PASSED | FAILED) ;; *) return ;; esac
    mkdir -p -- "$(dirname "$1")" && new=$(mktemp -d "$1.XXXXXX") || return
    cp -- "$work/record" "$work/output" "$new"
    mv -T -- "$new" "$1" 2>/dev/null || rm -rf -- "$new"
}
