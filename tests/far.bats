#!/usr/bin/env bats
# Chapter 6, far: several machines, each in a network namespace of its own, and what happens
# to them. A time limit here is what the chapter's page promises.

load helpers

setup_file() {
    export WHY_NOT PATH=$PATH:/usr/sbin:/sbin # gearmand's and sshd's, which a user's may not have
    WHY_NOT=$(bash 06_errors/far/machines.sh /dev/null 2>&1) || return 0
    WHY_NOT=
}

setup() {
    machines=06_errors/far/machines.sh
    export BUILD
    case $BATS_TEST_DESCRIPTION in
    "far: parallel"* | *"what the page quotes"*)
        need_tools ip unshare nsenter setpriv hostname gearmand parallel sshd ssh
        ;;
    *) need_tools ip unshare nsenter setpriv hostname gearmand ;;
    esac
    [ -x "$BUILD/06_errors/far/node" ] || left_out gearmand 'libgearman, when make builds'
    [ -z "$WHY_NOT" ] || left_out namespaces "namespaces: $WHY_NOT"
}

# among_machines <<SCRIPT: run it by machines.sh. Besides what that knows, it has
#     now       the seconds of a monotonic clock
#     scaled    a number times what this machine needs more than others, four times at most: for
#               naps and patience that must not end before somebody looks
#     result    wait for the client in $client, and print its output, its status and whether it
#               took at most so many seconds since the time in $start
among_machines() {
    declare -f guard >"$BATS_TEST_TMPDIR/script"
    cat - >>"$BATS_TEST_TMPDIR/script" <<'SCRIPT'
now() { cut -d' ' -f1 /proc/uptime; }
scaled() { awk -v n="$1" -v f="${MACHINE_FACTOR:-1}" 'BEGIN { print int(n * (f < 4 ? f : 4)) }'; }
ask() {
    start=$(now)
    enter client "$BUILD/06_errors/far/$1" "${@:2}" >/run/out 2>&1 &
    client=$!
}
result() {
    local status=0
    wait "$client" || status=$?
    cat /run/out
    awk -v a="$start" -v b="$(now)" -v most="$(guard "$1")" -v status="$status" \
        'BEGIN { print "status " status (b - a <= most ? ", in time" : ", too late: " b - a " s") }'
}
SCRIPT
    cat >>"$BATS_TEST_TMPDIR/script"
    run_program -t 120 "$machines" "$BATS_TEST_TMPDIR/script" || return
    [ "$status" -ne 0 ] || return 0
    printf 'status %s\n%s\n%s\n' "$status" "$output" "$errors"
    return 1
}

# The squares without the machines' names: all right but for task 3 and task 5.
squares='0: 0
1: 1
2: 4
3: Failed with killed by signal 11 (Segmentation fault)!!
4: 16
5: Failed with OW!!!
6: 36
7: 49
8: 64
9: 81
status 0, in time'
nameless() { sed -E 's/ \(node[123]\)$//'; }

@test "far: the article's squares on three machines" {
    among_machines <<'SCRIPT'
start_server && start_nodes 1 2 3 || exit
ask squares --nap 300
result 10
SCRIPT
    expect_equal "$(nameless <<<"$output")" "$squares"
    expect_equal "$(grep -o 'node[123]' <<<"$output" | sort -u | wc -l)" 3
}

