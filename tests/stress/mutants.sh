#!/usr/bin/env bash
# mutants.sh MAKE BUILD [REGEX]: break the pool on purpose, one thing at a time, and see each
# caught by a check of some seconds. A mutant that survives, an expression that no longer
# changes anything and a mutant that does not compile are failures. Works on a copy.
#
#     tests/stress/mutants.sh make build 'wake'        those whose name matches
#     tests/stress/mutants.sh make build --apply       look only whether each expression applies
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit
make=$1 out=$2/mutants regex=${3:-} apply_only=
[ "$regex" != --apply ] || apply_only=yes regex=
names=() files=() expressions=() checks=()

# mutant NAME FILE EXPRESSION CHECK: EXPRESSION is sed's, the file one line to it (sed -zE).
mutant() {
    [[ $1 =~ $regex ]] || return 0
    names+=("$1")
    files+=("$2")
    expressions+=("$3")
    checks+=("$4")
}

# ---- The queue and its workers
mutant 'a submit wakes nobody' 03_pool/inside/publish.c \
    's/if \(workers_any_idle[^\n]*\n/if (false)\n/' 'stress/regress submit_wakes'
mutant 'a woken worker does not wake the next' 03_pool/inside/worker.c \
    's/if \(woken && !queue_is_empty\(\&shared->queue\)\)/if (false)/' promises/in_order
mutant 'a task is claimed without compare-and-swap' 03_pool/inside/queue.h \
    's/bool taken = [^;]*;/atomic_store(\&task->word, word_run_by(word, number));\n                bool taken = true;/' \
    'stress/random_kills --tasks 100000 --long 300 --workers 4 --seed 1'
mutant 'a task is claimed before the slot names it' 03_pool/inside/queue.h \
    's/(atomic_store_explicit\(claim, task, memory_order_release\);)(.*if \(!taken\)[^;]*;[^\n]*\n)/\2\1/' \
    'stress/kill_each_instruction --every 1 one_task'
mutant 'a worker goes on with a ring that was replaced' 03_pool/inside/queue.h \
    's/view->ring = (atomic[^;]*);/view->ring = view->ring != NULL ? view->ring : \1;/' promises/submit_never_blocks
mutant 'a task is done before its function ran' 03_pool/inside/worker.c \
    's/(    task->function\(task_argument\(task\)\);\n)(.*)(    finish\(pool->shared, slot, task\);\n)/\3\2\1/' \
    promises/many_at_once
mutant 'the end of a task rings no bell' 03_pool/inside/worker.c \
    's/(word_to\(word, TASK_DONE\)\)\);\n *if) [^\n]*/\1 (false)/' 'stress/regress end_wakes'
mutant 'a task that is to be stopped can be done' 03_pool/inside/worker.c \
    's/ \|\| \(word & WORD_DOOMED\) != 0//' 'stress/regress stop_is_stop'
mutant 'workers keep the signal mask of the program' 03_pool/inside/worker.c \
    's/    sigprocmask\(SIG_SETMASK, &none, NULL\);\n//' promises/good_guest
mutant 'workers outlive their foreman' 03_pool/inside/worker.c \
    's/    end_with_foreman\(pool\);\n    name_this/    name_this/' 'stress/parent_deaths --rounds 1'
mutant 'a worker that changed its user outlives its foreman' 03_pool/inside/worker.c \
    's/    end_with_foreman\(pool\);\n( *worker_sleep)/\1/' 'stress/regress user_changes_and_back'
mutant 'a parent that ended before prctl() is not noticed' 03_pool/inside/linux.c \
    's/ && getppid\(\) == parent//' 'stress/regress foreman_dies_first'
mutant 'workers are not replaced after so many tasks' 03_pool/inside/worker.c \
    's/left != 0 && --left == 0/false/' promises/options

# ---- The foreman
mutant 'a task whose worker died is not reported' 03_pool/inside/foreman.c \
    's/    report_loss\(foreman, number, status\);\n/    (void)status, (void)report_loss;\n/' promises/crash_costs_one
mutant 'how a worker died is not written down' 03_pool/inside/foreman.c \
    's/    task->worker_status = [^\n]*\n/    (void)status;\n/' promises/crash_costs_one
mutant 'the dead are not replaced' 03_pool/inside/foreman.c \
    's/foreman->alive == foreman->workers\)/true)/' promises/crash_costs_one
