/*
 * agree.js DIRECTORY [--all]: does the stepper agree with the model in tests/model?
 *
 * spin visits every state of the model, this program every state of the stepper's pool, its
 * steps joined as the model joins them. What lies in the shared memory, in each of the states,
 * is the same set on both sides. And each mistake that both know is one on both sides, and of
 * the same kind: a process that waits for ever, or a broken assertion.
 * Needs spin and a C compiler. --all: also the largest pairs of searches.
 */
"use strict";

const { execFileSync } = require("child_process");
const fs = require("fs"), path = require("path");
const M = require("./machine.js"), pool = require("./pool_steps.js");
const { explore } = require("./explore.js");
const { machines, runs, HANG } = require("./runs.js");

const directory = path.resolve(process.argv[2] || "build/stepper");
const model = path.join(__dirname, "../../model/pool.pml");
let failed = 0;

/* The shared memory: the stepper's field, the model's variable, bits. */
const F = pool.at;
const shared = [
    [F.WORD, "word[0]", 5], [F.WORD + 1, "word[1]", 5], [F.HEAD, "head", 2], [F.TAIL, "tail", 2],
    [F.IDLE, "idle & 1", 1], [F.IDLE + 1, "idle >> 1 & 1", 1], [F.WAKING, "waking", 1],
    [F.CLOSING, "closing", 1], [F.CLOSED, "closed", 1], [F.BROKE, "broken", 1],
    [F.SLOT, "slot[0]", 2], [F.SLOT + 1, "slot[1]", 2], [F.RUNG, "rung[0]", 1],
    [F.RUNG + 1, "rung[1]", 1], [F.RUNG + 2, "program_rung", 1], [F.ASLEEP, "asleep[0]", 1],
    [F.ASLEEP + 1, "asleep[1]", 1], [F.ASLEEP + 2, "program_asleep", 1],
    [F.PROGRAM_SLEEPS, "program_waits", 1], [F.BEGUN, "begun[0]", 2], [F.BEGUN + 1, "begun[1]", 2],
    [F.ENDS, "ends[0]", 2], [F.ENDS + 1, "ends[1]", 2],
];

/* In pan.c: write the shared memory of each state that is stored, as one number. The workers
 * and the foreman are there from when their slots are set: before that there is no pool. */
const writer = `
#include <stdint.h>
static void write_shared(void)
{
    uint64_t key = 0;
    if (now.slot[0] == 0 && now.slot[1] == 0 && now.tail == 0)
        return;
${shared.map(([, name, bits]) => `    key = key << ${bits} | (uint64_t)(now.${name});`).join("\n")}
    key = key << 1 | (uint64_t)(now.foreman_dead | now.foreman_killed);
    fwrite(&key, sizeof key, 1, stderr);
}
`;

const run = (file, args, options) =>
    execFileSync(file, args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"],
                               maxBuffer: 1 << 28, ...options });

function compile(defines, flags, optimize, change) {
    run("spin", ["-a", "-o2", ...defines, model]);
    const pan = path.join(directory, "pan.c");
    fs.writeFileSync(pan, change(fs.readFileSync(pan, "utf8")));
    run(process.env.CC || "cc", [optimize, "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=8000", ...flags,
                                 "-o", "pan", "pan.c"]);
}

function instrument(source) {
    const start = source.indexOf("\nvoid\nnew_state(void)");
    const stored = source.indexOf("nstates++;", start);
    if (start < 0 || stored < 0) throw new Error("this spin writes another pan.c");
    return source.slice(0, start) + writer + source.slice(start, stored) +
        "nstates++; write_shared();" + source.slice(stored + "nstates++;".length);
}

function states_of_model(defines) {
    compile(defines, ["-DNOREDUCE"], "-O1", instrument);
    const file = path.join(directory, "states"), out = fs.openSync(file, "w");
    run("./pan", ["-m100000", "-w24"], { stdio: ["ignore", "pipe", out] });
    fs.closeSync(out);
    const bytes = fs.readFileSync(file), keys = new Set();
    fs.unlinkSync(file);
    for (let i = 0; i < bytes.length; i += 8)
        keys.add(bytes.readUInt32LE(i + 4) * 2 ** 32 + bytes.readUInt32LE(i));
    return keys;
}

function states_of_stepper(deaths) {
    const keys = new Set();
    const visit = (state) => {
        let key = 0;
        for (const [field, , bits] of shared) key = key * 2 ** bits + state[field];
        keys.add(key * 2 + (state[F.ALIVE + 3] !== M.RUNS ? 1 : 0));
    };
    explore(pool, { joined: true, deaths, log2: 23, visit });
    return keys;
}

function compare(what, defines, deaths) {
    const theirs = states_of_model(defines), ours = states_of_stepper(deaths);
    const missing = [...theirs].filter((key) => !ours.has(key)).length;
    const more = [...ours].filter((key) => !theirs.has(key)).length;
    console.log(`${what.padEnd(24)} ${theirs.size} states of the shared memory in the model, ` +
                `${ours.size} in the stepper, ${missing + more} not in both`);
    if (missing + more > 0 || ours.size === 0) failed = 1;
}

/* What the model says of a mistake: "invalid end state" is a process that waits for ever. */
function mistake_in_model(name, deaths) {
    compile([`-D${name}`, `-DDEATHS=${deaths.worker || 0}`,
             ...(deaths.foreman ? ["-DFOREMAN_DIES"] : [])], [], "-O0",
            (source) => source);
    const said = run("./pan", ["-m100000", "-w22"]).match(/^pan:1: (.*) \(at depth/m);
    return said ? said[1] : "nothing";
}

fs.mkdirSync(directory, { recursive: true });
compare("no death", ["-DDEATHS=0"], {});
if (process.argv.includes("--all")) {
    compare("a worker may die", ["-DDEATHS=1"], { worker: 1 });
    compare("the foreman may die", ["-DDEATHS=0", "-DFOREMAN_DIES"], { foreman: 1 });
}
for (const { id, model: name } of machines.find((entry) => entry.id === "pool").switches) {
    if (!name) continue;
    const record = runs.find((other) => other.machine === "pool" && (other.on || []).includes(id));
    const steps = record.parts.map(([words]) => words).join(" ");
    const deaths = { worker: /x[01]/.test(steps) ? 1 : 0, foreman: /xF/.test(steps) ? 1 : 0 };
    const said = mistake_in_model(name, deaths);
    const alike = (record.verdict === HANG ? /^invalid end state/ : /^assertion/).test(said);
    console.log(`${id.padEnd(24)} stepper: ${record.verdict}; model: ${said}`);
    if (!alike) failed = 1;
}
console.log(failed ? "FAILED: the stepper and the model differ." : "The stepper and the model agree.");
process.exit(failed);