@test "far: checksum of a tree on three machines: the output of cksum, in order, with errors" {
    local tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/sub"
    cp 0*/*.[ch] README.md "$tree"
    : >"$tree/empty"
    printf 'x%.0s' {1..200000} >"$tree/sub/long name"
    mkfifo "$tree/pipe"
    printf 'from standard input' >"$BATS_TEST_TMPDIR/stdin"
    export tree
    among_machines <<'SCRIPT'
start_server && start_nodes 1 2 3 || exit
cd "$tree" || exit
find . -type f | sort -r >/run/names
find . -type f | sort >>/run/names
mapfile -t names </run/names
names=("${names[@]:0:20}" no_such_file "$tree/sub/long name" - "${names[@]:20}" /dev/null $'no\nfile' "")
run() { "$@" "${names[@]}" <"$tree/../stdin"; }
run cksum >/run/expected 2>/run/expected_errors
run on client "$BUILD/06_errors/far/checksum" >/run/got 2>/run/errors
echo "status $?"
cmp /run/got /run/expected && diff <(sed 's/^cksum/checksum/' /run/expected_errors) /run/errors &&
    echo "the same, $(wc -l </run/got) lines, $(wc -l </run/errors) errors"
on client "$BUILD/06_errors/far/checksum" sub
(echo through a pipe >pipe) & on client "$BUILD/06_errors/far/checksum" pipe
SCRIPT
    expect_match "$output" $'^status 1\nthe same, [1-9][0-9]+ lines, 3 errors\n'
    expect_match "$output" "$(printf 'through a pipe\n' | cksum) pipe"
    expect_equal "$errors" "checksum: sub: Is a directory"
}

@test "far: checksum shows progress on a terminal, and needs no node when it starts" {
    among_machines <<'SCRIPT'
start_server || exit
enter client script -qefc "$BUILD/06_errors/far/checksum LICENSE Makefile" /run/typescript >/dev/null &
client=$!
await 20 grep -q 'checksum: 0 of 2 files, [0-9]* s' /run/typescript && echo shown
start_nodes 1 || exit
wait "$client" && tr -d '\r' </run/typescript | grep -o '[0-9]* [0-9]* LICENSE'
SCRIPT
    expect_equal "$output" $'shown\n'"$(cksum LICENSE)"
}

# squares_while PATIENCE SECONDS WHAT [AFTER]: three nodes compute squares. When all six lanes are
# busy, run WHAT; the client's result must be right, and come within SECONDS; then run AFTER, until
# all lanes are there.
squares_while() { in_three_tries squares_once "$@"; }
squares_once() {
    among_machines <<SCRIPT || return
start_server && start_nodes 1 2 3 || exit
ask squares --nap \$(scaled 700) --patience \$(scaled $1)
await_running 6 do_work && $3 || exit
result $2
${4:+$4; await 20 nodes_are_there && echo "all lanes are back"}
SCRIPT
    expect_equal "$(nameless <<<"$output")" "$squares${4:+$'\nall lanes are back'}"
}

@test "far: a node is killed: its tasks run on another one, at once" {
    squares_while 15000 10 'kill_node 1'
}

@test "far: a machine loses its power: noticed after some seconds, its tasks run on another" {
    squares_while 15000 15 'power_off node2'
}

@test "far: a link is taken down and up: its tasks run elsewhere; then the node is back" {
    squares_while 15000 15 'cut_link node3' 'mend_link node3'
}

@test "far: a node is stopped: the client's patience ends, another node does its tasks" {
    # shellcheck disable=SC2016 # the script's variable
    squares_while 1500 15 'kill -STOP "${node[2]}"' 'kill -CONT "${node[2]}"'
}

@test "far: the job server is killed and started again: clients send again what had no answer" {
    squares_while 15000 15 restart_server
}

@test "far: a task that kills each node it comes to is given up after two; the rest is done" {
    among_machines <<'SCRIPT'
start_server && start_nodes 1 2 3 -- --workers 1 || exit
ask squares --nap 100 --killer
result 15
echo "$(for pid in "${node[@]}"; do kill -0 "$pid" 2>&1 && echo alive; done | grep -c alive) alive"
SCRIPT
    expect_equal "$(nameless <<<"$output")" \
        "${squares/7: 49/7: Failed with given up: each node that took it died or fell silent!!}"$'\n1 alive'
}

@test "far: a client is killed: what waits is dropped, what runs ends, nothing runs on" {
    among_machines <<'SCRIPT'
start_server && start_nodes 1 -- --workers 2 || exit
ask squares --nap 2000
await_running 2 do_work && kill -KILL "$client"
await_running 0 do_work && echo idle
server_says status "^do_work	0	0	2" && echo "nothing waits"
awk -v a="$start" -v b="$(now)" -v most="$(guard 8)" 'BEGIN { print b - a < most ? "in time" : "too late" }'
SCRIPT
    expect_equal "$output" $'idle\nnothing waits\nin time'
}

@test "far: the client's link is down for a while: it sends again" {
    # shellcheck disable=SC2016 # the script's function
    squares_while 2000 20 'cut_link client && sleep "$(scaled 3)" && mend_link client'
}

@test "far: no job server, or no node: each task is an error in three times the patience" {
    among_machines <<'SCRIPT'
ask squares --patience 500
result 5
start_server || exit
ask squares --patience 500
result 5
SCRIPT
    expect_equal "$(sort <<<"$output" | uniq -c | sed 's/^ *//' | grep -v '^2 [0-9]: Failed with no answer for 0.5 s, 3 times!!$')" \
        "2 status 0, in time"
}