mutant 'a dead worker stays marked as idle' 03_pool/inside/foreman.c \
    's/    worker_not_idle\([^\n]*\n//' 'stress/regress the_dead_do_not_wake'
mutant 'a dead worker leaves its wake-up undone' 03_pool/inside/foreman.c \
    's/    if \(atomic_load\(&shared->closing\) == OPEN [^;]*;\n//' 'stress/kill_each_instruction --every 7 wake_next'
mutant 'time limits are ignored' 03_pool/inside/foreman.c \
    's/deadline <= now/false/' promises/stopping
mutant 'the foreman outlives the program' 03_pool/inside/foreman.c \
    's/getppid\(\) != shared->program/false/' 'stress/parent_deaths --rounds 1'
mutant 'the result of a lost task keeps its memory' 03_pool/inside/foreman.c \
    's/if \(task->forget\)/if (false)/' 'stress/regress lost_results_cost_nothing'

# ---- The program's side
mutant 'a running task can be cancelled' 03_pool/inside/task.c \
    's/(int task_cancel.*)while \(word_state\(word\) == TASK_WAITING\)/\1while (!word_ended(word))/' \
    promises/stopping
mutant 'a task of a broken pool does not end' 03_pool/inside/pause.c \
    's/memory_order_acquire\) != NOT_BROKEN/memory_order_acquire) == 99/' promises/no_hang
mutant 'a freed task is not given back to the arena' 03_pool/inside/block.c \
    's/    arena_put\([^\n]*\n//' promises/bounded_memory
mutant 'the same, and only the soak looks' 03_pool/inside/block.c \
    's/    arena_put\([^\n]*\n//' 'stress/soak --seconds 5'
mutant 'a pool leaves a descriptor' 03_pool/inside/pool.c \
    's/    trace_close\(pool\);\n/&    if (dup(2) < 0)\n        return;\n/' 'stress/soak --seconds 5'
mutant 'a pool leaves its mapping' 03_pool/inside/arena.c \
    's/    shared_unmap\([^\n]*\n//' promises/nobody_left
mutant 'a pool leaves its foreman as a zombie' 03_pool/inside/pool.c \
    's/(waitpid\([^\n]*, NULL, )0\) < 0/\1WNOHANG) < 0/' promises/nobody_left
mutant 'the same, and only the soak looks for it' 03_pool/inside/pool.c \
    's/waitpid\(([^\n]*), NULL, 0\) < 0/waitid(P_PID, (id_t)\1, \&(siginfo_t){0}, WEXITED | WNOWAIT) < 0/' \
    'stress/soak --seconds 5'
mutant 'any process may use the pool' 03_pool/inside/handle.h \
    's/pool->generation == process_number\(\)/pool->generation != 0/' 'stress/misuse from_a_worker'
mutant 'a child of the program may add to its batches' 03_pool/inside/wait.c \
    's/(int batch_add[^}]*)if \(!pool_is_mine[^\n]*/\1if (batch == NULL)/' 'stress/misuse forks_on_its_own'
mutant 'tickets never begin again' 03_pool/inside/word.h \
    's/return \(int64_t\)\(\(ticket - other\) << TICKET_SHIFT\) < 0;/return ticket < other;/' 'stress/regress tickets_begin_again'
mutant 'waits end early' 03_pool/inside/linux.c \
    's/seconds \* 1e9;/seconds * 0.999e9;/' promises/timeouts
mutant 'a full queue is not noticed' 03_pool/inside/queue.h \
    's/return writer->tail - writer->head_seen < writer->room;/return true;/' promises/submit_never_blocks

# ---- Futures, maps, errors
mutant 'the first to end does not come first' 03_pool/inside/order.c \
    's/left > right\) - \(left < right\) : by_ticket/left < right) - (left > right) : by_ticket/' promises/many_at_once
mutant 'the results of a map in the wrong order' 04_futures/map.c \
    's/map->results \+ flight->first/map->results + (map->count - flight->first - chunk->count)/' promises/many_at_once
mutant 'a map forgets what a crash left of a chunk' 04_futures/map.c \
    's/flight, lost, end - lost\) == 0\)/flight, lost + 1, end - lost - 1) == 0)/' promises/many_at_once
mutant 'a result is copied before the task ended' 04_futures/future.c \
    's/    if \(task_wait[^;]*;\n//' promises/many_at_once
