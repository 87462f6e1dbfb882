# helpers.bash: for the bats files: run programs that fork, and find what they leave behind.
# shellcheck shell=bash disable=SC2034

bats_require_minimum_version 1.8.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
cd "$ROOT" || exit 1
BUILD=${BUILD:-build}
ASAN_OPTIONS=${ASAN_OPTIONS:-}
# Numbers have a point, whatever the reader's language; make_test.sh does the same.
export LC_ALL=C
# The tests run some programs as another user.
umask 022
# The tests make repositories of their own; git tells a hook of another one.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_PREFIX
source "$ROOT/tests/processes.bash"

# Programs that crash on purpose leave no core.
ulimit -c 0

# A clock in seconds; setting the time of day does not affect it.
uptime_now() { cut -d' ' -f1 /proc/uptime; }

# The processes of a session. Not zombies: those are waiting for init, which adopts what a
# program leaves when it is killed; that a living program leaves none, it looks for itself.
survivors() { in_session "$1"; }
no_survivors() { [ -z "$(survivors "$1")" ]; }

# left_out WHAT NEEDS: this test is left out. In CI it fails. `make test` closes with what was left
# out: LEFT_OUT is its list.
left_out() {
    [ -z "${LEFT_OUT:-}" ] || echo "$1" >>"$LEFT_OUT"
    [ -n "${CI:-}" ] || skip "needs $2"
    echo "this test needs $2, and in CI none is left out"
    return 1
}

# need_tools TOOL...: the test is left out if one is missing here. A test asks for all of them at
# once: what `make test` names is then all that is needed.
need_tools() {
    local tool missing=()
    for tool in "$@"; do
        # MISSING: a busybox may have the name, and not what is needed of it.
        if ! command -v "$tool" >/dev/null || [[ " ${MISSING:-} " == *" $tool "* ]]; then
            missing+=("$tool")
        fi
    done
    [ "${#missing[@]}" -eq 0 ] || left_out "${missing[*]}" "${missing[*]}"
}

# run_program [-t SECONDS] PROGRAM ARGUMENTS...: in a session of its own, without bats' pipes
# (a child that outlives the test would keep bats waiting), with a guard against hanging.
# Sets status, output (its stdout), errors (its stderr), lines[], elapsed; fails if a process is
# left in that session after the program ended.
run_program() {
    local guard=60 out err start leader left
    if [ "$1" = -t ]; then
        guard=$2
        shift 2
    fi
    # A checkout may have lost the run bits of scripts.
    [[ $1 != *.sh ]] || [ -x "$1" ] || set -- bash "$@"
    command -v "$1" >/dev/null || {
        echo "no such program: $1"
        return 1
    }
    guard=$(guard "$guard")
    out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr
    start=$(uptime_now)
    status=0
    setsid timeout -k 1 "$guard" "$@" >"$out" 2>"$err" </dev/null 3>&- 4>&- &
    leader=$!
    wait "$leader" || status=$?
    elapsed=$(awk -v a="$start" -v b="$(uptime_now)" 'BEGIN { print b - a }')
    output=$(<"$out")
    errors=$(<"$err")
    mapfile -t lines <"$out"
    # A program that failed has not tidied up; its workers notice, within a second.
    [ "$status" -eq 0 ] || wait_until 1 no_survivors "$leader" || true
    left=$(survivors "$leader")
    if [ -n "$left" ]; then
        kill_session KILL "$leader"
        echo "left behind by $*: $left"
        return 1
    fi
    if [ "$status" -eq 124 ]; then
        printf 'waited %s s for the end of: %s\nmachine: %s\n' "$guard" "$*" "${MACHINE:-}"
        return 1
    fi
}