twice_and_once() {
    among_machines <<'SCRIPT' || return
start_server && start_nodes 1 2 3 || exit
ask ledger --nap "$(scaled 700)" --patience "$(scaled 1500)"
await_running 6 append && kill -STOP "${node[1]}"
result 20
kill -CONT "${node[1]}" && await 20 nodes_are_there
ask ledger --nap "$(scaled 700)" --patience "$(scaled 1500)" --once
await_running 6 append_once && kill -STOP "${node[1]}"
result 20
SCRIPT
    expect_match "$output" $'^1[1-9] lines(, number [0-9] 2 times)+\nstatus 0, in time\n10 lines\nstatus 0, in time$'
}
@test "far: at least once: a node falls silent, tasks run twice; --once does no harm" { in_three_tries twice_and_once; }

@test "far: the same id: one run for two; answers and questions that do not fit are errors" {
    export ledger=$BATS_TEST_TMPDIR/ledger same_id=$BUILD/tests/far/same_id
    among_machines <<'SCRIPT'
start_server && start_nodes 1 || exit
on client "$same_id" "$ledger"
head -n 1 "$ledger"
SCRIPT
    expect_equal "$output" "first: ok
second: ok
short result: lost, a result of another size: is the node built from other sources?
short argument: failed, no such function or argument
unknown function: lost, no answer for 1 s, 2 times
not ended: not ended, not ended yet
null: misuse, no future
7"
}

@test "far: a node that is asked to end finishes what it runs" {
    among_machines <<'SCRIPT'
start_server && start_nodes 1 2 -- --workers 1 || exit
ask ledger --nap 300 --patience 30000
await_running 2 append && kill -TERM "${node[1]}"
await 10 is_gone "${node[1]}" && echo "the node has ended"
result 20
SCRIPT
    expect_equal "$output" $'the node has ended\n10 lines\nstatus 0, in time'
}

@test "far: the limit of the pool in the node" {
    among_machines <<'SCRIPT'
start_server && start_nodes 1 -- --limit 300 || exit
ask squares --nap 20000
result 10
SCRIPT
    expect_equal "$(cut -d: -f2- <<<"$output" | sort | uniq -c | sed 's/^ *//')" \
        $'10  Failed with stopped at its time limit!! (node1)\n1 status 0, in time'
}

# ---- GNU parallel over ssh ----------------------------------------------------------------

needs_root() {
    [ "$(id -u)" -eq 0 ] || left_out root "root: sshd takes another user's identity"
}

@test "far: parallel over ssh: checksum in batches on two machines, in order, with a log" {
    needs_root
    among_machines <<'SCRIPT'
start_sshd 1 2 || exit
{ find 0* -name '*.[ch]' | sort -r; echo no_such_file; } >/run/names
xargs cksum </run/names >/run/expected 2>/dev/null
on_nodes -k -n 20 --workdir "$PWD" --joblog /run/log "$BUILD/06_errors/checksum" </run/names >/run/got
echo "status $?"
cmp /run/got /run/expected && echo same
awk 'NR > 1 { hosts[$2]; status[$7]++ } END { print length(hosts), "hosts,", status[1], "failure" }' /run/log
SCRIPT
    expect_equal "$output" $'status 1\nsame\n2 hosts, 1 failure'
    expect_equal "$errors" "checksum: no_such_file: No such file or directory"
}

@test "far: parallel over ssh: a task crashes, a machine dies, one is stopped" {
    needs_root
    among_machines <<'SCRIPT'
start_sshd 1 2 || exit
crash='echo {} >>/run/runs; [ {} != 3 ] || kill -SEGV $$; echo {}'
on_nodes -k --joblog /run/log "$crash" ::: 1 2 3 4 | tr '\n' ' '
echo "status ${PIPESTATUS[0]}, task 3: $(awk '$1 == 3 { print $7 }' /run/log), runs $(grep -c 3 /run/runs)"
: >/run/runs
on_nodes -k --retries 3 "$crash" ::: 1 2 3 4 | tr '\n' ' '
echo "status ${PIPESTATUS[0]}, runs $(grep -c 3 /run/runs)"

task='[ "$(hostname)" != node1 ] || { touch /run/there; sleep 60; }; echo {}'
(await 20 test -e /run/there && ip netns pids node1 >/run/pids && kill -STOP $(</run/pids)) 2>/dev/null &
start=$(now)
on_nodes -k --retries 3 --timeout "$(guard 3)" "$task" ::: 1 2 3 4 >/run/results 2>/run/errors
echo "results and failures: $(($? + $(wc -l </run/results)))" \
    "$(awk -v a="$start" -v b="$(now)" -v most="$(guard 25)" 'BEGIN { print b - a < most ? "in time" : b - a }')"
kill -CONT $(</run/pids) 2>/dev/null
rm /run/there
(await 20 test -e /run/there && power_off node1) &
start=$(now)
on_nodes -k --retries 3 "$task" ::: 1 2 3 4 2>/run/errors | tr '\n' ' '
echo "status ${PIPESTATUS[0]}" "$(awk -v a="$start" -v b="$(now)" -v most="$(guard 25)" 'BEGIN { print b - a < most ? "in time" : b - a }')"
SCRIPT
    expect_equal "$output" "1 2 4 status 1, task 3: 139, runs 1
1 2 4 status 1, runs 3
results and failures: 4 in time
1 2 3 4 status 0 in time"
}

