/*
 * pool_steps.js: the pool, as a table of steps. Two workers, two tasks, a program that submits
 * them, and waits for both or cancels one, and closes the pool; and a foreman.
 *
 * The steps are those of the C code, in its words. Like the model in tests/model, the table
 * leaves out the reuse of memory, time limits, stopping, spinning, and the program's look every
 * tenth of a second, which would hide a wake-up that is lost. A task is its ticket here.
 */
"use strict";

var Pool = (function () {
    const M = typeof require === "undefined" ? Machine : require("./machine.js");

    const WORKERS = 2, NONE = 2;

    /* A task's word: its state, in the order of enum task_state, and two more bits. */
    const NEW = 0, WAITING = 1, RUNNING = 2, DONE = 3, CANCELLED = 4, LOST = 5, BROKEN = 6;
    const WATCHED = 8, BY_WORKER_1 = 16;
    const PHASES = ["new", "waiting", "running", "done", "cancelled", "lost", "broken"];

    const layout = M.layout({
        PLACE: [5, 6], ALIVE: [4, 2], /* program, workers, foreman (and kernel) */
        WORD: [2, 5], TAIL: [1, 2], HEAD: [1, 2], SLOT: [2, 2],
        IDLE: [2, 1], WAKING: [1, 1], CLOSING: [1, 1], CLOSED: [1, 1], BROKE: [1, 1],
        /* Bells: rung since its sleeper read it? Does it sleep on it? */
        RUNG: [3, 1], ASLEEP: [3, 1], PROGRAM_SLEEPS: [1, 1],
        /* What each process keeps to itself. */
        TASK: [2, 2], SEEN: [2, 1], WOKEN: [2, 1], WATCHING: [2, 1],
        TO_WAKE: [4, 2], AT: [1, 2], BURIES: [1, 1],
        /* For the verdict. */
        BEGUN: [2, 2], ENDS: [2, 2], DEATHS: [1, 2], DONE_WITH: [2, 1],
    });
    const F = layout.at;
    const { WORD, HEAD, TAIL, SLOT, IDLE, WAKING, CLOSING, CLOSED, BROKE, RUNG, ASLEEP,
            PROGRAM_SLEEPS, TASK, SEEN, WOKEN, WATCHING, TO_WAKE, AT, BURIES, BEGUN, ENDS,
            DEATHS, DONE_WITH, ALIVE, PLACE } = F;
    const PROGRAM = 2; /* its bell, after those of the workers */

    const processes = [
        { kind: "program", name: "program", letter: "P", me: 0 },
        { kind: "worker", name: "worker 0", letter: "0", me: 0 },
        { kind: "worker", name: "worker 1", letter: "1", me: 1 },
        { kind: "foreman", name: "foreman", letter: "F", me: 3 },
        { kind: "kernel", name: "kernel", letter: "K", me: 0 },
    ];
    const INDEX_OF_WORKER = 1, INDEX_OF_FOREMAN = 3;

    const phase = (word) => word & 7;
    const to = (word, new_phase) => (word & ~7) | new_phase;
    const ended = (word) => phase(word) >= DONE;
    const is_run_by = (word, w) =>
        phase(word) === RUNNING && (word & BY_WORKER_1) === w * BY_WORKER_1;
    const run_by = (word, w) => to(word, RUNNING) | (w * BY_WORKER_1);
    const empty = (s) => s[HEAD] === s[TAIL];
    const worker_runs = (s, w) => s[ALIVE + INDEX_OF_WORKER + w] === M.RUNS;
    const foreman_runs = (s) => s[ALIVE + INDEX_OF_FOREMAN] === M.RUNS;
    const program_runs = (s) => s[ALIVE] === M.RUNS;
    const alive = (s) => [0, 1].filter((w) => s[ALIVE + INDEX_OF_WORKER + w] !== M.GONE).length;

    function become(s, t, word) {
        s[WORD + t] = word;
        if (ended(word) && s[ENDS + t] < 3) s[ENDS + t]++;
    }
    /* A task that has not ended when the pool is broken never will. */
    function notice_break(s, t) {
        if (s[BROKE] && !ended(s[WORD + t])) become(s, t, to(s[WORD + t], BROKEN));
    }
    function ring(s, bell) {
        s[RUNG + bell] = 1;
        s[ASLEEP + bell] = 0;
    }

    const table = [];
    const rows = (kind, within, list) =>
        list.forEach((row) => table.push({ kind, within, code: null, ...row }));
    const always = () => true;

    /* ---- Wake one worker: the program, a worker and the foreman do this alike ------------ */

    /* `before` distinguishes the places, `back` says where the caller goes on. */
    function wake_one(kind, before, caller, back) {
        const guest = kind !== "worker"; /* dies with the pool only: the model joins its rings */
        const mine = (me) => TO_WAKE + (kind === "program" ? 2 : me);
        rows(kind, "workers_wake_one()", [
            {
                at: before + "any_idle", code: "while (workers_any_idle(shared, workers)) {",
                says: "Is any worker's idle bit set? If not, there is no worker to wake.",
                does: (s) => (s[IDLE] | s[IDLE + 1] ? before + "waking" : back(s)),
            }, {
                at: before + "waking", joined: always,
                code: "if (atomic_load(&shared->waking) || atomic_exchange(&shared->waking, true))",
                says: "If a worker is being woken already, that is enough; else set waking.",
                does: (s) => {
                    if (s[WAKING]) return back(s);
                    s[WAKING] = 1;
                    return before + "clear";
                },
            },
        ]);
        rows(kind, "wake_in()", [
            {
                at: before + "clear",
                code: "idle = atomic_fetch_and(&shared->idle[group], ~lowest);",
                says: "Clear the lowest idle bit: the process that clears it wakes that worker.",
                does: (s, me, on) => {
                    const w = s[IDLE] ? 0 : s[IDLE + 1] ? 1 : NONE;
                    s[mine(me)] = w;
                    if (w === NONE) return before + "reset";
                    if (!on.ring_first) s[IDLE + w] = 0;
                    return before + "bell";
                },
            }, {
                at: before + "bell", code: "atomic_fetch_add(bell, 1);",
                joined: (me, on) => Boolean(on.ring_first),
                says: "Increment that worker's bell.",
                does: (s, me) => { s[RUNG + s[mine(me)]] = 1; return before + "wake"; },
            }, {
                at: before + "wake", code: "futex_wake(bell, 1);",
                joined: (me, on) => guest || Boolean(on.ring_first),
                says: "Wake the worker, if it sleeps on that bell.",
                does: (s, me, on) => {
                    s[ASLEEP + s[mine(me)]] = 0;
                    if (on.ring_first) return before + "clear_late";
                    s[mine(me)] = NONE;
                    return back(s);
                },
            }, {
                at: before + "clear_late", only: "ring_first",
                says: "The mistake: clear the idle bit only now, after the wake.",
                does: (s, me) => {
                    s[IDLE + s[mine(me)]] = 0;
                    s[mine(me)] = NONE;
                    return back(s);
                },
            },
        ]);
        rows(kind, "workers_wake_one()", [
            {
                at: before + "reset", code: "atomic_store(&shared->waking, false);",
                says: "No worker was idle after all: clear waking.",
                does: (s) => { s[WAKING] = 0; return before + "look_again"; },
            }, {
                at: before + "look_again", code: "if (queue_is_empty(&shared->queue))",
                says: "Look at the queue again: a submit may have relied on waking meanwhile.",
                does: (s) => (empty(s) ? back(s) : before + "any_idle"),
            },
        ]);
    }

    /* ---- The worker ---------------------------------------------------------------------- */

    rows("worker", "queue_take()", [
        {
            at: "take", code: "if (word_waits(word, head)) {",
            says: "Read the head, and the word of the task there. Does that task wait?",
            does: (s, me, on) => {
                const t = s[HEAD];
                if (t >= s[TAIL]) return "none";
                s[TASK + me] = t;
                if (phase(s[WORD + t]) !== WAITING) return "pass";
                s[SEEN + me] = s[WORD + t] & WATCHED ? 1 : 0;
                return on.note_late ? "swap" : "note";
            },
        }, {
            at: "note", joined: always, without: "note_late",
            code: "atomic_store_explicit(claim, task, memory_order_release);",
            says: "Note the task in the slot, so that the foreman knows where to look.",
            does: (s, me) => { s[SLOT + me] = s[TASK + me]; return "swap"; },
        }, {
            at: "swap", joined: always,
            code: "bool taken = atomic_compare_exchange_strong(&task->word, &word, " +
                "word_run_by(word, number));",
            says: "Swap the task's word from waiting to running by this worker, if it is " +
                "still as it was read.",
            does: (s, me, on) => {
                const t = s[TASK + me];
                const expected = WAITING | (s[SEEN + me] ? WATCHED : 0);
                s[SEEN + me] = 0;
                if (s[WORD + t] !== expected && !on.look_then_write) {
                    s[TASK + me] = NONE;
                    return "take";
                }
                s[WORD + t] = run_by(expected, me);
                return on.note_late ? "note_late" : "move_head";
            },
        }, {
            at: "note_late", only: "note_late",
            says: "The mistake: note the task in the slot only now, after taking it.",
            does: (s, me) => { s[SLOT + me] = s[TASK + me]; return "move_head"; },
        }, {
            at: "move_head",
            code: "atomic_compare_exchange_strong(&queue->head, &head, head + 1);",
            says: "Move the head past the task, unless it has been moved already.",
            does: (s, me) => {
                if (s[HEAD] === s[TASK + me]) s[HEAD]++;
                return s[WOKEN + me] ? "more" : "run";
            },
        }, {
            at: "pass", joined: always,
            code: "atomic_compare_exchange_strong(&queue->head, &head, head + 1);",
            says: "This task no longer waits: move the head past it, then look again.",
            does: (s, me) => {
                if (s[HEAD] === s[TASK + me]) s[HEAD]++;
                s[TASK + me] = NONE;
                return "take";
            },
        },
    ]);
    rows("worker", "run_one()", [
        {
            at: "more", code: "if (shift->woken && !queue_is_empty(&shared->queue))",
            says: "It was woken and has a task. Are there more? Then it wakes the next worker.",
            does: (s) => (empty(s) ? "run" : "w_any_idle"),
        },
    ]);
    wake_one("worker", "w_", "run_one()", () => "run");
    rows("worker", "run()", [
        {
            at: "run", code: "task->function(task_argument(task));",
            says: "Run the task.",
            does: (s, me, on) => {
                const t = s[TASK + me];
                s[WOKEN + me] = 0;
                if (s[BEGUN + t] < 3) s[BEGUN + t]++;
                return on.two_words ? "say_over" : "finish";
            },
        },
    ]);
    rows("worker", "finish()", [
        {
            at: "say_over", only: "two_words",
            says: "The mistake: say in one word that the queue is done with the task, and only " +
                "then in another how it ended.",
            does: (s, me) => { s[DONE_WITH + s[TASK + me]] = 1; return "finish"; },
        }, {
            at: "finish",
            code: "} while (!atomic_compare_exchange_weak(&task->word, &word, " +
                "word_to(word, TASK_DONE)));",
            says: "Swap the task's word from running to done. If the program has written " +
                "broken there, pause: the kernel is about to kill this worker.",
            when: (s, me, on) =>
                on.finish_blindly || phase(s[WORD + s[TASK + me]]) === RUNNING ||
                on.look_then_write,
            does: (s, me) => {
                const t = s[TASK + me], watched = s[WORD + t] & WATCHED;
                become(s, t, to(s[WORD + t], DONE));
                s[TASK + me] = NONE;
                return watched ? "ring" : "take";
            },
        }, {
            at: "ring", code: "atomic_fetch_add(&shared->bell, 1);",
            says: "The task is watched: increment the program's bell.",
            does: (s) => { s[RUNG + PROGRAM] = 1; return "asks"; },
        },
    ]);
    rows("worker", "program_wake_waiting()", [
        {
            at: "asks", code: "uint32_t waits = atomic_exchange(&shared->program_waits, 0);",
            says: "Does the program say that it sleeps? Then clear that: this worker wakes it.",
            does: (s, me, on) => {
                if (!s[PROGRAM_SLEEPS]) return "take";
                s[PROGRAM_SLEEPS] = 0;
                return on.ring_once ? "wakes" : "rings_again";
            },
        }, {
            at: "rings_again", without: "ring_once", code: "bell_ring_all(&shared->bell);",
            says: "Increment the bell again: the program may have said that it sleeps and not " +
                "be asleep yet.",
            does: (s) => { s[RUNG + PROGRAM] = 1; return "wakes"; },
        }, {
            at: "wakes", code: "futex_wake(bell, INT_MAX);",
            says: "Wake the program, if it sleeps on its bell.",
            does: (s) => { s[ASLEEP + PROGRAM] = 0; return "take"; },
        },
    ]);
    rows("worker", "work()", [
        {
            at: "none",
            code: "atomic_load_explicit(&shared->closing, memory_order_acquire) != OPEN",
            says: "No task waits. Is the pool closing?",
            does: (s, me, on) =>
                s[CLOSING] ? "last_look" : on.look_first ? "look_early" : "read_bell",
        }, {
            at: "last_look", code: "if (queue_is_empty(&shared->queue))",
            says: "The pool is closing: if the queue is empty, this worker ends.",
            does: (s) => (empty(s) ? "exit" : "take"),
        },
    ]);
    rows("worker", "worker_sleep()", [
        {
            at: "look_early", only: "look_first",
            says: "The mistake: look at the queue first, and only then say that it is idle.",
            does: (s) => (empty(s) && !s[CLOSING] ? "read_bell" : "up"),
        }, {
            at: "read_bell", code: "uint32_t seen = bell_read(bell);",
            says: "Read its own bell.",
            does: (s, me) => { s[RUNG + me] = 0; return "say_idle"; },
        }, {
            at: "say_idle", joined: always,
            code: "atomic_fetch_or(&shared->idle[number / 64], UINT64_C(1) << number % 64);",
            says: "Say that it is idle: set its idle bit.",
            does: (s, me, on) => { s[IDLE + me] = 1; return on.look_first ? "sleep" : "look"; },
        }, {
            at: "look", without: "look_first",
            code: "if (queue_is_empty(&shared->queue) && atomic_load(&shared->closing) == OPEN)",
            says: "Look at the queue once more, and whether the pool is closing.",
            does: (s) => (empty(s) && !s[CLOSING] ? "sleep" : "up"),
        }, {
            at: "sleep", code: "bell_wait(bell, seen, CLOCK_NEVER);",
            joined: (me, on) => !on.look_first,
            says: "Sleep on the bell, unless it was rung since it was read.",
            does: (s, me) => { s[ASLEEP + me] = s[RUNG + me] ? 0 : 1; return "up"; },
        }, {
            at: "up", code: "worker_not_idle(shared, number);",
            says: "Awake: clear its own idle bit.",
            when: (s, me) => !s[ASLEEP + me],
            does: (s, me) => { s[IDLE + me] = 0; return "woken"; },
        }, {
            at: "woken", code: "atomic_store(&shared->waking, false);", joined: always,
            says: "Clear waking: the next submit may wake another worker.",
            does: (s, me) => { s[WAKING] = 0; s[WOKEN + me] = 1; return "take"; },
        },
    ]);
    rows("worker", "worker_run()", [
        {
            at: "exit", code: "_exit(0);", says: "End.",
            does: (s, me) => {
                s[ALIVE + INDEX_OF_WORKER + me] = M.DEAD;
                forget(s, me);
                return "take";
            },
        },
    ]);

    /* What a dead worker kept to itself is gone. */
    function forget(s, w) {
        s[TASK + w] = NONE;
        s[SEEN + w] = s[WATCHING + w] = 0;
        s[WOKEN + w] = 0;
        s[TO_WAKE + w] = NONE;
    }

    /* ---- The foreman --------------------------------------------------------------------- */

    const dead = (w) => (s) => s[ALIVE + INDEX_OF_WORKER + w] === M.DEAD;
    function spawn(s, w) {
        s[SLOT + w] = NONE;
        s[ASLEEP + w] = 0;
        forget(s, w);
        s[WOKEN + w] = 1;
        s[ALIVE + INDEX_OF_WORKER + w] = M.RUNS;
        s[PLACE + INDEX_OF_WORKER + w] = 0;
    }

    rows("foreman", "bury_the_dead()", [0, 1].map((w) => ({
        at: "waits", letter: String(w), option: `bury worker ${w}`,
        code: "waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT)",
        says: `Worker ${w} is dead: bury it. Its pid is its own until it is reaped.`,
        when: dead(w),
        does: (s) => { s[BURIES] = w; return "report"; },
    })));
    rows("foreman", "supervise()", [
        {
            at: "waits", letter: "c", option: "close the pool", code: "close_pool(foreman);",
            says: "The pool is closing, no worker is left and the queue is empty: say closed.",
            when: (s) => s[CLOSING] && alive(s) === 0 && empty(s),
            does: (s) => { s[CLOSED] = 1; return "exit"; },
        }, {
            at: "waits", letter: "p", option: "end with the program",
            code: "if (program_ended(foreman)) {",
            says: "The program has ended: the pool ends, too.",
            when: (s) => !program_runs(s),
            does: () => "kill_all",
        }, {
            at: "kill_all", code: "crew_kill_all(foreman);", says: "Kill the workers, and reap them.",
            does: (s) => {
                for (const w of [0, 1]) {
                    s[ALIVE + INDEX_OF_WORKER + w] = M.GONE;
                    s[PLACE + INDEX_OF_WORKER + w] = 0;
                    forget(s, w);
                }
                return "exit";
            },
        }, {
            at: "exit", code: "_exit(0);", says: "End.",
            does: (s) => { s[ALIVE + INDEX_OF_FOREMAN] = M.GONE; return "waits"; },
        },
    ]);
    rows("foreman", "report_loss()", [
        {
            at: "report",
            code: "while (!atomic_compare_exchange_weak(&task->word, &word, " +
                "word_to(word, end_of_killed(word))))",
            says: "Look at the task in the dead worker's slot. If its word says running by " +
                "that worker, swap it to lost.",
            does: (s, me, on) => {
                const w = s[BURIES], t = s[SLOT + w];
                if (t !== NONE && is_run_by(s[WORD + t], w) &&
                    !(on.two_words && s[DONE_WITH + t]))
                    become(s, t, to(s[WORD + t], LOST));
                return "reap";
            },
        },
    ]);
    rows("foreman", "bury()", [
        {
            at: "reap", code: "worker_not_idle(shared, (unsigned)number);",
            says: "Clear the dead worker's idle bit, and reap it.",
            does: (s) => {
                s[IDLE + s[BURIES]] = 0;
                s[ALIVE + INDEX_OF_WORKER + s[BURIES]] = M.GONE;
                return "needed";
            },
        }, {
            at: "needed",
            code: "if (atomic_load(&shared->closing) == OPEN || !queue_is_empty(&shared->queue))",
            says: "The dead worker may have been about to wake another process. Does " +
                "any process still need that?",
            does: (s, me, on) =>
                on.no_repair || (s[CLOSING] && empty(s)) ? "ring" : "repair",
        },
    ]);
    rows("foreman", "workers_repair()", [
        {
            at: "repair", code: "atomic_store(&shared->waking, false);",
            says: "Forget that a worker is being woken: it may have been the dead one.",
            does: (s) => { s[WAKING] = 0; return "ring_0"; },
        },
        ...[0, 1].map((w) => ({
            at: `ring_${w}`, code: "bell_ring(&shared->slots[i].bell);",
            says: `Ring worker ${w}'s bell, unless its idle bit is set.`,
            does: (s) => {
                if (!s[IDLE + w]) ring(s, w);
                return w === 0 ? "ring_1" : "work_waits";
            },
        })), {
            at: "work_waits", code: "if (!queue_is_empty(&shared->queue))",
            says: "If there is work, wake a worker.",
            does: (s) => (empty(s) ? "ring" : "f_any_idle"),
        },
    ]);
    wake_one("foreman", "f_", "workers_repair()", () => "ring");
    rows("foreman", "bury()", [
        {
            at: "ring", code: "program_wake_always(shared);",
            says: "Ring the program's bell: the dead worker may have been about to.",
            does: (s) => { ring(s, PROGRAM); return "replace"; },
        },
    ]);
    rows("foreman", "replace_the_dead()", [
        {
            at: "replace",
            code: "if (atomic_load(&foreman->shared->closing) != OPEN && " +
                "queue_is_empty(&foreman->shared->queue))",
            says: "Is a new worker needed? Not if the pool is closing and nothing waits.",
            does: (s) => (!s[CLOSING] || !empty(s) ? "fork" : "waits"),
        },
    ]);
    rows("foreman", "spawn()", [
        {
            at: "fork", code: "pid_t pid = fork();",
            says: "Fork the next worker into the dead one's place.",
            does: (s) => { spawn(s, s[BURIES]); s[BURIES] = 0; return "waits"; },
        },
    ]);

    /* ---- The kernel: it kills the workers when their parent, the foreman, ends ------------ */

    rows("kernel", "PR_SET_PDEATHSIG", [0, 1].map((w) => ({
        at: "kernel", letter: String(w), option: `kill worker ${w}`,
        says: `The foreman is dead: the kernel kills worker ${w}, which asked for that.`,
        when: (s) => !foreman_runs(s) && worker_runs(s, w),
        does: (s) => {
            s[ALIVE + INDEX_OF_WORKER + w] = M.GONE;
            s[PLACE + INDEX_OF_WORKER + w] = 0;
            forget(s, w);
            return "kernel";
        },
    })));

    /* ---- The program --------------------------------------------------------------------- */

    for (const t of [0, 1]) {
        const p = `p${t}_`;
        rows("program", "queue_put()", [
            {
                at: p + "word",
                code: "atomic_store_explicit(&task->word, word_make(ticket, TASK_WAITING) | flags,",
                says: `Submit task ${t}: set its word to waiting. The queue ends before it, so ` +
                    "no worker looks yet.",
                does: (s) => { s[WORD + t] = WAITING; return p + "tail"; },
            }, {
                at: p + "tail", joined: always, code: "atomic_store(&queue->tail, ticket + 1);",
                says: "Move the tail: from now on the task is in the queue.",
                does: (s) => { s[TAIL] = t + 1; return p + "any_idle"; },
            },
        ]);
        wake_one("program", p, "publish()", () => (t === 0 ? "p1_word" : "decide"));
    }
    rows("program", "main()", [
        {
            at: "decide", letter: "w", option: "wait for both tasks",
            says: "Both tasks are submitted. Wait for both.", does: () => "w0_bell",
        }, {
            at: "decide", letter: "0", option: "cancel task 0, wait for both",
            says: "Both tasks are submitted. Cancel task 0, then wait for both.",
            does: () => "c0_cancel",
        }, {
            at: "decide", letter: "1", option: "cancel task 1, close",
            says: "Both tasks are submitted. Cancel task 1, then close the pool.",
            does: () => "c1_cancel",
        },
    ]);
    for (const t of [0, 1]) {
        const back = t === 0 ? "w0_bell" : "close";
        rows("program", "take_back()", [
            {
                at: `c${t}_cancel`, code: "word_to(word, TASK_CANCELLED))) {",
                says: `If task ${t} still waits, swap its word to cancelled.`,
                does: (s) => {
                    if (phase(s[WORD + t]) === WAITING)
                        become(s, t, to(s[WORD + t], CANCELLED));
                    return `c${t}_skip`;
                },
            },
        ]);
        rows("program", "skip_cancelled()", [
            {
                at: `c${t}_skip`, code: "while (head != writer->tail) {",
                says: "Does the queue begin with a task that no longer waits?",
                does: (s) => {
                    if (empty(s) || phase(s[WORD + s[HEAD]]) === WAITING) return back;
                    s[AT] = s[HEAD];
                    return `c${t}_move`;
                },
            }, {
                at: `c${t}_move`, joined: always,
                code: "if (atomic_compare_exchange_strong(&queue->head, &head, head + 1))",
                says: "Move the head past it, unless it has been moved already.",
                does: (s) => {
                    if (s[HEAD] === s[AT]) s[HEAD]++;
                    s[AT] = 0;
                    return `c${t}_skip`;
                },
            },
        ]);
    }
    for (const t of [0, 1]) {
        const w = `w${t}_`;
        rows("program", "wait_for_end()", [
            {
                at: w + "bell", code: "uint32_t seen = bell_read(&pool->shared->bell);",
                says: `Wait for task ${t}: read its own bell.`,
                does: (s) => { s[RUNG + PROGRAM] = 0; return w + "watch"; },
            }, {
                at: w + "watch", joined: always, code: "if (!task_watch(task))",
                says: "Has the task ended? If not, set W in its word: the process that ends it " +
                    "must ring.",
                does: (s) => {
                    notice_break(s, t);
                    if (ended(s[WORD + t])) return t === 0 ? "w1_bell" : "close";
                    s[WORD + t] |= WATCHED;
                    return w + "say";
                },
            },
        ]);
        rows("program", "program_sleep()", [
            {
                at: w + "say", code: "atomic_fetch_or(&shared->program_waits, SLEEPING);",
                says: "Say that it sleeps: set SLEEPING in program_waits.",
                does: (s) => { s[PROGRAM_SLEEPS] = 1; return w + "sleep"; },
            }, {
                at: w + "sleep", code: "bell_wait(&shared->bell, seen, deadline);",
                says: "Sleep on the bell, unless it was rung since it was read.",
                does: (s) => {
                    s[ASLEEP + PROGRAM] = s[RUNG + PROGRAM] ? 0 : 1;
                    return w + "up";
                },
            }, {
                at: w + "up", letter: "u", option: "go on",
                code: "atomic_fetch_and(&shared->program_waits, ~(unsigned)SLEEPING);",
                says: "Awake: clear that, and look at the task again.",
                when: (s) => !s[ASLEEP + PROGRAM],
                does: (s) => { s[PROGRAM_SLEEPS] = 0; return w + "bell"; },
            }, {
                at: w + "up", letter: "b", option: "see that the foreman is dead",
                code: "atomic_compare_exchange_strong(&shared->broken, &none, FOREMAN_DIED);",
                says: "The foreman is dead: the pool is broken, and what has not ended never will.",
                when: (s) => !foreman_runs(s),
                does: (s) => {
                    s[ASLEEP + PROGRAM] = s[PROGRAM_SLEEPS] = 0;
                    s[BROKE] = 1;
                    return w + "bell";
                },
            },
        ]);
    }
    rows("program", "tell(), pool_end_processes()", [
        {
            at: "close", code: "!atomic_compare_exchange_weak(&pool->shared->closing, &was, (int)how))",
            says: "Close the pool: say that it is closing.",
            does: (s) => { s[CLOSING] = 1; return "ring_0"; },
        },
        ...[0, 1].map((w) => ({
            at: `ring_${w}`, code: "workers_wake_all(pool->shared, pool->inherited.workers);",
            says: `Ring worker ${w}'s bell.`,
            does: (s) => { ring(s, w); return w === 0 ? "ring_1" : "join"; },
        })), {
            at: "join", code: "pool_reap_foreman(pool);",
            says: "Wait for the foreman's end. If it did not say closed, the pool is broken.",
            when: (s) => s[CLOSED] || !foreman_runs(s),
            does: (s) => { if (!s[CLOSED]) s[BROKE] = 1; return "check_0"; },
        },
    ]);
    rows("program", "end()", [0, 1].map((t) => ({
        at: `check_${t}`, code: "block_gather_loose(pool);",
        says: `Look how task ${t} ended.`,
        does: (s) => { notice_break(s, t); return t === 0 ? "check_1" : "end"; },
    })));

    /* ---- Promises ------------------------------------------------------------------------ */

    const tasks = [0, 1];
    const program_ended = (s) => M.place(machine, s, processes[0]) === "end";
    const promises = [
        { name: "a task begins once", holds: (s) => tasks.every((t) => s[BEGUN + t] <= 1) },
        { name: "a task ends once", holds: (s) => tasks.every((t) => s[ENDS + t] <= 1) },
        {
            name: "the slot of a worker that runs a task names it",
            holds: (s) => tasks.every((t) => phase(s[WORD + t]) !== RUNNING ||
                s[SLOT + (s[WORD + t] & BY_WORKER_1 ? 1 : 0)] === t),
        }, {
            name: "the head never passes a task that waits",
            holds: (s) => tasks.every((t) => t >= s[HEAD] || phase(s[WORD + t]) > WAITING),
        }, {
            name: "a task's word says how it ended",
            holds: (s) => tasks.every((t) => {
                const end = phase(s[WORD + t]);
                return (end !== DONE || s[BEGUN + t] > 0) &&
                    (end !== CANCELLED || s[BEGUN + t] === 0) &&
                    (end !== LOST || s[DEATHS] > 0) &&
                    (end !== BROKEN || !foreman_runs(s));
            }),
        },
    ];
    const promises_at_the_end = [
        {
            name: "no process waits for ever",
            holds: (s) => program_ended(s) || !program_runs(s),
        }, {
            name: "every task ends",
            holds: (s) => !program_ended(s) || tasks.every((t) => s[ENDS + t] > 0),
        }, {
            name: "no process is left behind",
            holds: (s) => (!program_ended(s) && program_runs(s)) ||
                (!foreman_runs(s) && !worker_runs(s, 0) && !worker_runs(s, 1)),
        },
    ];

    const machine = M.make({
        name: "pool", layout, at: F, processes, table, promises, promises_at_the_end,
        kinds_to_kill: ["program", "worker", "foreman"],
        no_deaths_now: (s) => s[CLOSED],
        init: (s) => {
            for (const w of [0, 1]) spawn(s, w);
            s.fill(NONE, TO_WAKE, TO_WAKE + 4);
        },
        killed: (s, process) => {
            if (process.kind === "worker") {
                forget(s, process.me);
                if (s[DEATHS] < 3) s[DEATHS]++;
            }
            if (process.kind === "foreman") s[BURIES] = 0;
            if (process.kind === "program") s[AT] = 0;
        },
    });
    machine.constants = { NONE, PHASES, RUNNING, DONE, WAITING, LOST, WATCHED, BY_WORKER_1,
                          PROGRAM, WORKERS };
    machine.phase = phase;
    machine.ended = ended;
    return machine;
})();

if (typeof module !== "undefined") module.exports = Pool;
