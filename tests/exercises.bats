#!/usr/bin/env bats
# The exercises: what the commands say, and that no verdict comes for nothing. All wrong solutions,
# and what is hostile, are in `make check-exercises`.

load helpers

export BUILD
exercises=tests/exercises/exercises.sh
grades=tests/exercises/grade.sh
first=01_fork/exercises/run_child/run_child.c
# A user whom nobody else is, not even in a run of these tests beside this one.
user=$((61000 + $$ % 4000))

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
        expect_match "$(<"$chapter/exercises/$name/README.md")" "make exercise-$((10#$number))"
        expect_match "$(<"tests/exercises/$name/starter.c")" TODO
        [ "$(find "tests/exercises/$name/wrong" -name '*.c' -o -name '*.patch' | wc -l)" -ge 2 ]
    done < <(grep -E '^[0-9]{2} ' tests/exercises/list)
}

@test "exercises: what a program prints is no verdict, and nothing is left of it" {
    for hostile in exited-verdict before_main kills_all kills_all-judge left_running survivor \
        descriptor_closed crashed; do
        run_program bash "$exercises" verdict 01 "tests/exercises/hostile/01_$hostile.c"
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
    expect_match "$output" '--  its exit status is returned.*FAILED \(1 of [0-9]+ checks passed, SEED=[0-9]+\).*256'
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

@test "exercises: a function that only returns gets no part of the points" {
    own_build
    make_tree
    only_returns() {
        echo "#include \"$2.h\""
        echo "$3 { return -1; }"
    } >"$tree/$1/exercises/$2/$2.c"
    only_returns 01_fork run_child 'int run_child(int (*work)(void))'
    only_returns 02_fork_split split_sum 'int split_sum(size_t count, int children, long *total)'
    only_returns 02_fork_split collect 'ssize_t collect(int children, struct record *records, size_t room)'
    only_returns 03_pool run_tasks 'int run_tasks(int workers, int tasks)'
    sed -i 's/return -1/return work == 0 ? 0 : -1/' "$tree/$first" # the starter is such a function
    run_program -t 120 bash "$grades" grade
    expect_equal "$(grep -cE '^[0-9]{2}  FAILED .* not_called$' <<<"$output")" 4
    expect_match "$output" 'Points: 0 of 12,'
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

@test "exercises: a verdict that is not PASSED has its status, and no line of make's" {
    make_tree
    for number in 1 01; do
        run_program -t 120 make BUILD="$BUILD" DIR="$tree" "exercise-$number"
        expect_status 1
        expect_match "$output" 'Exercise 01, run_child.*NOT STARTED'
        [[ ! $output$errors =~ Error ]]
    done
}

@test "exercises: NOT JUDGED has status 2, and a sentence in place of make's Error 2" {
    make_tree solution
    for goal in exercise-1 exercise-01 grade; do
        run_program -t 120 make BUILD="$BUILD" CC=/nowhere/cc DIR="$tree" "$goal"
        expect_status 2
        expect_match "$output" 'NOT JUDGED'
        expect_match "$errors" 'NOT JUDGED: see above'
        [[ ! $output$errors =~ Error ]]
    done
    expect_equal "$(find "$BUILD/exercises" -name 'not-judged*')" ""
}

@test "exercises: make watch judges what is saved, by inotifywait, by entr, by looking" {
    need_tools inotifywait entr setsid
    own_build
    make_tree
    local said=$BATS_TEST_TMPDIR/said watcher directory
    for way in inotifywait entr sleep; do
        bin=$BATS_TEST_TMPDIR/$way
        mkdir "$bin"
        for directory in ${PATH//:/ }; do
            ln -s "$directory"/* "$bin" 2>/dev/null || true
        done
        [ "$way" = inotifywait ] || rm "$bin/inotifywait"
        [ "$way" != sleep ] || rm "$bin/entr"
        # The tool leaves a note when it is used.
        rm "$bin/$way"
        printf '#!/bin/sh\n: >"%s.used"\nexec "%s" "$@"\n' "$bin" "$(command -v "$way")" >"$bin/$way"
        chmod +x "$bin/$way"
        cp tests/exercises/run_child/starter.c "$tree/$first"
        PATH=$bin setsid bash "$exercises" watch >"$said" 2>&1 </dev/null 3>&- 4>&- &
        watcher=$!
        wait_until 20 grep -q '^Save a file' "$said"
        cat tests/exercises/run_child/solution.c >"$tree/$first"
        wait_until 30 grep -q '^PASSED' "$said"
        # As editors save: a new file takes the place of the old one.
        cp tests/exercises/run_child/wrong/raw_status.c "$tree/new"
        mv "$tree/new" "$tree/$first"
        wait_until 30 grep -q '^FAILED' "$said"
        wait_until 20 test -e "$bin.used"
        kill_session KILL "$watcher"
        wait "$watcher" || true
    done
}

@test "exercises: three at once of the same wait for each other" {
    make_tree
    cp tests/exercises/run_child/solution.c "$tree/$first"
    for one in 1 2 3; do
        timeout "$(guard 120)" make BUILD="$BUILD" DIR="$tree" exercise-1 \
            >"$BATS_TEST_TMPDIR/said.$one" 2>&1 3>&- 4>&- &
    done
    wait
    expect_equal "$(grep -l '^PASSED' "$BATS_TEST_TMPDIR"/said.* | wc -l)" 3
}

@test "exercises: what can't be removed is no verdict" {
    make_tree
    cp tests/exercises/run_child/solution.c "$tree/$first"
    mkdir -p "$BATS_TEST_TMPDIR/stubs"
    printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/stubs/rm"
    chmod +x "$BATS_TEST_TMPDIR/stubs/rm"
    run_program -t 120 env PATH="$BATS_TEST_TMPDIR/stubs:$PATH" bash "$exercises" one 01
    expect_status 2
    [[ ! $output =~ PASSED ]]
}

@test "exercises: an empty DIR is no tree, and an exported one is not meant" {
    run_program -t 120 make BUILD="$BUILD" grade DIR=
    expect_match "$errors" 'no directory'
    run_program -t 120 make BUILD="$BUILD" exercise-1 SEED=1
    own=$output
    expect_match "$own" $'\n(NOT STARTED|PASSED|FAILED)'
    run_program -t 120 env DIR=/nowhere make BUILD="$BUILD" exercise-1 SEED=1
    expect_equal "$output" "$own"
}

@test "exercises: no name of a tree is read by make or by a shell" {
    make_tree
    unset EXERCISES_TREE
    odd=$BATS_TEST_TMPDIR/"-o'd; touch odd \$(touch odd) \"x"
    mv "$tree" "$odd"
    echo '#error' >"$odd/$first"
    run_program -t 120 make BUILD="$BUILD" grade DIR="$odd"
    expect_match "$output" '01  FAILED .*Score: 0/12'
    run_program make BUILD="$BUILD" grade-class DIRS="/nowhere;touch odd \$(touch odd)"
    expect_match "$output" '"/nowhere;touch",'
    [ ! -e odd ]
}

@test "exercises: the recipe with bubblewrap grades" {
    need_tools bwrap
    bwrap --ro-bind / / --unshare-all true 2>/dev/null || left_out namespaces "namespaces, and bwrap makes none here"
    make_tree
    cp tests/exercises/run_child/solution.c "$tree/$first"
    unset EXERCISES_TREE
    build=$(realpath "$BUILD")
    run_program -t 240 bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp \
        --bind "$build" "$build" --ro-bind "$tree" /tmp/student --unshare-all \
        --die-with-parent make BUILD="$BUILD" grade DIR=/tmp/student
    expect_match "$output" '01  PASSED .*Score: 1/12'
}

@test "exercises: nearly the same files are named" {
    own_build
    make_tree
    unset EXERCISES_TREE
    sed 's/status/how_it_ended/' tests/exercises/run_child/solution.c >"$tree/$first"
    printf '%s\tAnna\n%s\tBen\n' "$tree" /nowhere >"$BATS_TEST_TMPDIR/roster"
    ROSTER=$BATS_TEST_TMPDIR/roster run_program bash tests/exercises/similar.sh
    expect_match "$output" '^01 run_child +100 % of the file of Anna is in that of the reference'
    # Another way to write it, with the frame that all have.
    cp tests/exercises/run_child/wrong/raw_status.c "$tree/$first"
    ROSTER=$BATS_TEST_TMPDIR/roster PERCENT=100 run_program bash tests/exercises/similar.sh
    expect_match "$output" '^0 pairs with 100 % or more'
}

@test "exercises: with its seed a verdict comes again" {
    run_program bash "$exercises" verdict 01 tests/exercises/run_child/wrong/raw_status.c
    first_said=$output
    said=$(<"$BUILD/exercises/verdicts/run_child/raw_status/record")
    seed=$(sed -n 's/^seed //p' <<<"$said")
    SEED=$seed run_program bash "$exercises" verdict 01 tests/exercises/run_child/wrong/raw_status.c
    expect_equal "$output" "$first_said"
}

@test "exercises: a file is looked at before it is read: no link, no device, no giant" {
    own_build
    make_tree
    target=$tree/$first
    looks() { # what makes it, what is said
        rm -rf "$target"
        eval "$1"
        run_program bash "$exercises" one 01
        expect_status 1
        expect_match "$output" "FAILED.*$2"
    }
    looks 'ln -s /dev/zero "$target"' 'is a link'
    looks 'ln -s "$PWD/tests/exercises/run_child/solution.c" "$target"' 'is a link'
    looks 'mkfifo "$target"' 'not a regular file'
    looks 'mkdir "$target"' 'not a regular file'
    looks 'truncate -s 5G "$target"' 'larger than 256 KiB'
    mv "$tree/01_fork" "$tree/elsewhere"
    ln -s elsewhere "$tree/01_fork"
    run_program bash "$exercises" one 01
    expect_match "$output" 'FAILED.*is a link'
}

@test "exercises: lines of Windows and German messages make no difference" {
    own_build
    make_tree
    sed 's/$/\r/' tests/exercises/run_child/starter.c >"$tree/$first"
    LC_ALL=de_DE.UTF-8 run_program bash "$exercises" one 01
    expect_match "$output" 'NOT STARTED'
    sed 's/$/\r/' tests/exercises/run_child/solution.c >"$tree/$first"
    LC_ALL=de_DE.UTF-8 run_program bash "$exercises" one 01
    expect_match "$output" 'PASSED'
    expect_match "$output" 'What it was about: .*What others do: .*What to look at next: '
}

@test "exercises: without namespaces the judge is still out of reach, and nothing is left" {
    for hostile in kills_all-thread kills_all-group kills_all-pidfd unreaped-sessions too_many_requests; do
        JUDGE_NAMESPACES=no run_program bash "$exercises" verdict 01 \
            "tests/exercises/hostile/01_$hostile.c"
        expect_match "$output" "^FAILED"$'\t'"${hostile%%-*}"$'\t'
    done
    JUDGE_NAMESPACES=no run_program bash "$exercises" verdict 01 tests/exercises/run_child/solution.c
    expect_match "$output" '^PASSED'
    # A user who is not root has no right to remove what another of its programs may have made.
    [ "$(id -u)" -ne 0 ] || {
        JUDGE_NAMESPACES=no run_program bash "$exercises" verdict 01 \
            tests/exercises/hostile/01_passed-leaves_files.c
        expect_match "$output" '^PASSED'
        [ ! -e /tmp/exercise-left ] && [ ! -e /dev/shm/exercise-left ]
        ! grep -q 1786078311 /proc/sysvipc/shm || false
    }
}

# A grader who is not root, where there are no namespaces. Root becomes a user of no
# account, who must be able to read what takes part and to write what is built: $place is a copy.
as_another_user() {
    local how=(env JUDGE_NAMESPACES=no BUILD=build)
    [ "$(id -u)" -ne 0 ] || {
        how=(setpriv --reuid="$user" --regid="$user" --clear-groups "${how[@]}")
    }
    run_program -t 120 bash -c 'cd "$1" && shift && exec "$@"' bash "$place" "${how[@]}" "$@"
}

place_for_another_user() {
    local under=/var/lib # neither the system's programs nor a place that all may write to
    [ "$(id -u)" -eq 0 ] || under=$HOME
    place=$(mktemp -d "$under/exercises.XXXXXX")
    mkdir -p "$place/build/tests"
    cp -r 0* tests "$place"
    cp -r "$BUILD/tests/exercises" "$place/build/tests"
    [ "$(id -u)" -ne 0 ] || chown -R "$user:$user" "$place"
}

teardown() { [ -z "${place:-}" ] || rm -rf "$place"; }

# Statements for run_child() to begin with, in a file.
child_with() {
    printf '%s\n' '#include <fcntl.h>' '#include <signal.h>' '#include <stdio.h>' '#include <stdlib.h>' \
        '#include <string.h>' '#include <sys/msg.h>' '#include <sys/sem.h>' '#include <sys/shm.h>' \
        '#include <sys/socket.h>' '#include <sys/stat.h>' '#include <sys/un.h>' >"$place/$1.c"
    sed "/^int run_child/,/^{/s/^{/{\\n$(sed 's/[\\&/]/\\&/g' | tr '\n' ' ')/" \
        tests/exercises/run_child/solution.c >>"$place/$1.c"
}

@test "exercises: a grader without root and namespaces: what a program makes is counted, and goes" {
    need_tools setpriv python3
    local fence other tag=exercise-left-$$ key=$((0x6a000000 + $$ % 0xffffff))
    place_for_another_user
    echo "for the grader" >"$place/secret"
    # What the kernel's fence can do: its version.
    fence=$(python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))') || fence=0
    [ "$(id -u)" -eq 0 ] && become=(setpriv --reuid="$user" --regid="$user" --clear-groups) || become=(env)
    "${become[@]}" sleep 600 3>&- 4>&- &
    other=$!
    child_with leaves <<END
if ($fence >= 1 && open("$place/secret", O_RDONLY) >= 0) return 1000;
if ($fence >= 1 && open("$place/$tag", O_WRONLY | O_CREAT, 0600) >= 0) return 1001;
if ($fence >= 6 && kill($other, 0) == 0) return 1002;
close(open("/tmp/$tag", O_WRONLY | O_CREAT, 0600)); close(creat("/var/tmp//$tag", 0600));
close(open("/dev/shm/./$tag", O_RDWR | O_CREAT, 0600));
mkdir("/tmp/$tag.d", 0700); mkfifo("/tmp/$tag.d/fifo", 0600); symlink("/", "/tmp/$tag.d/link");
if (chdir("/tmp/$tag.d") != 0) return 1003;
fclose(fopen("relative", "w")); link("relative", "linked"); rename("relative", "renamed");
struct sockaddr_un name = {.sun_family = AF_UNIX};
strcpy(name.sun_path, "/tmp/$tag.socket");
bind(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&name, sizeof name); close(4); close(3);
char other[] = "/tmp/$tag.XXXXXX"; close(mkstemp(other));
if (open("/tmp/../tmp/$tag.up", O_WRONLY | O_CREAT, 0600) >= 0) return 1004;
if (shmget($key, 4096, IPC_CREAT | 0600) < 0 || shmget($key, 4096, 0) < 0) return 1005;
if (semget($key, 1, IPC_CREAT | 0600) < 0 || msgget($key, IPC_CREAT | 0600) < 0) return 1006;
if (chdir("/") != 0) return 1007;
END
    as_another_user bash "$exercises" verdict 01 leaves.c
    kill "$other"
    expect_match "$output" $'^PASSED\t'
    expect_equal "$(ls -d /tmp/"$tag"* /var/tmp/"$tag"* /dev/shm/"$tag"* 2>/dev/null)" ""
    expect_equal "$(grep -wh "$key" /proc/sysvipc/*)" ""
    # What was there before stays.
    echo mine >"/tmp/$tag"
    [ "$(id -u)" -ne 0 ] || chown "$user" "/tmp/$tag"
    as_another_user bash "$exercises" verdict 01 leaves.c
    expect_equal "$(<"/tmp/$tag")" mine
    rm "/tmp/$tag"
    child_with many <<<"for (int i = 0; i < 1000; i++) { char name[64]; sprintf(name, \"/tmp/$tag.%d\", i); close(open(name, O_WRONLY | O_CREAT, 0600)); }"
    as_another_user bash "$exercises" verdict 01 many.c
    expect_match "$output" $'^FAILED\tdisk\t''The program made more than 256 files'
    child_with large <<<"for (int i = 0; i < 20; i++) { char name[64]; sprintf(name, \"/tmp/$tag.%d\", i); int file = open(name, O_WRONLY | O_CREAT, 0600); posix_fallocate(file, 0, 8 << 20); close(file); } sleep(60);"
    as_another_user bash "$exercises" verdict 01 large.c
    expect_match "$output" $'^FAILED\tdisk\t''The files that the program made took more than 64 MiB'
    child_with larger <<<"int file = open(\"/tmp/$tag\", O_WRONLY | O_CREAT, 0600); char some[4096] = \"\"; while (write(file, some, sizeof some) > 0) continue;"
    as_another_user bash "$exercises" verdict 01 larger.c
    expect_match "$output" $'^FAILED\tflood\t''The program wrote more than 8 MiB'
    expect_equal "$(ls -d /tmp/"$tag"* 2>/dev/null)" ""
    # Processes that left the session, and a judge that nothing reaches.
    for hostile in unreaped-sessions fork_bomb-sessions kills_all-thread passed-reaches_out survivor; do
        as_another_user bash "$exercises" verdict 01 "tests/exercises/hostile/01_$hostile.c"
        case $hostile in
        passed-*) expect_match "$output" '^PASSED' ;;
        *) expect_match "$output" "^FAILED"$'\t'"${hostile%%-*}"$'\t' ;;
        esac
        [ "$(id -u)" -ne 0 ] || expect_equal "$(find /proc -maxdepth 1 -uid "$user" 2>/dev/null)" ""
    done
}

@test "exercises: no user namespaces, as the kernel refuses them" {
    unshare -Ur true 2>/dev/null || skip "this machine has none at all: the other tests show it"
    own_build
    run_program -t 120 unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_user_namespaces && ! unshare -U true 2>/dev/null &&
        exec bash "$@"' bash "$exercises" verdict 01 tests/exercises/hostile/01_passed-leaves_files.c
    expect_match "$output" '^PASSED'
    expect_equal "$(ls /tmp/exercise-left /var/tmp/exercise-left /dev/shm/exercise-left 2>/dev/null)" ""
    run_program bash -c '! grep -q 1786078311 /proc/sysvipc/shm'
    expect_status 0
}

@test "exercises: a compiler that is not there is not the learner's fault" {
    CC=/nowhere/cc run_program bash "$exercises" verdict 01 tests/exercises/run_child/solution.c
    expect_match "$output" $'^NOT JUDGED\ttrouble\t.*no /nowhere/cc'
}

@test "exercises: formats are those of the services, whatever a program's or a tree's names hold" {
    need_tools python3
    own_build
    make_tree
    cp tests/exercises/hostile/02_descriptor_leak-escapes.c "$tree/01_fork/exercises/hello_once/hello_once.c"
    printf '#error \xff "<&\\ \033[2J\n' >"$tree/$first"
    cp tests/exercises/submit_first/solution.c "$tree/05_blocking_mistake/exercises/submit_first/submit_first.c"
    odd=$BATS_TEST_TMPDIR/$'-o\'d;touch odd $(touch odd) "\xff\n'
    cp -r "$tree" "$odd"
    AUTOLAB=1 WEIGHTS='10=2.5 02=3' run_program -t 120 bash "$grades" grade
    expect_status 0
    printf '%s\n' "$output" >"$BUILD/text"
    expect_match "$(<"$BUILD/grade.json")" '"score": 2.5, "max_score": 2.5'
    printf '%s\0' "$odd"$'\t"Name\n' "$tree" >"$BATS_TEST_TMPDIR/roster"
    ROSTER=$BATS_TEST_TMPDIR/roster run_program -t 120 bash "$grades" class
    expect_status 0
    run_program python3 tests/exercises/validate.py "$BUILD" .github/classroom/classroom.yml
    expect_equal "$errors" ""
    expect_status 0
    [ ! -e odd ]
    expect_equal "$(find "$BUILD/class/feedback" -name '*.md' | wc -l)" 2
    expect_match "$(cat "$BUILD"/class/feedback/0002-*)" '^# .*1 of 12 exercises passed.*make exercise-02 SEED='
    # What is known is not judged again: the seeds are those of the first time.
    before=$(cat "$BUILD"/class/feedback/*)
    ROSTER=$BATS_TEST_TMPDIR/roster run_program -t 120 bash "$grades" class
    expect_equal "$(cat "$BUILD"/class/feedback/*)" "$before"
}

@test "exercises: the autograders of Gradescope and Autolab run as these services run them" {
    need_tools zip unzip tar python3
    local root=$BATS_TEST_TMPDIR/autograder lab=$BATS_TEST_TMPDIR/lab entry
    make_tree
    unset EXERCISES_TREE
    # Gradescope: two scripts at the root of the archive; the program in /autograder.
    run_program bash tests/exercises/services/gradescope_zip.sh "$BATS_TEST_TMPDIR/autograder.zip"
    expect_status 0
    mkdir -p "$root"/{source,submission,results} "$lab"
    unzip -q "$BATS_TEST_TMPDIR/autograder.zip" -d "$root/source"
    for entry in setup.sh run_autograder; do
        expect_match "$(head -n 1 "$root/source/$entry")" '^#!/'
        [ -x "$root/source/$entry" ]
    done
    mv "$root/source/run_autograder" "$root"
    # In place of setup.sh, which installs packages and builds: what is built here.
    mv "$root/source/processes" "$root"
    find "$root/processes" -exec touch -d 2000-01-01 {} +
    mkdir "$root/processes/build"
    for entry in "$(realpath "$BUILD")"/*; do
        case ${entry##*/} in exercises | grade.*) ;; *) ln -s "$entry" "$root/processes/build" ;; esac
    done
    cp tests/exercises/run_child/solution.c "$root/submission/run_child.c" # a file alone
    AUTOGRADER=$root run_program -t 120 env -u BUILD -u MAKEFLAGS -u MAKELEVEL "$root/run_autograder"
    expect_status 0
    run_program python3 tests/exercises/validate.py "$root/results/results.json"
    expect_equal "$errors" ""
    expect_match "$(<"$root/results/results.json")" '"score": 1,.*"name": "run_child", "score": 1,'
    # Autolab: its Makefile, our archive, the student's; make; the last line.
    cp tests/exercises/services/autolab.mk "$lab/Makefile"
    tar -C "$root" -cf "$lab/autograde.tar" processes
    cp tests/exercises/run_child/solution.c "$tree/$first"
    tar -C "$tree" -cf "$lab/handin.tar" .
    run_program -t 120 env -u BUILD -u MAKEFLAGS -u MAKELEVEL make -C "$lab" --no-print-directory
    expect_status 0
    expect_match "${lines[-1]}" '^\{"scores": \{"run_child": 1, "hello_once": 0, .*\}\}$'
}