@test "far: parallel over ssh: --resume-failed runs what a dead machine left, and only that" {
    needs_root
    among_machines <<'SCRIPT'
start_sshd 1 2 || exit
cut_link node1
on_nodes --joblog /run/log 'echo {} >>/run/runs' ::: 1 2 3 4 2>/run/errors
echo "failed: $?, ran: $(wc -l </run/runs)"
mend_link node1
on_nodes --resume-failed --joblog /run/log 'echo {} >>/run/runs' ::: 1 2 3 4
echo "failed: $?, ran: $(sort /run/runs | tr '\n' ' ')"
SCRIPT
    expect_match "$output" $'^failed: [12], ran: [23]\nfailed: 0, ran: 1 2 3 4 $'
}

# ---- What is left, and the page -----------------------------------------------------------

# The processes that have this test's mark in their environment.
marked() { grep -lzs "^FAR_MARK=$mark\$" /proc/[0-9]*/environ || true; }

none_marked() { [ -z "$(marked)" ]; }

@test "far: nothing is left of make far after Ctrl-C, nor of machines after SIGTERM and SIGKILL" {
    local mark=$BATS_TEST_TMPDIR/mark before
    before="$(ip -o link | wc -l) $(mount | wc -l)"
    echo 'start_server && start_nodes 1 && echo --- up && sleep 60' >"$BATS_TEST_TMPDIR/script"
    for signal in INT TERM KILL; do
        command=("$machines" "$BATS_TEST_TMPDIR/script")
        [ "$signal" != INT ] || command=(env -u MAKEFLAGS -u MFLAGS make far BUILD="$BUILD")
        FAR_MARK=$mark setsid env --default-signal=INT "${command[@]}" \
            >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        leader=$!
        wait_until 30 grep -q '^---' "$BATS_TEST_TMPDIR/out"
        [ -n "$(marked)" ]
        case $signal in
        INT) kill -INT -- "-$leader" ;; # as a terminal does: to all of the group
        *) kill "-$signal" "$leader" ;;
        esac
        wait "$leader" && return 1
        wait_until 30 none_marked
    done
    expect_equal "$(ip -o link | wc -l) $(mount | wc -l)" "$before"
}

@test "far: bad usage, output that cannot be written" {
    expect_usage_error "$BUILD/06_errors/far/squares" --nap
    expect_usage_error "$BUILD/06_errors/far/node" --workers 0
    run_program "$BUILD/06_errors/far/checksum" -p x
    expect_status 2
    expect_match "$errors" "^usage: checksum"
    expect_output_failure "$BUILD/06_errors/far/checksum" - </dev/null
}

@test "far: what the page quotes, names and shows is real" {
    needs_root
    load text/text
    local page=06_errors/far/README.md
    SOURCES+=(06_errors/far/*.[ch])
    quotes_are_verbatim "$page"
    links_lead_somewhere "$page"
    functions_exist "$page"
    files_exist "$page"
    targets_exist "$page"
    form_is_good "$page"
    # The runs of the page are parts of what make far shows, and those it shows here.
    run_program -t 120 "$machines" 06_errors/far/show.sh squares checksum twice parallel
    expect_status 0
    take_apart "$page"
    shape <"$BATS_TEST_TMPDIR/stdout" | sort -u >"$BATS_TEST_TMPDIR/real"
    for block in "$blocks"/*.console; do
        [[ $(note_of "$block") != "not run: "?* ]] || continue
        comm -23 <(grep -v '^\$ ' "$block" | shape | sort -u) "$BATS_TEST_TMPDIR/real" >"$BATS_TEST_TMPDIR/unreal"
        [ ! -s "$BATS_TEST_TMPDIR/unreal" ] || { cat "$BATS_TEST_TMPDIR/unreal"; return 1; }
    done
}
