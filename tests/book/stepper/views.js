/*
 * views.js: what the page shows of a state: the shared memory, what each process keeps to
 * itself, and the verdict, in words.
 *
 * view(state) returns
 *     queue   {name, cells: [{name, kind, text, fields: [[name, value]]}], head, tail}: how the
 *             queue is drawn; text says in one line what the fields say
 *     facts   [[name, value, hint]]: the other words in shared memory
 *     own     {letter of a process: [[name, value, "bell" if it is one]]}, under the title whose
 * verdict(state, on) returns [{kind: "good" | "wait" | "bad", text}].
 */
"use strict";

var Views = (function () {
    const M = typeof require === "undefined" ? Machine : require("./machine.js");

    const yes = (bit) => (bit ? "yes" : "no");
    const task = (t, none) => (t < none ? `task ${t}` : "none");
    const good = (text) => ({ kind: "good", text });
    const wait = (text) => ({ kind: "wait", text });
    const bad = (text) => ({ kind: "bad", text });

    /* ---- The pool ------------------------------------------------------------------------- */

    function pool_word(machine, word) {
        const { PHASES, WATCHED, BY_WORKER_1 } = machine.constants;
        const phase = PHASES[word & 7];
        const by = phase === "waiting" || phase === "new" || phase === "cancelled" ? "" :
            ` by ${word & BY_WORKER_1 ? 1 : 0}`;
        const known = phase === "running" || phase === "done" || phase === "lost";
        return { phase, text: phase + (known ? by : "") + (word & WATCHED ? ", W" : ""),
                 worker: known ? by.slice(4) : "–", watched: word & WATCHED ? "set" : "–" };
    }

    function pool_view(machine, s) {
        const F = machine.at, { NONE, PROGRAM } = machine.constants;
        const bell = (b) => ["bell, since it was read", s[F.RUNG + b] ? "rung" : "not rung", "bell"];
        const own = { P: [bell(PROGRAM), ["asleep", yes(s[F.ASLEEP + PROGRAM])]] };
        for (const w of [0, 1])
            own[w] = [["slot", task(s[F.SLOT + w], NONE)], ["idle bit", yes(s[F.IDLE + w])],
                      bell(w), ["asleep", yes(s[F.ASLEEP + w])]];
        return {
            queue: {
                name: "The queue, and the word of each task", head: s[F.HEAD], tail: s[F.TAIL],
                cells: [0, 1].map((t) => {
                    const { phase, text, worker, watched } = pool_word(machine, s[F.WORD + t]);
                    return { name: `ticket ${t}`, text, kind: phase,
                             fields: [["worker", worker], ["W", watched], ["state", phase]] };
                }),
            },
            whose: "Its place in shared memory",
            facts: [["waking", yes(s[F.WAKING])], ["program_waits", s[F.PROGRAM_SLEEPS] ? "SLEEPING" : "0"],
                    ["closing", s[F.CLOSED] ? "closed" : yes(s[F.CLOSING])],
                    ["broken", yes(s[F.BROKE])]],
            own,
        };
    }

    function pool_task(machine, s, on, t) {
        const F = machine.at, c = machine.constants, word = s[F.WORD + t];
        const { phase } = pool_word(machine, word);
        const by = word & c.BY_WORKER_1 ? 1 : 0, name = `Task ${t}`;
        if (s[F.BEGUN + t] > 1) return bad(`${name} began twice.`);
        if (s[F.ENDS + t] > 1) return bad(`${name} ended twice, in two ways.`);
        if (phase === "new") return wait(`${name} is not submitted yet.`);
        if (phase === "waiting") return wait(`${name} waits. Promised: a worker takes it, or the ` +
            "program cancels it.");
        if (phase === "lost") return good(`${name} is lost, and reported, once.`);
        if (phase === "broken") return good(`${name} is reported as broken: the foreman is dead.`);
        if (phase !== "running") return good(`${name} is ${phase}.`);
        const named = s[F.SLOT + by] === t && !(on.two_words && s[F.DONE_WITH + t]);
        if (s[F.ALIVE + 3] !== M.RUNS)
            return wait(`${name} is run by worker ${by}, and the foreman is dead. Promised: the ` +
                "program finds it broken, if it was not done before.");
        if (s[F.ALIVE + 1 + by] === M.DEAD)
            return named ? wait(`${name} was run by worker ${by}, which is dead. Promised: the ` +
                "foreman reports it as lost.") :
                bad(`${name} was run by worker ${by}, which is dead, and the foreman does not ` +
                    "see that: no process will report it.");
        if (s[F.TASK + 1 - by] === t && s[F.TASK + by] !== t || s[F.TASK + by] !== t)
            return bad(`${name} is lost: its word says running by worker ${by}, but worker ${by} ` +
                "does not run it, and no process will report it.");
        return wait(`${name} is run by worker ${by}. Promised: it ends, or if worker ${by} dies, ` +
            "the foreman reports it as lost.");
    }

    function pool_sleepers(machine, s) {
        const F = machine.at, c = machine.constants, list = [];
        for (const w of [0, 1])
            if (s[F.ASLEEP + w] && s[F.ALIVE + 1 + w] === M.RUNS)
                list.push(s[F.IDLE + w] ?
                    wait(`Worker ${w} sleeps. Its idle bit is set: a submit can wake it.`) :
                    bad(`Worker ${w} sleeps, and its idle bit is not set: no submit wakes it.`));
        if (s[F.ASLEEP + c.PROGRAM] && s[F.ALIVE] === M.RUNS)
            list.push(s[F.PROGRAM_SLEEPS] ?
                wait("The program sleeps and says so: the process that ends a task with W set " +
                    "wakes it.") :
                bad("The program sleeps and does not say so: no worker wakes it."));
        return list;
    }

    /* ---- The stairs ----------------------------------------------------------------------- */

    function stair_view(machine, s) {
        const F = machine.at, { NONE } = machine.constants, is = machine.name;
        const holder = ["free", "worker 0 has it", "worker 1 has it", "the program has it"];
        const cells = [0, 1].map((t) => {
            const owner = s[F.OWNER + t] ? `, worker ${s[F.OWNER + t] - 1}` : "";
            const phase = s[F.LOST + t] ? "lost" : s[F.DONE + t] ? "done" :
                t >= s[F.TAIL] ? "new" : s[F.BEGUN + t] ? "running" :
                t < s[F.HEAD] || owner ? "taken" : "waiting";
            const where = t >= s[F.TAIL] ? "not written" : t >= s[F.HEAD] ? "in the pipe" : "read";
            if (is === "pipe")
                return { name: `task ${t}`, kind: phase, text: where, fields: [["where", where]] };
            const state = phase !== "running" && phase !== "taken" ? phase :
                owner ? "taken" : t < s[F.HEAD] ? "not waiting" : "waiting";
            return { name: `task ${t}`, kind: phase, text: state + owner,
                     fields: [["worker", owner ? owner.slice(9) : "–"], ["state", state]] };
        });
        const facts = [];
        if (is === "pipe") facts.push(["the pipe is closed", yes(s[F.CLOSED])]);
        else if (is !== "wrong") facts.push(["semaphore", String(s[F.SEM])]);
        if (is === "locked") facts.push(["lock", holder[s[F.LOCK]]]);
        const own = {};
        for (const w of [0, 1]) own[w] = [["it has", task(s[F.TASK + w], NONE)]];
        return {
            queue: { name: is === "pipe" ? "The pipe" : "The array of tasks", cells,
                     head: is === "swapped" ? null : s[F.HEAD], tail: s[F.TAIL] },
            facts, own, whose: "Its own memory",
        };
    }

    function stair_task(machine, s, t) {
        const F = machine.at, name = `Task ${t}`, owner = s[F.OWNER + t];
        const has_it = [0, 1].find((w) => s[F.TASK + w] === t && s[F.ALIVE + 1 + w] === M.RUNS);
        if (s[F.BEGUN + t] > 1) return bad(`${name} is done twice.`);
        if (s[F.DONE + t]) return good(`${name} is done.`);
        if (s[F.LOST + t]) return good(`${name} is lost, and reported.`);
        if (t >= s[F.TAIL]) return wait(`${name} is not submitted yet.`);
        if (owner && s[F.ALIVE + owner] !== M.RUNS)
            return wait(`${name} was worker ${owner - 1}'s, which is dead: it can be reported.`);
        if (t >= s[F.HEAD] && !owner) return wait(`${name} waits.`);
        if (has_it === undefined)
            return bad(`${name} is lost: no process has it, and nothing says which one had it.`);
        return owner ? wait(`${name} is worker ${has_it}'s, and its owner is written down.`) :
            wait(`${name} is worker ${has_it}'s, but nothing in shared memory says so.`);
    }

    function stair_sleepers(machine, s) {
        if (machine.name !== "locked" || !s[machine.at.LOCK]) return [];
        const holder = s[machine.at.LOCK], dead = holder < 3 ? s[machine.at.ALIVE + holder] : 0;
        return holder < 3 && dead !== M.RUNS ?
            [bad(`Worker ${holder - 1} is dead, and the lock is its own.`)] : [];
    }

    /* ---- Both ----------------------------------------------------------------------------- */

    const view = (machine, s) =>
        machine.name === "pool" ? pool_view(machine, s) : stair_view(machine, s);

    function verdict(machine, s, on) {
        const list = [], pool = machine.name === "pool";
        const moves = M.moves(machine, s, on);
        for (const promise of M.broken_promises(machine, s, on, moves))
            list.push(bad(`Broken promise: ${promise}.`));
        if (s[machine.at.ALIVE] !== M.RUNS)
            list.push(moves.length === 0 ?
                wait("The program was killed, and no process can go on.") :
                wait("The program was killed."));
        else if (M.place(machine, s, machine.processes[0]) === "end")
            list.push(good("The program has ended."));
        else if (moves.length === 0)
            list.push(bad("No process can take a step, ever."));
        for (const t of [0, 1])
            list.push(pool ? pool_task(machine, s, on, t) : stair_task(machine, s, t));
        return list.concat(pool ? pool_sleepers(machine, s) : stair_sleepers(machine, s));
    }

    return { view, verdict };
})();

if (typeof module !== "undefined") module.exports = Views;
