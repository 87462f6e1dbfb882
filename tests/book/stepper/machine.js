/*
 * machine.js: processes that take steps, one at a time, on memory that they share.
 *
 * A machine is a table of steps (pool_steps.js, stair_steps.js), the fields of its state and its
 * promises. Everything else uses the table through the functions below: the page, which lets
 * the reader choose which process goes next, and the tests, which choose in every possible way.
 *
 * A state is a Uint8Array. A step is a row of the table:
 *
 *     kind     whose step it is: "program", "worker", "foreman" or "kernel"
 *     at       where that process stands when the step is its next one
 *     within   the function of the C code that the step is from
 *     code     the C code, verbatim, or null
 *     says     what the step does, in a sentence
 *     when     (state, me, on) => false while the step must wait; absent: it never waits
 *     does     (state, me, on) => changes the state, returns where the process stands next
 *     option   when several rows share one `at`: what the reader chooses
 *     only     the switch without which this step is not in the program; `without`: with which
 *     joined   (me, on) => true: the model in tests/model takes this step together with the
 *              one before
 *
 * `me` is the number of a worker, `on` the set of switches: the mistakes that are made.
 */
"use strict";

var Machine = (function () {
    const RUNS = 0, DEAD = 1, GONE = 2; /* of a process: GONE: its parent has reaped it */

    /* layout({name: [count, bits]}): where each field stands. */
    function layout(fields) {
        const at = {}, bits = [];
        for (const [name, [count, width]] of Object.entries(fields)) {
            at[name] = bits.length;
            for (let i = 0; i < count; i++) bits.push(width);
        }
        return { at, bits, size: bits.length };
    }

    /* Checks the table and numbers the places in it. */
    function make(machine) {
        machine.processes.forEach((process, index) => { process.index = index; });
        machine.places = {};
        machine.rows = {};
        machine.row_list = [];
        for (const row of machine.table) {
            const places = (machine.places[row.kind] = machine.places[row.kind] || []);
            if (!places.includes(row.at)) places.push(row.at);
        }
        for (const kind of Object.keys(machine.places)) {
            machine.places[kind].push("end");
            machine.rows[kind] = machine.places[kind].map((at) =>
                machine.table.filter((row) => row.kind === kind && row.at === at));
        }
        for (const process of machine.processes) {
            process.number_of = new Map(machine.places[process.kind].map((at, i) => [at, i]));
            process.rows = machine.rows[process.kind];
        }
        return machine;
    }

    function initial(machine, on) {
        const state = new Uint8Array(machine.layout.size);
        machine.init(state, on);
        return state;
    }

    const place = (machine, state, process) =>
        machine.places[process.kind][state[machine.at.PLACE + process.index]];
    const runs = (machine, state, process) =>
        process.kind === "kernel" || state[machine.at.ALIVE + process.index] === RUNS;

    /* The rows that are next for a process; it may have to wait for each of them. */
    function next_rows(machine, state, process) {
        if (!runs(machine, state, process)) return [];
        return process.rows[state[machine.at.PLACE + process.index]];
    }
    const may = (row, state, process, on) => !row.when || row.when(state, process.me, on);

    /* All steps that are possible now: [{process, row}]. */
    function moves(machine, state, on) {
        const list = [];
        for (const process of machine.processes)
            for (const row of next_rows(machine, state, process))
                if (may(row, state, process, on)) list.push({ process, row });
        return list;
    }

    /* Takes a step, in place. */
    function step(machine, state, process, row, on) {
        const next = process.number_of.get(row.does(state, process.me, on));
        if (next === undefined) throw new Error(`no such place after ${row.kind}.${row.at}`);
        state[machine.at.PLACE + process.index] = next;
    }

    /* The same, with the steps that the model joins to it. */
    function joined_step(machine, state, process, row, on) {
        step(machine, state, process, row, on);
        for (;;) {
            const [next] = next_rows(machine, state, process);
            if (!next || !next.joined || !next.joined(process.me, on)) return;
            if (!may(next, state, process, on)) return;
            step(machine, state, process, next, on);
        }
    }

    const can_be_killed = (machine, state, process) =>
        process.kind !== "kernel" && machine.kinds_to_kill.includes(process.kind) &&
        state[machine.at.ALIVE + process.index] === RUNS &&
        place(machine, state, process) !== "end";

    function kill(machine, state, process) {
        state[machine.at.ALIVE + process.index] = DEAD;
        state[machine.at.PLACE + process.index] = 0;
        if (machine.killed) machine.killed(state, process);
    }

    const is_over = (machine, state) => moves(machine, state, machine.none).length === 0;

    /* What is wrong in this state: [] or sentences, the names of broken promises first. */
    function broken_promises(machine, state, on, list) {
        const found = [];
        for (const promise of machine.promises)
            if (!promise.holds(state, on)) found.push(promise.name);
        if ((list || moves(machine, state, on)).length === 0)
            for (const promise of machine.promises_at_the_end)
                if (!promise.holds(state, on)) found.push(promise.name);
        return found;
    }

    /*
     * A recorded run is a list of [steps, text]. The steps are words, each with the letter of a
     * process (P program, 0 and 1 the workers, F foreman, K kernel):
     *     P     one step        Pw    the same, with the letter of a choice
     *     xP    it is killed    P*3   three steps
     *     P~    all steps until it has to wait, to choose, or has ended
     *     P>at  all steps until it stands there
     * spell_out() turns it into single steps: [{word, text}], the text where it begins.
     */
    function spell_out(machine, on, parts) {
        const state = initial(machine, on), list = [];
        let text = "";
        const take = (word) => {
            play_word(machine, state, word, on);
            list.push({ word, text });
            text = "";
        };
        for (const [steps, says] of parts) {
            text = says;
            for (const item of steps.split(" ").filter(Boolean)) {
                const [, word, , times, goal] = item.match(/^(\w+)(\*(\d+)|>(\w+)|~)?$/);
                if (word === item) take(word);
                else if (times) for (let i = 0; i < Number(times); i++) take(word);
                else run_on(machine, state, word, goal, on, take);
            }
        }
        return list;
    }

    function run_on(machine, state, letter, goal, on, take) {
        const process = machine.processes.find((p) => p.letter === letter);
        for (;;) {
            const rows = next_rows(machine, state, process);
            if (goal && rows.length > 0 && place(machine, state, process) === goal) return;
            if (rows.length !== 1 || !may(rows[0], state, process, on)) {
                if (goal) throw new Error(`${letter} never stands at ${goal}`);
                return;
            }
            take(letter);
        }
    }

    /* Takes the step that a word of a run names; returns {process, row} or {process, killed}. */
    function play_word(machine, state, word, on) {
        const kills = word[0] === "x";
        const process = machine.processes.find((p) => p.letter === word[kills ? 1 : 0]);
        if (kills) {
            if (!can_be_killed(machine, state, process)) throw new Error(`${word}: cannot be killed`);
            kill(machine, state, process);
            return { process, killed: true };
        }
        const rows = next_rows(machine, state, process);
        const row = rows.length > 1 || word.length > 1
            ? rows.find((r) => r.letter === word[1]) : rows[0];
        if (!row || !may(row, state, process, on)) throw new Error(`${word}: has to wait`);
        step(machine, state, process, row, on);
        return { process, row };
    }

    const word_of = (process, row) =>
        process.letter + (row.letter !== undefined ? row.letter : "");

    return { RUNS, DEAD, GONE, layout, make, initial, place, runs, next_rows, may, moves, step,
             joined_step, can_be_killed, kill, is_over, broken_promises, spell_out, play_word,
             word_of };
})();

if (typeof module !== "undefined") module.exports = Machine;
