/*
 * stair_steps.js: the small pools of chapter 3, which lead to the pool, as tables of steps: the
 * pipe, the lock, two wrong ways to take a task, and the word that is swapped. Two workers, two
 * tasks, and a program that submits them, waits for its workers and says what became of each
 * task. The pipe has room for one task.
 */
"use strict";

var Stairs = (function () {
    const M = typeof require === "undefined" ? Machine : require("./machine.js");

    const NONE = 2, TASKS = 2, EXITED = 3; /* EXITED: of itself, and not reaped yet */
    const tasks = [0, 1], workers = [0, 1];

    const layout = M.layout({
        PLACE: [3, 5], ALIVE: [3, 2],
        HEAD: [1, 2], TAIL: [1, 2], SEM: [1, 3], LOCK: [1, 2], CLOSED: [1, 1],
        OWNER: [2, 2], DONE: [2, 1], LOST: [2, 1], /* OWNER: 0 none, else a worker's number + 1 */
        TASK: [2, 2], LOOKED: [1, 2], BAD: [1, 1],
        BEGUN: [2, 2], LATE: [1, 1], DEATHS: [1, 2],
    });
    const F = layout.at;
    const { ALIVE, HEAD, TAIL, SEM, LOCK, CLOSED, OWNER, DONE, LOST, TASK, BAD, BEGUN, LATE,
            DEATHS, PLACE } = F;
    const HELD_BY_PROGRAM = 3;

    const processes = () => [
        { kind: "program", name: "program", letter: "P", me: 2 },
        { kind: "worker", name: "worker 0", letter: "0", me: 0 },
        { kind: "worker", name: "worker 1", letter: "1", me: 1 },
    ];
    const state_of = (s, w) => s[ALIVE + 1 + w];
    const none_left = (s) => workers.every((w) => state_of(s, w) === M.GONE);
    const ended = (s, w) => state_of(s, w) === M.DEAD || state_of(s, w) === EXITED;

    /* ---- Rows that several stairs have ---------------------------------------------------- */

    const run_rows = (done_code, back) => [
        {
            kind: "worker", within: "work()", at: "run",
            code: 'printf("I am process %ld working on task %d\\n", (long)getpid(), task);',
            says: "Run the task.",
            does: (s, me) => {
                s[BEGUN + s[TASK + me]]++;
                if (s[ALIVE] !== M.RUNS) s[LATE] = 1;
                return "done";
            },
        }, {
            kind: "worker", within: "work()", at: "done", code: done_code,
            says: "The task is done.",
            does: (s, me) => {
                s[DONE + s[TASK + me]] = 1;
                s[TASK + me] = NONE;
                return back;
            },
        },
    ];
    const exit_row = (code) => ({
        kind: "worker", within: "work()", at: "exit", code,
        says: "No task is left: the worker ends.",
        does: (s, me) => { s[ALIVE + 1 + me] = EXITED; return "end"; },
    });
    const sem_row = {
        kind: "worker", within: "take()", at: "sem", code: "sem_wait(&shared->waiting);",
        says: "Wait until the semaphore is above 0, and count it down.",
        when: (s) => s[SEM] > 0,
        does: (s) => { s[SEM]--; return "take"; },
    };
    const POSTS = TASKS + workers.length;
    const post_rows = [...Array(POSTS).keys()].map((i) => ({
        kind: "program", within: "main()", at: `post_${i}`,
        code: "sem_post(&shared->waiting); /* four more: a worker that finds no task ends */",
        says: i < TASKS ? "Count the semaphore up, once for each task: a worker wakes." :
            "Count it up once more for each worker: it finds that no task is left.",
        does: (s) => { s[SEM]++; return i + 1 < POSTS ? `post_${i + 1}` : "wait"; },
    }));
    const wait_code = "for (int pid, status; (pid = wait(&status)) > 0;)";
    const wait_rows = (code, killed_next, says) => workers.map((w) => ({
        kind: "program", within: "main()", at: "wait", letter: String(w),
        option: `reap worker ${w}`, code,
        says: says || `Worker ${w} has ended. The program sees how, and no more.`,
        when: (s) => ended(s, w),
        does: (s) => {
            const killed = state_of(s, w) === M.DEAD;
            s[ALIVE + 1 + w] = M.GONE;
            s[F.LOOKED] = w;
            if (killed) s[BAD] = 1;
            if (killed && killed_next) return killed_next;
            return none_left(s) ? "report" : "wait";
        },
    }));
    const report_row = {
        kind: "program", within: "main()", at: "report",
        code: 'printf("Task %d is lost: process %ld had it\\n", i, (long)shared->worker[i]);',
        says: "No worker is left. Name the tasks that are not done and whose worker is known.",
        does: (s) => {
            for (const t of tasks) if (!s[DONE + t] && s[OWNER + t]) s[LOST + t] = 1;
            return "end";
        },
    };

    /* ---- The pipe: smallest_pool.c -------------------------------------------------------- */

    const pipe = [
        ...tasks.map((t) => ({
            kind: "program", within: "main()", at: `write_${t}`,
            code: "if (write(queue[1], &task, sizeof task) != sizeof task)",
            says: `Write task ${t} into the pipe. If the pipe is full, wait.`,
            when: (s) => s[TAIL] - s[HEAD] < 1 || workers.every((w) => state_of(s, w) !== M.RUNS),
            does: (s) => {
                if (workers.every((w) => state_of(s, w) !== M.RUNS)) {
                    s[BAD] = 1; /* EPIPE: no process can read it */
                    return "end";
                }
                s[TAIL]++;
                return t + 1 < TASKS ? `write_${t + 1}` : "close";
            },
        })), {
            kind: "program", within: "main()", at: "close", code: "close(queue[1]);",
            says: "Close the pipe: the workers see its end when they have read the rest.",
            does: (s) => { s[CLOSED] = 1; return "wait"; },
        },
        ...wait_rows("while (wait(&status) > 0)"), {
            kind: "program", within: "main()", at: "report",
            code: 'puts("A worker was killed. Which task did it have?");',
            says: "If a worker was killed, say so. Which task it had, the program can't say.",
            does: () => "end",
        }, {
            kind: "worker", within: "work()", at: "read",
            code: "for (int task; read(queue, &task, sizeof task) == sizeof task;) {",
            says: "Read a task from the pipe. If it is empty, wait; if it is closed, end.",
            when: (s) => s[HEAD] < s[TAIL] || s[CLOSED] || s[ALIVE] !== M.RUNS,
            does: (s, me) => {
                if (s[HEAD] === s[TAIL]) return "exit";
                s[TASK + me] = s[HEAD]++;
                return "run";
            },
        },
        ...run_rows('nanosleep(&(struct timespec){0, is("full") ? 0 : 200000000}, NULL);', "read"), exit_row("return 0;"),
    ];

    /* ---- The lock: locked_pool.c ---------------------------------------------------------- */

    const holder = (kind, me) => (kind === "program" ? HELD_BY_PROGRAM : me + 1);
    const holder_is_dead = (s) =>
        s[LOCK] > 0 && s[LOCK] < HELD_BY_PROGRAM && state_of(s, s[LOCK] - 1) !== M.RUNS ||
        s[LOCK] === HELD_BY_PROGRAM && s[ALIVE] !== M.RUNS;
    function lock_row(kind, at, next) {
        return {
            kind, within: kind === "program" ? "main()" : "take()", at,
            code: kind === "program" ? "pthread_mutex_lock(&shared->lock);" :
                "if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD)",
            says: "Take the lock. If another process has it, wait.",
            when: (s, me, on) => s[LOCK] === 0 || (Boolean(on.robust) && holder_is_dead(s)),
            does: (s, me) => { s[LOCK] = holder(kind, me); return next; },
        };
    }
    function unlock_row(kind, at, next) {
        return {
            kind, within: kind === "program" ? "main()" : "take()", at,
            code: "pthread_mutex_unlock(&shared->lock);", says: "Give the lock back.",
            does: (s, me) => { s[LOCK] = 0; return next(s, me); },
        };
    }
    const locked = [
        lock_row("program", "lock", "add"),
        {
            kind: "program", within: "main()", at: "add",
            code: 'shared->tail = is("full") ? ROOM : 10;',
            says: "Submit the tasks: move the tail behind the last one.",
            does: (s) => { s[TAIL] = TASKS; return "unlock"; },
        },
        unlock_row("program", "unlock", () => "post_0"), ...post_rows,
        ...wait_rows(wait_code), report_row,
        sem_row, lock_row("worker", "take", "head"),
        {
            kind: "worker", within: "take()", at: "head",
            code: "int task = shared->head < shared->tail ? shared->head++ : -1;",
            says: "Take the task at the head, and move the head.",
            does: (s, me) => {
                if (s[HEAD] === s[TAIL]) return "unlock";
                s[TASK + me] = s[HEAD]++;
                return "owner";
            },
        }, {
            kind: "worker", within: "take()", at: "owner",
            code: "shared->worker[task] = getpid();",
            says: "Write into the task which worker has it.",
            does: (s, me) => { s[OWNER + s[TASK + me]] = me + 1; return "unlock"; },
        },
        unlock_row("worker", "unlock", (s, me) => (s[TASK + me] === NONE ? "exit" : "run")),
        ...run_rows("shared->done[task] = true;", "sem"), exit_row("return 0;"),
    ];

    /* ---- Two wrong ways: wrong_pool.c ----------------------------------------------------- */

    const wrong = [
        ...wait_rows(wait_code),
        {
            ...report_row, code: 'printf("Task %d is nobody\'s\\n", i);',
            says: "No worker is left. Look for tasks that were done twice, or not at all.",
        },
        {
            kind: "worker", within: "look_then_write(), swap_the_head()", at: "take", code: "int task = shared->head;",
            says: "Look which task is at the head.",
            does: (s, me, on) => {
                if (s[HEAD] >= s[TAIL]) return "exit";
                s[TASK + me] = s[HEAD];
                return on.swap_the_head ? "swap" : "write";
            },
        }, {
            kind: "worker", within: "look_then_write(), swap_the_head()", at: "write", without: "swap_the_head",
            code: "shared->head = task + 1;",
            says: "Write the next head, without a look whether the head is still as it was.",
            does: (s, me) => { s[HEAD] = s[TASK + me] + 1; return "owner"; },
        }, {
            kind: "worker", within: "look_then_write(), swap_the_head()", at: "swap", only: "swap_the_head",
            code: "} while (!atomic_compare_exchange_strong(&shared->head, &task, task + 1));",
            says: "Swap the head for the next, if it is still as it was; else look again.",
            does: (s, me) => {
                if (s[HEAD] !== s[TASK + me]) {
                    s[TASK + me] = NONE;
                    return "take";
                }
                s[HEAD]++;
                return "owner";
            },
        }, {
            kind: "worker", within: "look_then_write(), swap_the_head()", at: "owner",
            code: "shared->worker[task] = getpid();",
            says: "Write into the task which worker has it.",
            does: (s, me) => { s[OWNER + s[TASK + me]] = me + 1; return "run"; },
        },
        ...run_rows("shared->times_done[task]++;", "take"), exit_row("return 0;"),
    ];

    /* ---- The word: swapped_pool.c --------------------------------------------------------- */

    const swapped = [
        ...tasks.map((t) => ({
            kind: "program", within: "main()", at: `add_${t}`,
            code: "shared->word[task] = WAITING;",
            says: `Submit task ${t}: its word says that it waits.`,
            does: (s) => { s[TAIL]++; return t + 1 < TASKS ? `add_${t + 1}` : "post_0"; },
        })),
        ...post_rows,
        ...wait_rows(wait_code, "bury", "A worker has ended. If it was killed, bury it."),
        {
            kind: "program", within: "bury()", at: "bury",
            code: "if (shared->word[task] == worker)",
            says: "Look for the task whose word says that the dead worker has it: it is lost.",
            does: (s) => {
                for (const t of tasks)
                    if (s[OWNER + t] === s[F.LOOKED] + 1 && !s[DONE + t]) s[LOST + t] = 1;
                return "fork";
            },
        }, {
            kind: "program", within: "bury()", at: "fork", code: "if (fork() == 0)",
            says: "Fork another worker into its place.",
            does: (s) => {
                s[ALIVE + 1 + s[F.LOOKED]] = M.RUNS;
                s[PLACE + 1 + s[F.LOOKED]] = 0;
                return "post";
            },
        }, {
            kind: "program", within: "bury()", at: "post",
            code: "sem_post(&shared->waiting);",
            says: "Count the semaphore up: the dead worker may have counted it down for nothing.",
            does: (s) => { s[SEM]++; return "wait"; },
        }, {
            kind: "program", within: "main()", at: "report",
            code: 'printf("The results add up to %ld\\n", sum);',
            says: "No worker is left. Add up the results.", does: () => "end",
        },
        sem_row,
        {
            kind: "worker", within: "take()", at: "take",
            code: "for (int task = 0; task < ROOM; task++) {",
            says: "Begin with task 0.",
            does: (s, me) => { s[TASK + me] = 0; return "swap"; },
        }, {
            kind: "worker", within: "take()", at: "swap",
            code: "bool mine = atomic_compare_exchange_strong(&shared->word[task], &word, getpid());",
            says: "Swap the task's own word from waiting to the number of this process. If it " +
                "does not say waiting, go on to the next task.",
            does: (s, me) => {
                const t = s[TASK + me];
                if (t < s[TAIL] && !s[OWNER + t]) {
                    s[OWNER + t] = me + 1;
                    return "run";
                }
                s[TASK + me] = t + 1 < TASKS ? t + 1 : NONE;
                return t + 1 < TASKS ? "swap" : "exit";
            },
        },
        ...run_rows("shared->word[task] = DONE;", "sem"), exit_row("return 0;"),
    ];

    /* ---- Promises ------------------------------------------------------------------------- */

    const over = (s, machine) => M.place(machine, s, machine.processes[0]) === "end";

    function build(name, table) {
        const machine = {
            name, layout, at: F, processes: processes(), table,
            kinds_to_kill: ["program", "worker"],
            no_deaths_now: () => false,
            init: (s) => {
                s.fill(NONE, TASK, TASK + 2);
                if (name === "wrong") s[TAIL] = TASKS; /* all wait from the beginning */
            },
            killed: (s, process) => {
                if (process.kind !== "worker") return;
                s[TASK + process.me] = NONE;
                if (s[DEATHS] < 3) s[DEATHS]++;
            },
        };
        machine.promises = [
            { name: "a task begins once", holds: (s) => tasks.every((t) => s[BEGUN + t] <= 1) },
            {
                name: "no task begins after the program was killed",
                holds: (s) => !s[LATE],
            },
        ];
        machine.promises_at_the_end = [
            {
                name: "no process waits for ever",
                holds: (s) => over(s, machine) || s[ALIVE] !== M.RUNS,
            }, {
                name: "no process waits for a lock that a dead process has",
                holds: (s, on) => s[ALIVE] !== M.RUNS || on.robust || !holder_is_dead(s),
            }, {
                name: "every task is done, or named as lost",
                holds: (s) => s[ALIVE] !== M.RUNS || !over(s, machine) ||
                    tasks.every((t) => s[DONE + t] || s[LOST + t] ||
                        (name !== "swapped" && s[BAD] && t >= s[HEAD])),
            },
        ];
        machine.constants = { NONE, EXITED, HELD_BY_PROGRAM };
        return M.make(machine);
    }

    return {
        pipe: build("pipe", pipe), locked: build("locked", locked),
        wrong: build("wrong", wrong), swapped: build("swapped", swapped),
    };
})();

if (typeof module !== "undefined") module.exports = Stairs;
