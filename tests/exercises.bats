#!/usr/bin/env bats
# The exercises: what the commands say, and that no verdict comes for nothing. All wrong solutions,
# and what is hostile, are in `make check-exercises`.

load helpers

export BUILD
exercises=tests/exercises/exercises.sh
grades=tests/exercises/grade.sh
first=01_fork/exercises/run_child/run_child.c

# A tree of a learner's: the exercises' files and nothing else.
make_tree() {
    tree=$BATS_TEST_TMPDIR/tree
    while read -r _ chapter name _; do
        mkdir -p "$tree/$chapter/exercises/$name"
        cp "tests/exercises/$name/${1:-starter}.c" "$tree/$chapter/exercises/$name/$name.c"
    done < <(grep -E '^[0-9]{2} ' tests/exercises/list)
    chmod -R u+w "$tree" # the tree of the tests may be for reading only
    export EXERCISES_TREE=$tree
}

# What grade writes goes elsewhere; what is built stays where it is.
own_build() {
    mkdir -p "$BATS_TEST_TMPDIR/build"
    ln -s "$(realpath "$BUILD/tests")" "$BATS_TEST_TMPDIR/build/tests"
    BUILD=$BATS_TEST_TMPDIR/build
}

@test "exercises: every starter is NOT STARTED, every solution passes" {
    run_program -t 120 bash tests/exercises/matrix.sh starters solutions
    expect_status 0
    expect_match "${lines[-1]}" '^[1-9][0-9]* judged, 0 not'
}

@test "exercises: a wrong solution gets its hint" {
    need_tools patch
    run_program -t 120 bash tests/exercises/matrix.sh wrong-one
    expect_status 0
    expect_match "${lines[-1]}" '^[1-9][0-9]* judged, 0 not'
}

@test "exercises: the matrix notices a verdict that is not as it should be" {
    cp -r tests/exercises "$BATS_TEST_TMPDIR/copy"
    chmod -R u+w "$BATS_TEST_TMPDIR/copy"
    run_program bash "$exercises" verdict 01 tests/exercises/run_child/wrong/raw_status.c
    expect_match "$output" $'^FAILED\traw_status\t.*256'
    run_program bash "$exercises" verdict 01 tests/exercises/run_child/solution.c
    expect_match "$output" $'^PASSED\t-\t$'
}

@test "exercises: three hints for each, and a task" {
    while read -r number chapter name _; do
        expect_equal "$number $(awk -v RS= 'END { print NR }' "tests/exercises/$name/hints")" "$number 3"
        expect_match "$(<"$chapter/exercises/$name/README.md")" "make exercise-$number"
        expect_match "$(<"tests/exercises/$name/starter.c")" TODO
        [ "$(find "tests/exercises/$name/wrong" -name '*.c' | wc -l)" -ge 2 ]
    done < <(grep -E '^[0-9]{2} ' tests/exercises/list)
}

@test "exercises: what a program prints is no verdict, and nothing is left of it" {
    for hostile in exited-verdict before_main kills_all kills_all-judge left_running survivor \
        descriptor_closed crashed; do
        run_program bash "$exercises" verdict 01 "tests/exercises/hostile/$hostile.c"
        expect_match "$output" "^FAILED"$'\t'"${hostile%%-*}"$'\t'
    done
}

@test "exercises: the board, and one exercise after the other" {
    own_build
    make_tree
    run_program -t 120 bash "$exercises" board
    expect_status 0
    expect_match "$output" '-> 01  NOT STARTED '
    expect_match "${lines[-1]}" '^0 of [0-9]+ done\. Next: .* make exercise-01\.$'
    cp tests/exercises/run_child/wrong/raw_status.c "$tree/$first"
    run_program bash "$exercises" one 01
    expect_status 1
    expect_match "$output" '--  its exit code is returned.*FAILED \(1 of [0-9]+ checks passed, SEED=[0-9]+\).*256'
    cp tests/exercises/run_child/solution.c "$tree/$first"
    run_program bash "$exercises" one 01
    expect_status 0
    expect_match "$output" 'PASSED'
    run_program -t 120 bash "$exercises" board
    expect_match "$output" '   01  PASSED '
    expect_match "${lines[-1]}" '^1 of [0-9]+ done'
}

@test "exercises: only comments and spaces changed is NOT STARTED; a syntax error is FAILED" {
    own_build
    make_tree
    printf '/* My first try. */\n' >>"$tree/$first"
    run_program bash "$exercises" one 01
    expect_status 1
    expect_match "$output" 'NOT STARTED'
    echo 'int x = ;' >>"$tree/$first"
    run_program bash "$exercises" one 01
    expect_status 1
    expect_match "$output" 'error: .*FAILED'
    rm "$tree/$first"
    run_program bash "$exercises" one 01
    expect_match "$output" 'NOT STARTED.*make reset-01'
}

