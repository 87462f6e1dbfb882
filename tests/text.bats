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

@test "text: there are seven" {
    expect_equal "${#ALL_READMES[@]}" 7
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

@test "text: links lead somewhere" {
    for_each links_lead_somewhere "${ALL_READMES[@]}"
    finds links_lead_somewhere 'no such file: missing.c' <<<'see [missing](missing.c)'
    finds links_lead_somewhere 'no such heading: #missing' <<<'see [missing](#missing)'
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

@test "text: every chapter leads to the one before and the one behind" {
    for_each ways_lead_on "${chapters[@]}"
    finds ways_lead_on 'no way on' <<<$'# 1.\n\n[contents](../README.md)\n\n[contents](../README.md)'
    finds ways_lead_on 'a way to 03_pool' <<<$'# 1.\n\n[contents](../README.md) [3. pool →](../03_pool/)'
}

@test "text: good form" {
    for_each form_is_good "${ALL_READMES[@]}"
    finds form_is_good 'too long' <<<"$(printf 'word %.0s' {1..30})"
    finds form_is_good 'blanks at the end' <<<'word '
    finds form_is_good 'not a plain character' <<<'“word”'
    finds form_is_good 'says nothing' <<<'This is simply fork.'
    finds form_is_good 'twice' <<<'This is is fork.'
}
