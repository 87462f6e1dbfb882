#!/usr/bin/env bats
# The texts: what they quote is in the sources, what they show is what programs print, what
# they name exists. Each check is also shown something wrong, which it has to find.

load helpers
load text/text

for_each() {
    local check=$1 readme bad=0
    shift
    for readme in "$@"; do
        "$check" "$readme" || bad=1
    done
    return $bad
}

# finds CHECK WORDS: the check fails for the text on stdin, and says these words. The text is
# that of a chapter, so that its place is like that of the real ones.
finds() {
    mkdir -p "$BATS_TEST_TMPDIR/01_fork"
    cat >"$BATS_TEST_TMPDIR/01_fork/README.md"
    run "$1" "$BATS_TEST_TMPDIR/01_fork/README.md"
    [ "$status" -eq 1 ]
    expect_match "$output" "$2"
}

chapters=(0?_*/README.md)

@test "text: there are eight" {
    expect_equal "${#ALL_READMES[@]}" 8
}

@test "text: quoted C stands so in a source file" {
    for_each quotes_are_verbatim "${ALL_READMES[@]}"
    finds quotes_are_verbatim 'in no source file:.*pid_t child = fork\(\) ;' <<'TEXT'
```c
    pid_t child = fork() ;
```
TEXT
    # Half a line is not a quote.
    finds quotes_are_verbatim 'in no source file' <<'TEXT'
```c
pid_t child = fork();
```
TEXT
}

@test "text: quoted comments stand so in their file" {
    for_each comments_are_verbatim "${ALL_READMES[@]}"
    finds comments_are_verbatim 'not in 01_fork/fork.c: one process becomes three' <<'TEXT'
<!-- from: 01_fork/fork.c -->
```text
one process becomes three
```
TEXT
    finds comments_are_verbatim 'not said from where' <<'TEXT'
```text
fork.c: one process becomes two.
```
TEXT
}

@test "text: the front page shows what is real" { runs_are_real README.md; }
@test "text: chapter 1 shows what is real" { runs_are_real 01_fork/README.md; }
@test "text: chapter 2 shows what is real" { runs_are_real 02_fork_split/README.md; }
@test "text: chapter 3 shows what is real" { runs_are_real 03_pool/README.md; }
@test "text: chapter 4 shows what is real" { runs_are_real 04_futures/README.md; }
@test "text: chapter 5 shows what is real" { runs_are_real 05_blocking_mistake/README.md; }
@test "text: chapter 6 shows what is real" { runs_are_real 06_errors/README.md; }

@test "text: what is shown and not real is found" {
    need_tools patch
    finds runs_are_real 'shown and real differ:.*N is the uncle' <<'TEXT'
```console
$ build/01_fork/fork
1 is the parent
2 is the child
1 is the uncle
```
TEXT
    finds runs_are_real 'no_such_program: No such file' <<'TEXT'
```console
$ build/01_fork/no_such_program
...
```
TEXT
    finds runs_are_real "this change can't be made" <<'TEXT'
```diff
--- 01_fork/fork.c
+++ 01_fork/fork.c
@@ -1 +1 @@
-no such line
+another
```
```console
$ true
```
TEXT
}

@test "text: commands can be pasted" {
    for_each can_be_pasted "${ALL_READMES[@]}"
    finds can_be_pasted "can't be pasted: >     sort" <<'TEXT'
```console
$ ls |
>     sort
```
TEXT
}

@test "text: pictures have words, and a source beside them" {
    for_each pictures_are_told "${ALL_READMES[@]}"
    finds pictures_are_told 'no words for ' <<<'![](fork.svg)'
    touch "$BATS_TEST_TMPDIR/01_fork/drawn.svg"
    finds pictures_are_told 'no source of .*drawn.svg' <<<'![A drawing](drawn.svg)'
    touch "$BATS_TEST_TMPDIR/01_fork/drawn.dot"
    finds pictures_are_told 'not shown: .*drawn.svg' <<<'no picture'
}