mutant 'what is behind a crash finds no room' 04_futures/map.c \
    's/ && errno == EAGAIN &&/ \&\& false \&\&/' 'stress/regress map_in_a_full_queue'
mutant 'a child that an item forked goes on with the map' 04_futures/map.c \
    's/if \(task_process\(\) != process\)/if (task_process() < process)/' 'stress/regress stray_child_of_a_map'
mutant 'a child that a task forked says what it returned' 04_futures/future.c \
    's/if \(task_process\(\) == process\)/if (task_process() >= process)/' 'stress/regress stray_child_of_a_future'
mutant 'an error that returned 0 is a success' 04_futures/future.c \
    's/return future->returned == 0 \? FUTURE_OK : FUTURE_FAILED/return FUTURE_OK/' promises/misuse

# ---------------------------------------------------------------------------------------

# An own mark in the environment: what a broken pool leaves is found by it, and ended.
export POOL_MUTANT=$$-$RANDOM$RANDOM
survivors() {
    grep -lzsx "POOL_MUTANT=$POOL_MUTANT" /proc/[0-9]*/environ | cut -d/ -f3 |
        grep -vx -e $$ -e "$BASHPID" || true
}

# run CHECK: how it ended, in $end; false if it is red.
run() {
    local status=0 pid
    # shellcheck disable=SC2086 # program and arguments
    setsid timeout -k 1 "$limit" "$out"/build/tests/$1 >"$out/output" 2>&1 </dev/null &
    wait $! || status=$?
    for pid in $(ps -s $! -o pid=,stat= | awk '$2 !~ /^Z/ { print $1 }'); do
        status=${status/#0/somebody left}
        kill -KILL "$pid" 2>/dev/null
    done
    for pid in $(survivors); do kill -KILL "$pid" 2>/dev/null; done
    case $status in
    0) end="green" ;;
    124 | 137) end="hung" ;;
    *) end=$(grep -a -m 1 -oE "(tests/[^ ]*: |').*" "$out/output" | cut -c 1-90) ;;
    esac
    [ "$status" = 0 ]
}

build() {
    "$make" --no-print-directory -C "$out/source" -j2 BUILD="$out/build" \
        "${@/#/$out/build/tests/}" >"$out/log" 2>&1 </dev/null
}

if [ -n "$apply_only" ]; then
    failed=0
    for i in "${!names[@]}"; do
        if sed -zE "${expressions[i]}" "${files[i]}" | cmp -s - "${files[i]}"; then
            echo "no longer changes ${files[i]}: ${names[i]}"
            failed=$((failed + 1))
        fi
    done
    echo "${#names[@]} mutants, $failed out of date"
    exit $((failed > 0))
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "$out/source" "$out/build"
mkdir "$out/source"
cp -r Makefile 0* tests "$out/source"
mapfile -t programs < <(printf '%s\n' "${checks[@]%% *}" | sort -u)
build "${programs[@]}" || {
    tail "$out/log"
    exit 1
}
failed=0 limit=60
declare -A took=()
mapfile -t whole < <(printf '%s\n' "${checks[@]}" | sort -u)
for check in "${whole[@]}"; do
    SECONDS=0
    run "$check" || {
        echo "red without any mutant: $check: $end"
        exit 1
    }
    took[$check]=$SECONDS
done
for i in "${!names[@]}"; do
    file=${files[i]} start=$EPOCHREALTIME
    # A mutant may hang. Without one its check takes less than a third of this.
    limit=$((3 * (took[${checks[i]}] + 2)))
    sed -zE "${expressions[i]}" "$file" >"$out/source/$file"
    if cmp -s "$file" "$out/source/$file"; then
        verdict="OUT OF DATE: the expression changes nothing in $file"
    elif ! build "${checks[i]%% *}"; then
        verdict="DOES NOT COMPILE: $(grep -m 1 error: "$out/log")"
    elif run "${checks[i]}"; then
        verdict="SURVIVED ${checks[i]}"
    else
        verdict="caught by ${checks[i]}: $end"
    fi
    cp "$file" "$out/source/$file" # and it is newer than the mutant
    [[ $verdict == caught* ]] || failed=$((failed + 1))
    printf '%-52s %4.1f s  %s\n' "${names[i]}" \
        "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')" "$verdict"
done
printf '%d mutants, %d not caught\n' "${#names[@]}" "$failed"
[ "$failed" -eq 0 ] && [ "${#names[@]}" -gt 0 ]
