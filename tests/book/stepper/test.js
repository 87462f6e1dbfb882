/*
 * test.js [--quick]: node visits every state of the stepper's machines, and plays its runs.
 *
 *     node tests/book/stepper/test.js
 *
 * No state of the pool breaks a promise, whichever one process is killed, and when. Each
 * mistake breaks one. Each stair breaks those that its page says, and no other. Each recorded
 * run ends in its verdict. Every row of the table is used, and its code stands in a source.
 * --quick leaves out the largest search, of all deaths of a worker.
 */
"use strict";

const fs = require("fs"), path = require("path");
const M = require("./machine.js");
const { explore } = require("./explore.js");
const { machines, runs } = require("./runs.js");
const Views = require("./views.js");

const root = path.join(__dirname, "../../..");
const quick = process.argv.includes("--quick");
const used = new Set();
let failed = 0;

function check(good, what) {
    if (good) return;
    console.error(`FAILED: ${what}`);
    failed = 1;
}

/* Notes which rows are used, by wrapping them: explore() needs to know nothing of it. */
for (const { machine } of machines)
    for (const row of machine.table) {
        const { does } = row;
        row.does = (state, me, on) => {
            used.add(row);
            row.does = does;
            return does(state, me, on);
        };
    }

const list = (map) => [...map.keys()].sort().join("; ") || "none";

function visit(what, machine, options, expected) {
    const { states, broken } = explore(machine, options);
    console.log(`${what.padEnd(44)} ${String(states).padStart(10)} states, broken promises: ` +
                list(broken));
    check(list(broken) === [...expected].sort().join("; ") || list(broken) === "none" &&
          expected.length === 0, `${what}: expected ${expected.join("; ") || "none"}`);
    return states;
}

/* ---- The pool ----------------------------------------------------------------------------- */

const by_id = Object.fromEntries(machines.map((entry) => [entry.id, entry.machine]));
const { pool, pipe, locked, wrong, swapped } = by_id;
let total = visit("pool, no death", pool, { log2: 22 }, []);
if (!quick) total += visit("pool, a worker may die", pool, { deaths: { worker: 1 }, log2: 24 }, []);
total += visit("pool, the foreman may die", pool, { deaths: { foreman: 1 }, log2: 23 }, []);
total += visit("pool, the program may die", pool, { deaths: { program: 1 }, log2: 22 }, []);

/* This mistake's rows are used in many states, and do harm only together with a death. */
total += visit("pool that clears idle bits late", pool, { on: { ring_first: true }, log2: 22 }, []);

/* ---- The stairs: what each still can't ------------------------------------------------------ */

const HANG = "no process waits for ever", TWICE = "a task begins once";
const NAMED = "every task is done, or named as lost";
const LOCK = "no process waits for a lock that a dead process has";
const OUTLIVES = "no task begins after the program was killed";
const worker = { worker: 1 }, program = { program: 1 };
const small = (what, machine, deaths, expected, on = {}) => {
    total += visit(what, machine, { deaths, on, log2: 16 }, expected);
};
small("pipe", pipe, {}, []);
small("pipe, a worker may die", pipe, worker, [NAMED]);
small("pipe, the program may die", pipe, program, [OUTLIVES]);
small("lock", locked, {}, []);
small("lock, a worker may die", locked, worker, [HANG, LOCK]);
small("robust lock, a worker may die", locked, worker, [NAMED], { robust: true });
small("look, then write", wrong, {}, [TWICE]);
small("swap the head", wrong, {}, [], { swap_the_head: true });
small("swap the head, a worker may die", wrong, worker, [NAMED], { swap_the_head: true });
small("swap the word", swapped, {}, []);
small("swap the word, two workers may die", swapped, { worker: 2 }, []);
small("swap the word, the program may die", swapped, program, [OUTLIVES]);
console.log(`${"all".padEnd(44)} ${String(total).padStart(10)} states`);

/* ---- Mistakes and recorded runs -------------------------------------------------------------- */

for (const run of runs) {
    const entry = machines.find(({ id }) => id === run.machine), { machine } = entry;
    const on = Object.fromEntries((run.on || []).map((name) => [name, true]));
    const state = M.initial(machine, on), found = new Set();
    for (const { word } of M.spell_out(machine, on, run.parts)) {
        M.play_word(machine, state, word, on);
        M.broken_promises(machine, state, on).forEach((promise) => found.add(promise));
        Views.view(machine, state);
        check(Views.verdict(machine, state, on).length > 0, `${run.id}: no verdict`);
    }
    const at_the_end = M.broken_promises(machine, state, on);
    check(run.verdict ? at_the_end.includes(run.verdict) : found.size === 0,
          `run ${run.id} breaks ${[...found].join("; ") || "nothing"}, not ${run.verdict}`);
    check(run.verdict === null || Views.verdict(machine, state, on).some(({ kind }) =>
        kind === "bad"), `${run.id}: the verdict says nothing bad`);
    check((run.on || []).every((name) => entry.switches.some(({ id }) => id === name)),
          `${run.id}: no such switch`);
}
for (const { id, switches } of machines)
    for (const { id: name } of switches)
        check(runs.some((run) => run.machine === id && run.verdict && (run.on || []).includes(name)),
              `no recorded run shows what the switch ${name} breaks`);
console.log(`${runs.length} recorded runs end in their verdicts`);

/* ---- The words of the code ------------------------------------------------------------------- */

function sources(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
        const name = path.join(folder, item.name);
        if (item.isDirectory()) return item.name === "exercises" ? [] : sources(name);
        return /\.[ch]$/.test(name) ? [name] : [];
    });
}
const squeeze = (text) => text.replace(/\s+/g, "");
const code = fs.readdirSync(root).filter((name) => /^\d\d_/.test(name))
    .flatMap((chapter) => sources(path.join(root, chapter)))
    .map((name) => squeeze(fs.readFileSync(name, "utf8")));
for (const { id, machine } of machines)
    for (const row of machine.table) {
        check(!row.code || code.some((text) => text.includes(squeeze(row.code))),
              `${id}, ${row.kind}, ${row.within}: no source has "${row.code}"`);
        check(/^[A-Z].*[.?]$/.test(row.says), `${id}, ${row.at}: not a sentence: ${row.says}`);
        check(quick || used.has(row), `${id}, ${row.kind}, ${row.at}: this row is never used`);
    }

if (!failed) console.log("The stepper keeps its promises.");
process.exit(failed);