@test "text: the picture of a future's states has those of the code" {
    coded=$(sed -n '/name\[\] = {/,/"running"/p' 04_futures/outcome.c | grep -oE '"[a-z]+"' | tr -d '"' |
        grep -vx misuse | sort -u)
    expect_equal "$(sed -n 's/^    \(pending;.*\)/\1/p' 04_futures/states.dot | tr -d ' \n' | tr ';' '\n' | sort -u)" "$coded"
}

@test "text: at most five new terms with a program" {
    for_each few_terms "${chapters[@]}"
    finds few_terms 'six terms or more: a. one, two, three, four, five, six' <<'TEXT'
## New here

| a | one, two, three, four, five, six |
TEXT
    finds few_terms 'never explained: zombie' <<<$'## New here\n\n| a | zombie |\n\n## Run it\n'
}

@test "text: links lead somewhere" {
    for_each links_lead_somewhere GLOSSARY.md "${PAGES[@]}"
    finds links_lead_somewhere 'no such file: missing.c' <<<'see [missing](missing.c)'
    finds links_lead_somewhere 'no such heading: #missing' <<<'see [missing](#missing)'
}

@test "text: every page leads to the glossary" {
    for_each leads_to_glossary "${PAGES[@]}"
    expect_equal "${#PAGES[@]}" "$({ git ls-files '*.md' 2>/dev/null | grep . ||
        find README.md 0?_* tests -name '*.md'; } | grep -vcx GLOSSARY.md)"
    finds leads_to_glossary 'no way to the glossary' <<<'the [glossary](GLOSSARY.md)'
}

@test "text: every term of the glossary is used" {
    for_each terms_are_used GLOSSARY.md
    [ "$(glossary_terms GLOSSARY.md | wc -l)" -ge 30 ]
    finds terms_are_used 'not used: quark' <<<'| **task**, **quark** | particle | what it is |'
}

@test "text: no page defines a term of the glossary again" {
    for_each defines_no_term "${PAGES[@]}"
    finds defines_no_term 'defined again: . bell' <<<'| bell | a 32-bit counter |'
}

@test "text: every function that is named exists" {
    for_each functions_exist "${ALL_READMES[@]}"
    finds functions_exist 'there is no pool_opne\(\)' <<<'Call `pool_opne()`.'
    # None is in the list of others' that is in the sources, or in no text.
    while read -r name; do
        [[ $name == --* ]] || run -1 grep -E "\<${name//./\\.}\(" "${SOURCES[@]}"
        grep -qF -e "$name" "${ALL_READMES[@]}"
    done <tests/text/names_of_others
}

@test "text: every constant and field that is named exists" {
    for_each names_exist "${ALL_READMES[@]}"
    finds names_exist 'there is no name slot->taks' <<<'It is in `slot->taks`.'
    finds names_exist 'there is no name FUTURE_LOSS' <<<'It is a `FUTURE_LOSS`.'
}

@test "text: every test that is named exists" {
    for_each tests_exist "${ALL_READMES[@]}"
    finds tests_exist "there is no test 'promise 99'" <<<"    make test FILTER='promise 99'"
}

# As pool.pml says: an inline has the name of the function that it mirrors, unless it is a helper.
@test "text: the model's steps have the names of the code's functions" {
    inlines_exist() {
        local name bad=0
        while read -r name; do
            grep -qE "\<$name\(" 03_pool/inside/*.[ch] || complain "$1" "there is no $name()" || bad=1
        done < <(awk '/^inline / { if (!helper) print $2; helper = 0 } /Helper of the model/ { helper = 1 }' "$1" |
            sed 's/(.*//')
        return $bad
    }
    inlines_exist tests/model/pool.pml
    finds inlines_exist 'there is no ring_worker\(\)' <<<'inline ring_worker()'
}

@test "text: the diagram has the states of the code and the steps of the table" {
    for_each diagrams_are_real "${ALL_READMES[@]}"
    spoilt() { sed "$1" 03_pool/inside/README.md | finds diagrams_are_real "$2"; }
    spoilt 's/WAITING --> CANCELLED: program/WAITING --> CANCELLED: worker/' 'steps:.*CANCELLED worker'
    spoilt '/NEW --> WAITING/d' 'steps:.*NEW WAITING program'
    spoilt 's/--> LOST/--> LOSS/' 'states:.*LOSS'
    spoilt '/^| `RUNNING` → `DONE`/d' 'steps:.*RUNNING DONE worker'
}