@test "exercises: three hints, one after the other" {
    own_build
    for n in 1 2 3 3; do
        run_program bash "$exercises" hint 01
        expect_status 0
        expect_match "${lines[0]}" "hint $n of 3"
        [ "${#lines[@]}" -ge 2 ]
    done
}

@test "exercises: reset keeps what was written, each time" {
    make_tree solution
    for copy in 1 2; do
        echo "/* $copy */" >"$tree/$first"
        run_program bash "$exercises" reset 01
        expect_status 0
        cmp "$tree/$first" tests/exercises/run_child/starter.c
        expect_equal "$(<"$tree/$first.$copy~")" "/* $copy */"
    done
    run_program bash "$exercises" reset 01
    expect_status 0
    [ ! -e "$tree/$first.3~" ]
}

@test "exercises: the solution is where it says" {
    run_program bash "$exercises" solution 01
    expect_status 0
    [ -f "$(grep -oE 'tests/[^ ]*\.c' <<<"$output")" ]
}

@test "exercises: grades as text, JSON and JUnit; a tree's own harness counts for nothing" {
    own_build
    make_tree
    cp tests/exercises/run_child/solution.c "$tree/$first"
    # What a learner may bring along.
    mkdir -p "$tree/tests/exercises/run_child"
    echo 'int main(void) { return 0; }' >"$tree/tests/exercises/run_child/judge.c"
    echo '#error not this one' >"$tree/01_fork/exercises/run_child/run_child.h"
    echo 'exercises:' >"$tree/Makefile"
    run_program -t 120 bash "$grades" grade
    expect_status 1
    expect_match "$output" '^01  PASSED '
    all=$(grep -cE '^[0-9]{2} ' tests/exercises/list)
    expect_equal "${lines[-1]}" "Score: 1/$all"
    expect_match "$(<"$BUILD/grade.json")" '"score": 1,.*"name": "run_child", "score": 1, "max_score": 1, "status": "passed"'
    expect_match "$(<"$BUILD/grade.xml")" "tests=\"$all\" failures=\"$((all - 1))\".*name=\"01 run_child\" time=\"[0-9.]+\"/>"
}

@test "exercises: a directory that is not there is no grade" {
    EXERCISES_TREE=$BATS_TEST_TMPDIR/nowhere run_program bash "$grades" grade
    expect_status 2
    expect_match "$errors" 'no directory'
}

@test "exercises: a class, as CSV" {
    own_build
    make_tree
    unset EXERCISES_TREE
    cp -r "$tree" "$BATS_TEST_TMPDIR/other, \"tree"
    cp tests/exercises/run_child/wrong/raw_status.c "$BATS_TEST_TMPDIR/other, \"tree/$first"
    cp tests/exercises/run_child/solution.c "$tree/$first"
    printf '%s\n' "$tree"$'\tAnna "A."' "$BATS_TEST_TMPDIR/other, \"tree" /nowhere >"$BATS_TEST_TMPDIR/roster"
    ROSTER=$BATS_TEST_TMPDIR/roster run_program -t 240 bash "$grades" class
    expect_status 1
    expect_match "${lines[0]}" '^tree,name,score,of,points,of_points,not_judged,01_run_child'
    expect_match "${lines[1]}" "^\"$tree\",\"Anna \"\"A\.\"\"\",1,12,1,12,0,\"PASSED\""
    expect_match "${lines[2]}" '/other, ""tree",0,12,0\.[0-9]+,12,0,"FAILED raw_status"'
    expect_match "${lines[3]}" '^"/nowhere","/nowhere",0,12,0,12,0,"NO TREE"'
    expect_equal "$output" "$(<"$BUILD/class.csv")"
}

@test "exercises: a new one is a skeleton that can be judged" {
    copy=$BATS_TEST_TMPDIR/copy
    mkdir "$copy"
    cp -r Makefile 0* tests "$copy"
    chmod -R u+w "$copy"
    run_program make -C "$copy" BUILD=own new-exercise NAME=twice CHAPTER=01_fork
    expect_status 0
    expect_match "$output" 'Exercise 13 is a skeleton'
    run_program -t 120 make -C "$copy" BUILD=own exercise-13
    expect_match "$output" 'NOT STARTED'
    cd "$copy"
    for verdict in solution=PASSED wrong/not_doubled=FAILED; do
        run_program env BUILD=own bash "$exercises" verdict 13 "tests/exercises/twice/${verdict%=*}.c"
        expect_match "$output" "^${verdict#*=}"
    done
    run_program make BUILD=own new-exercise NAME=twice CHAPTER=01_fork
    expect_status 2
    expect_match "$errors" 'is there already'
}