@test "exercises: what students get has no solutions, and can be judged" {
    HANDOUT=$BATS_TEST_TMPDIR/handout run_program bash tests/exercises/handout.sh
    expect_status 0
    expect_match "$output" 'no solutions.*Keep this tree'
    cd "$BATS_TEST_TMPDIR/handout"
    expect_equal "$(find . -path '*exercises*' \( -name 'solution.c' -o -name wrong -o -name right -o -name hostile -o -name answers.md \))" ""
    grep -q 'command: make exercise-12' .github/workflows/classroom.yml
    run_program -t 240 make BUILD=own exercise-1
    expect_status 1
    expect_match "$output" 'NOT STARTED'
    run_program make BUILD=own solution-1
    expect_match "$output" 'not in this tree'
}

@test "exercises: each has its hardness, its minutes and three lines for the end" {
    while read -r number chapter name hardness minutes title; do
        stars=$(printf '%.*s%.*s' "$hardness" '***' $((3 - hardness)) ...)
        stars=${stars//\*/★}
        expect_match "$(<"$chapter/exercises/$name/README.md")" \
            "Hardness ${stars//./☆}, about $minutes minutes\."
        expect_equal "$name $(wc -l <"tests/exercises/$name/after")" "$name 3"
        expect_match "$(<tests/exercises/README.md)" "\| $((10#$number)) \| [1-6] \| [^|]+ \| $minutes \|"
        [ -n "$title" ]
    done < <(grep -E '^[0-9]{2} ' tests/exercises/list)
}