@test "text: every file that is named exists" {
    for_each files_exist "${ALL_READMES[@]}"
    finds files_exist 'there is no forc.c' <<<'Look at `forc.c`.'
}

@test "text: every make target that is named exists" {
    for_each targets_exist "${ALL_READMES[@]}"
    [ "$(cat "${ALL_READMES[@]}" | grep -cE 'make [a-z0-9_-]+')" -ge 8 ]
    finds targets_exist 'there is no make 07_threads' <<<'    make 07_threads'
}

@test "text: every option that is named exists" {
    for_each options_exist "${ALL_READMES[@]}"
    finds options_exist 'no program has the option --wrokers' <<<'With `--wrokers 3` it is faster.'
}

@test "text: every chapter has its sections" {
    for_each sections_are_there "${chapters[@]}"
    finds sections_are_there 'its sections are Goal,Exercises,' <<<$'## Goal\nx\n## Exercises\nx'
    sections='Goal New_here Run_it How_it_works Python_beside_C Try_it Exercises'
    for section in $sections; do
        printf '## %s\n' "${section//_/ }"
        [ "$section" = Try_it ] || echo text
    done | finds sections_are_there 'an empty section: ## Try it'
}

@test "text: every exercise is named by its chapter" {
    while read -r number chapter name _; do
        grep -qF "| $((10#$number)) | [$name](exercises/$name/) |" "$chapter/README.md"
    done < <(grep -v '^#' tests/exercises/list)
    expect_equal "$(cat 0?_*/README.md | grep -cE '\]\(exercises/')" "$(grep -vc '^#' tests/exercises/list)"
}

@test "text: every chapter leads to the one before and the one behind" {
    for_each ways_lead_on "${chapters[@]}"
    finds ways_lead_on 'no way on' <<<$'# 1.\n\n[contents](../README.md)\n\n[contents](../README.md)'
    finds ways_lead_on 'a way to 03_pool' <<<$'# 1.\n\n[contents](../README.md) [3. pool →](../03_pool/)'
}

@test "text: good form" {
    for_each form_is_good GLOSSARY.md tests/README.md "${ALL_READMES[@]}"
    finds form_is_good 'too long' <<<"$(printf 'word %.0s' {1..30})"
    finds form_is_good 'blanks at the end' <<<'word '
    finds form_is_good 'not a plain character' <<<'“word”'
    finds form_is_good 'says nothing' <<<'This is simply fork.'
    finds form_is_good 'twice' <<<'This is is fork.'
}

# ---- Timelines -------------------------------------------------------------------------

timeline=05_blocking_mistake/timeline.sh

# event TRACK START-MS LENGTH-MS NAME END: a line of a trace.
event() {
    printf '{"name":"%s","cat":"%s","ph":"X","ts":%d.000,"dur":%d.000,"pid":7,"tid":%s},\n' \
        "$4" "$5" $(($2 * 1000)) $(($3 * 1000)) "$1"
}