# The same; also sets program_pid, the process id of the program.
run_with_pid() {
    # shellcheck disable=SC2016 # the inner shell has the pid
    run_program bash -c 'echo $$; exec "$@"' bash "$@"
    program_pid=${lines[0]}
    lines=("${lines[@]:1}")
    output=${output#*$'\n'}
}

# in_three_tries COMMAND...: for what no stall of the machine may decide: an upper bound of time,
# which process was quicker. What is wrong is wrong each time. In the command each step says
# "&&" behind it: the shell does not stop at a failure there.
in_three_tries() {
    local try
    for try in 1 2; do
        "$@" && return
        printf 'that was try %s of 3; machine: %s\n' "$try" "${MACHINE:-not measured}"
    done
    "$@"
}

# The program ended with that status; shows what it said if not.
expect_status() {
    [ "$status" -eq "$1" ] || {
        printf 'status %s, not %s\nstdout: %s\nstderr: %s\n' "$status" "$1" "$output" "$errors"
        return 1
    }
}

# expect_elapsed LEAST MOST: the clock of the last run_program. LEAST is firm; what MOST
# allows beyond it is for the machine, and scaled by its measure.
expect_elapsed() { expect_seconds "$elapsed" "$@"; }

# expect_done_after LINE LEAST MOST: the same for a line that ends in "after 0.61s".
expect_done_after() {
    local time
    [[ $1 =~ \ after\ ([0-9]+\.[0-9]{2})s$ ]] || {
        echo "no time at the end of: $1"
        return 1
    }
    time=${BASH_REMATCH[1]}
    expect_seconds "$time" "$2" "$3"
}

# expect_seconds SECONDS LEAST MOST: the same for a time that the caller has.
expect_seconds() {
    awk -v t="$1" -v least="$2" -v most="$3" -v factor="${MACHINE_FACTOR:-1}" 'BEGIN {
        most = least + (most - least) * factor
        if (t !~ /^[0-9.]+$/ || t < least || t > most) {
            print "took " t " s, not " least " to " most
            exit 1
        } }' || {
        printf 'machine: %s\n' "${MACHINE:-not measured}"
        return 1
    }
}

# expect_equal ACTUAL EXPECTED
expect_equal() {
    [ "$1" = "$2" ] || {
        printf 'got:      %s\nexpected: %s\n' "$1" "$2"
        return 1
    }
}

# expect_match TEXT REGEX (extended, anywhere in the text)
expect_match() {
    [[ $1 =~ $2 ]] || {
        printf 'got:      %s\nexpected: %s\n' "$1" "$2"
        return 1
    }
}

# How many different processes "I am process P working on task T" lines name.
count_processes() { awk '/^I am process/ { print $4 }' <<<"$output" | sort -u | wc -l; }

# The sorted numbers of the tasks, in one line.
tasks_seen() { awk '/^I am process/ { print $8 }' <<<"$output" | sort -n | tr '\n' ' '; }

# How many tasks each process did, most first.
tasks_per_process() {
    awk '/^I am process/ { print $4 }' <<<"$output" | sort | uniq -c | sort -rn |
        awk '{ printf "%s%s", sep, $1; sep = "+" }'
}

# Wrong uses that every program answers alike: usage errors 2, output that fails 1.
expect_usage_error() {
    run_program "$@"
    expect_status 2
    expect_equal "$output" ""
    expect_match "$errors" "^${1##*/}: .*usage: ${1##*/}"
    one_message
}

# A stair, a program of one file, says less: its usage; and that its output can't be written.
expect_stair_usage() {
    run_program "$@"
    expect_status 2
    expect_equal "$output" ""
    expect_match "$errors" "^usage: ${1##*/}"
    one_message
    run_program "$1" --help
    expect_status 0
    expect_match "$output" "^usage: ${1##*/}"
    expect_equal "$errors" ""
    run_program bash -c "exec \"$1\" >/dev/full"
    expect_status 1
    expect_match "$errors" "^${1##*/}: cannot write the output"
}

# One line on stderr, however many processes met the error.
one_message() {
    expect_equal "$(grep -c '' <<<"$errors") line on stderr: $errors" "1 line on stderr: $errors"
}

expect_output_failure() {
    local program=$1
    shift
    run_program bash -c "exec \"\$@\" >/dev/full" bash "$program" "$@"
    expect_status 1
    expect_match "$errors" "${program##*/}: .*No space left on device"
    one_message
    run_program bash -c "exec \"\$@\" >&-" bash "$program" "$@"
    expect_status 1
    expect_match "$errors" "${program##*/}: .*Bad file descriptor"
    one_message
    run_program bash -c "exec \"\$@\" --help >/dev/full" bash "$program"
    expect_status 1
    expect_match "$errors" "^${program##*/}: .*No space left on device"
}
