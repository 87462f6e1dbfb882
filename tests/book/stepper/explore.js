/*
 * explore.js: visits every state that a machine can reach.
 *
 * States are kept, packed into a few 32-bit numbers each, in an open hash table: exactly, none
 * is taken for another. Breadth first when the way to a state is asked for, else depth first.
 */
"use strict";

var Explore = (function () {
const M = typeof require === "undefined" ? Machine : require("./machine.js");

/* How to pack a state of this layout: [index, word, shift] for each field. */
function packing(layout) {
    const plan = [];
    let word = 0, shift = 0;
    layout.bits.forEach((bits, index) => {
        if (shift + bits > 32) {
            word++;
            shift = 0;
        }
        plan.push([index, word, shift, 2 ** bits - 1]);
        shift += bits;
    });
    return { words: word + 1, pack: compile_pack(plan, word + 1), unpack: compile_unpack(plan) };
}

function compile_pack(plan, words) {
    const sums = Array.from({ length: words }, (_, w) =>
        plan.filter((p) => p[1] === w).map(([i, , shift]) => `s[${i}] << ${shift}`).join(" | "));
    return new Function("s", "k", sums.map((sum, w) => `k[${w}] = ${sum};`).join("\n"));
}

function compile_unpack(plan) {
    return new Function("k", "o", "s", plan.map(([i, word, shift, mask]) =>
        `s[${i}] = k[o + ${word}] >>> ${shift} & ${mask};`).join("\n"));
}

class Seen {
    constructor(words, log2) {
        this.words = words;
        this.size = 2 ** log2;
        this.keys = new Uint32Array(this.size * words);
        this.used = new Uint8Array(this.size);
        this.count = 0;
    }

    /* The place of the key, added if it was not there (then `added` is true). */
    add(key) {
        let hash = 0x9e3779b9;
        for (let w = 0; w < this.words; w++) {
            hash = Math.imul(hash ^ key[w], 0x85ebca6b);
            hash ^= hash >>> 15;
        }
        hash = Math.imul(hash, 0xc2b2ae35);
        let place = (hash ^ (hash >>> 13)) & (this.size - 1);
        for (; this.used[place]; place = (place + 1) & (this.size - 1)) {
            let same = true;
            for (let w = 0; same && w < this.words; w++)
                same = this.keys[place * this.words + w] === key[w];
            if (same) {
                this.added = false;
                return place;
            }
        }
        if (++this.count > this.size * 0.9) throw new Error("too many states for the table");
        this.used[place] = 1;
        for (let w = 0; w < this.words; w++) this.keys[place * this.words + w] = key[w];
        this.added = true;
        return place;
    }
}

/*
 * options: on (switches), deaths {worker, foreman, program} (how many may be killed at most),
 * start (a state), joined (steps as the model has them), log2 (size of the table), visit(state), want(broken
 * promises) => true to stop there and return the way.
 * Returns {states, transitions, broken: Map of promise -> how many states, way, why}.
 */
function explore(machine, options) {
    const on = options.on || {};
    const deaths = { worker: 0, foreman: 0, program: 0, ...options.deaths };
    const take = options.joined ? M.joined_step : M.step;
    const { words, pack, unpack } = packing(machine.layout);
    const seen = new Seen(words, options.log2 || 20);
    const key = new Uint32Array(words);
    const scratch = new Uint8Array(machine.layout.size);
    const broken = new Map();
    const queue = [];
    const came = options.want ? new Map() : null;
    let transitions = 0, from = -1;

    function reached(state, word) {
        transitions++;
        pack(state, key);
        const place = seen.add(key);
        if (!seen.added) return;
        queue.push(place);
        if (came) came.set(place, [from, word()]);
    }
    function way(place) {
        const words_back = [];
        for (; place !== -1; place = came.get(place)[0]) words_back.push(came.get(place)[1]);
        return words_back.reverse().filter(Boolean).join(" ");
    }
    function may_die(state, process) {
        if (!deaths[process.kind] || !M.can_be_killed(machine, state, process)) return false;
        return process.kind !== "worker" ||
            state[machine.at.DEATHS] < deaths.worker && !machine.no_deaths_now(state);
    }

    reached(options.start || M.initial(machine, on), () => "");
    const state = new Uint8Array(machine.layout.size);
    for (let head = 0; came ? head < queue.length : queue.length > 0;) {
        const place = came ? queue[head++] : queue.pop();
        unpack(seen.keys, place * words, state);
        from = place;
        if (options.visit) options.visit(state);
        const list = M.moves(machine, state, on);
        const wrong = M.broken_promises(machine, state, on, list);
        for (const promise of wrong) broken.set(promise, (broken.get(promise) || 0) + 1);
        if (came && options.want(wrong, state))
            return { states: seen.count, transitions, broken, way: way(place), why: wrong };
        for (const { process, row } of list) {
            scratch.set(state);
            take(machine, scratch, process, row, on);
            reached(scratch, () => M.word_of(process, row));
        }
        for (const process of machine.processes)
            if (may_die(state, process)) {
                scratch.set(state);
                M.kill(machine, scratch, process);
                reached(scratch, () => "x" + process.letter);
            }
    }
    return { states: seen.count, transitions, broken };
}

return { explore };
})();

if (typeof module !== "undefined") module.exports = Explore;