a_trace() {
    cat <<'TRACE'
[
{"name":"process_name","ph":"M","pid":7,"args":{"name":"pool of 2"}},
{"name":"thread_name","ph":"M","pid":7,"tid":0,"args":{"name":"program"}},
{"name":"thread_name","ph":"M","pid":7,"tid":1,"args":{"name":"worker 1"}},
{"name":"thread_name","ph":"M","pid":7,"tid":2,"args":{"name":"worker 2"}},
TRACE
    event 1 0 300 'task 0' 'done'
    event 0 0 600 wait wait
    event 2 100 200 'task 1' lost
    event 1 300 300 'task 12' 'done'
    event 2 400 1 'task 3' 'done'
    event 2 402 1 'task 4' 'done'
    echo '{"name":"closed","ph":"i","ts":690000.000,"pid":7,"tid":0,"s":"p"}'
    echo ']'
}

@test "timeline: workers over time" {
    a_trace >"$BATS_TEST_TMPDIR/trace"
    run_program $timeline -f "$BATS_TEST_TMPDIR/trace"
    expect_status 0
    expect_equal "$output" "\
trace: a pool of 2, 0.69 s
program    ............................................................
worker 1   0=============================12============================
worker 2             1==================X          *
           |         |         |         |        |         |         |
           0 s       0.1       0.2       0.3      0.4       0.5       0.6
  (5=== task 5   ... the program waits   X the worker died)"
}

@test "timeline: tasks over time" {
    a_trace >"$BATS_TEST_TMPDIR/trace"
    run_program $timeline -t -f "$BATS_TEST_TMPDIR/trace"
    expect_status 0
    expect_equal "$output" "\
trace: a pool of 2, 0.69 s
program  ..............................................................
task 0   1==============================
task 1             2===================X
task 3                                            2
task 4                                            2
task 12                                1===============================
         |         |         |         |          |         |         |
         0 s       0.1       0.2       0.3        0.4       0.5       0.6
  (5=== worker 5 at work   ... the program waits   X the worker died)"
}

# What the programs show is as wide as a terminal, and there is a row for each worker.
eighty_columns() {
    run_program -t 120 env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory \
        BUILD="$BUILD" "timeline-$1" && expect_status 0 &&
        expect_match "$output" "$2" && expect_equal "$(awk 'length($0) > 80' <<<"$output")" "" &&
        expect_equal "$(grep $'\033' <<<"$output")" ""
}
@test "timeline: make timeline-03, -05, -06 fit 80 columns" {
    in_three_tries eighty_columns 03 'program +\.\.\.'
    in_three_tries eighty_columns 05 'program +\.\.\.'
    # The task that would loop for ever dies at its end.
    in_three_tries eighty_columns 06 'program +\.\.\..*task 6 +[12]=+X'
}

steps() { awk '/^task/ { match($0, /[0-9]+=/); print RSTART }' <<<"$output"; }
# Each begins further to the right than the one before.
staircase() {
    run_program $timeline -t "$BUILD/05_blocking_mistake/block_mistake" && expect_status 0 &&
        expect_equal "$(steps | wc -l)" 10 && expect_equal "$(steps)" "$(steps | sort -nu)"
}
# The last begins before the first ends.
wall() {
    run_program $timeline -t "$BUILD/05_blocking_mistake/block_fixed" && expect_status 0 &&
        [ "$(steps | sort -n | tail -n 1)" -lt "$(awk '/^task 0/ { print length($0) }' <<<"$output")" ]
}
@test "timeline: block_mistake is a staircase, block_fixed a wall" {
    in_three_tries staircase
    in_three_tries wall
}

@test "timeline: colour on a terminal, and only there" {
    need_tools script
    a_trace >"$BATS_TEST_TMPDIR/trace"
    at_terminal() { TERM=xterm script -qec "$*" "$BATS_TEST_TMPDIR/typescript" >/dev/null </dev/null; }
    at_terminal sh $timeline -f "$BATS_TEST_TMPDIR/trace"
    # Task 0, task 1, its death, the waits; and back to no colour.
    for code in '30;46m0=' '97;41mX' '33m\.' '0m'; do
        grep -q $'\033'"\[\(0;\)\?$code" "$BATS_TEST_TMPDIR/typescript"
    done
    sed 's/\x1b\[[0-9;]*m//g; s/ *\r$//; /^Script/d; /^$/d' "$BATS_TEST_TMPDIR/typescript" |
        diff - <(sh $timeline -f "$BATS_TEST_TMPDIR/trace")
    NO_COLOR=1 at_terminal sh $timeline -f "$BATS_TEST_TMPDIR/trace"
    run -1 grep $'\033' "$BATS_TEST_TMPDIR/typescript"
}

@test "timeline: bad input" {
    for arguments in -x '' '-f' '-f a b'; do
        # shellcheck disable=SC2086
        expect_usage_error $timeline $arguments
    done
    run_program $timeline -h
    expect_status 0
    expect_match "$output" '^usage: timeline.sh'
    run_program $timeline -f /no/such/trace
    expect_status 1
    expect_equal "$errors" "timeline.sh: cannot read /no/such/trace"
    run_program $timeline -f /dev/null
    expect_status 1
    expect_equal "$errors" "timeline: no tasks in the trace"
    run_program $timeline true
    expect_status 1
    expect_equal "$errors" "timeline.sh: true opened no pool"
    # The program's own status is not lost.
    run_program $timeline bash -c "$BUILD/03_pool/pool_demo --tasks 1; exit 3"
    expect_status 3
}

# ---- The trace -------------------------------------------------------------------------

check_trace=$BUILD/tests/text/check_trace

@test "trace: valid JSON, one named track for the program and each worker, no overlap" {
    while read -r tracks program; do
        # shellcheck disable=SC2086
        POOL_TRACE=$BATS_TEST_TMPDIR/trace run_program "$BUILD"/$program
        expect_status 0
        for trace in "$BATS_TEST_TMPDIR"/trace*; do
            run_program "$check_trace" "$trace"
            expect_status 0
        done
        expect_match "$output" "^$tracks tracks, [0-9]+ slices"
        expect_equal "$(grep -oE '"name":"(program|worker [0-9]+)"' "$trace" | sort -u | wc -l)" "$tracks"
        rm "$BATS_TEST_TMPDIR"/trace*
    done <<'PROGRAMS'
5 03_pool/pool_demo
4 04_futures/future_demo
11 05_blocking_mistake/block_mistake
11 05_blocking_mistake/block_fixed
4 06_errors/crash_example --workers 3 --limit 100
3 06_errors/checksum -j 2 Makefile LICENSE README.md
PROGRAMS
}

@test "trace: what is wrong with one is found" {
    a_trace >"$BATS_TEST_TMPDIR/good"
    run_program "$check_trace" "$BATS_TEST_TMPDIR/good"
    expect_status 0
    expect_equal "$output" "3 tracks, 6 slices"
    spoilt() {
        sed "$1" "$BATS_TEST_TMPDIR/good" >"$BATS_TEST_TMPDIR/spoilt"
        run_program "$check_trace" "$BATS_TEST_TMPDIR/spoilt"
        expect_status 1
        expect_match "$errors" "$2"
    }
    spoilt '$d' 'line 13: .,. expected'
    spoilt 's/"s":"p"}/&,/' "'\\{' expected"
    spoilt '/worker 1/d' 'track 1, which has no name'
    spoilt 's/worker 2/worker 1/' "two tracks are 'worker 1'"
    spoilt 's/"tid":2,"args"/"tid":1,"args"/' 'a second name for track 1'
    spoilt '/task 12/s/300000/299999/' "overlap on track 'worker 1', at 299999"
    spoilt 's/"dur":300000.000/"dur":300000,000/' "'\"' expected"
    spoilt 's/"ts":0.000/"ts":.5/' 'a digit expected'
    spoilt '/task 0/s/"pid":7/"pid":8/' 'two processes'
    spoilt '/task 0/s/,"dur":[0-9.]*//' 'a slice without a time'
    spoilt 's/task 0/task\\0/' 'an escape'
}

@test "pictures: colours that can be seen on white and on dark" {
    for picture in 0?_*/*.svg; do
        run_program awk -f tests/text/contrast.awk "$picture"
        expect_status 0
    done
    pictures=(0?_*/*.svg)
    expect_equal "${#pictures[@]}" 9
    # Each is shown by its chapter.
    for picture in "${pictures[@]}"; do
        grep -qF "](${picture##*/})" "${picture%/*}/README.md"
    done
    sed 's/#797979/#c0c0c0/; s/rgb(121, 121, 121)/rgb(192, 192, 192)/' 03_pool/timeline.svg >"$BATS_TEST_TMPDIR/pale.svg"
    run_program awk -f tests/text/contrast.awk "$BATS_TEST_TMPDIR/pale.svg"
    expect_status 1
    expect_match "$output" 'rgb\(192,192,192\): 1\.8 on white'
}
