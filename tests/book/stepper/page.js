/*
 * page.js: the page of the stepper. It knows nothing of pools: which steps there are, the
 * machines say; what is drawn, and the verdict, views.js says.
 */
"use strict";

(function () {
    const M = Machine, element = (id) => document.getElementById(id);

    let entry, machine, run; /* of Runs.machines; a recorded run, or null */
    let on = {};             /* the switches */
    let script = [];         /* what is left of the recorded run: [{word, text}] */
    let path = [];           /* [{state, word, said, text}]: the first is the beginning */
    let now = 0;             /* where in the path the reader is */
    let timer = null;

    const state = () => path[now].state;

    function make(tag, attributes, ...children) {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes || {}))
            if (name === "click") made.addEventListener("click", value);
            else if (value === true) made.setAttribute(name, "");
            else if (value !== false && value !== undefined) made.setAttribute(name, value);
        made.append(...children);
        return made;
    }

    /* ---- What the reader does ------------------------------------------------------------- */

    function begin() {
        stop_playing();
        path = [{ state: M.initial(machine, on), word: "", said: "The beginning.", text: "" }];
        now = 0;
        script = run ? M.spell_out(machine, on, run.parts) : [];
        draw();
    }

    /* What a step has changed, in words. */
    function changes(before, after) {
        const flat = (view) => [
            ...view.queue.cells.map((cell) => [`word of ${cell.name}`, cell.text]),
            ["head", String(view.queue.head)], ["tail", String(view.queue.tail)], ...view.facts,
            ...machine.processes.flatMap((p) => (view.own[p.letter] || [])
                .map(([name, value]) => [`${p.name}, ${name}`, value])),
        ];
        const old = new Map(flat(before));
        return flat(after).filter(([name, value]) => old.get(name) !== value);
    }

    function take(word, text) {
        const next = state().slice();
        const taken = M.play_word(machine, next, word, on);
        const what = taken.killed ? "is killed." : taken.row.says;
        const changed = changes(Views.view(machine, state()), Views.view(machine, next));
        const said = `${taken.process.name}: ${what}` + (changed.length === 0 ? "" :
            ` Now ${changed.map(([name, value]) => `${name}: ${value}`).join("; ")}.`);
        path.splice(now + 1);
        path.push({ state: next, word, said, text: text || path[now].text });
        now++;
    }

    /* The reader's own step; it ends a recorded run, unless it is the one recorded. */
    function go(word) {
        stop_playing();
        if (now < path.length - 1 && path[now + 1].word === word) now++;
        else {
            const recorded = now === path.length - 1 && script.length > 0 &&
                script[0].word === word ? script.shift() : null;
            if (!recorded) script = [];
            take(word, recorded ? recorded.text : "");
            if (!recorded) path[now].text = "";
        }
        draw();
    }

    function forth() {
        if (now < path.length - 1) now++;
        else if (script.length > 0) {
            const { word, text } = script.shift();
            take(word, text);
        } else return false;
        return true;
    }

    function stop_playing() {
        clearInterval(timer);
        timer = null;
    }

    function play() {
        if (timer) stop_playing();
        else timer = setInterval(() => {
            if (!forth()) stop_playing();
            draw();
        }, 900);
        draw();
    }

    function random_steps() {
        stop_playing();
        script = [];
        for (let i = 0; i < 20; i++) {
            const list = M.moves(machine, state(), on);
            if (list.length === 0) break;
            const { process, row } = list[Math.floor(Math.random() * list.length)];
            take(M.word_of(process, row));
            path[now].text = "";
        }
        draw();
    }

    function every_order() {
        const deaths = { worker: 0, foreman: 0, program: 0 };
        const { states, broken } = Explore.explore(machine,
            { start: state().slice(), on, deaths, log2: 22 });
        const names = [...broken.keys()];
        element("outlook").textContent = (states === 1 ? "No step is possible from here. " :
            `${(states - 1).toLocaleString("en")} states can follow from here if no other ` +
            "process is killed. ") + (names.length === 0 ?
            "All promises hold, and in every order the program comes to its end." :
            `A promise is broken, now or in some of them: ${names.join("; ")}.`);
    }

    /* ---- What is drawn -------------------------------------------------------------------- */

    /* The steps of the function that a process is in, as they stand in the table. */
    function listing(process, row) {
        const part = (at) => (at.match(/^[a-z]\d_/) || [""])[0];
        const seen = new Set();
        return machine.table.filter((other) =>
            other.kind === row.kind && other.within === row.within &&
            part(other.at) === part(row.at) && (!other.only || on[other.only]) &&
            (!other.without || !on[other.without]) &&
            !seen.has(other.at) && seen.add(other.at));
    }

    function status(process, rows) {
        const alive = state()[machine.at.ALIVE + process.index];
        if (process.kind === "kernel") return "";
        if (alive === M.DEAD) return "dead";
        if (alive === M.GONE && process.kind !== "program") return "ended, reaped";
        if (alive !== M.RUNS || M.place(machine, state(), process) === "end") return "ended";
        return rows.some((row) => M.may(row, state(), process, on)) ? "can go on" : "waits";
    }

    const waits_for = (rows) => rows.length === 1 ? `Has to wait before this: ${rows[0].says}` :
        `Has to wait until it can: ${rows.map((row) => row.option).join("; ")}.`;

    function draw_process(process, view) {
        const rows = M.next_rows(machine, state(), process);
        const enabled = rows.filter((row) => M.may(row, state(), process, on));
        if (process.kind === "kernel" && enabled.length === 0) return null;
        const how = status(process, rows);
        const section = make("section", { class: `process ${how.split(",")[0].replace(/ /g, "_")}`,
                                          "aria-labelledby": `name-${process.letter}` },
            make("h3", { id: `name-${process.letter}` }, process.name,
                make("span", { class: "status" }, how)));
        if (rows.length > 0) {
            const current = enabled[0] || rows[0];
            section.append(make("p", { class: "within" }, "in ", make("code", {}, current.within)));
            section.append(make("ol", { class: "steps" }, ...listing(process, current).map((row) =>
                make("li", { "aria-current": row.at === current.at ? "step" : undefined,
                             class: row.only ? "mistake" : undefined },
                    row.code ? make("code", {}, row.code) : make("em", {}, row.says)))));
            section.append(make("p", { class: "says" },
                enabled.length === 0 ? waits_for(rows) :
                rows.length > 1 && enabled.length > 1 ? "It may go on in several ways." :
                current.says));
        }
        const own = view.own[process.letter] || [];
        if (own.length > 0)
            section.append(make("p", { class: "whose" }, view.whose),
                make("dl", {}, ...own.flatMap(([name, value, kind]) =>
                    [make("dt", {}, name),
                     make("dd", { class: `${kind || ""} ${value.replace(/ /g, "_")}` }, value)])));
        const buttons = make("p", { class: "buttons" });
        for (const row of rows.length > 1 ? enabled : rows)
            buttons.append(make("button", {
                type: "button", disabled: !enabled.includes(row), "data-word": M.word_of(process, row),
                click: () => go(M.word_of(process, row)),
            }, row.option && rows.length > 1 ? row.option : "Step",
            make("span", { class: "hidden" }, ` (${process.name})`)));
        if (M.can_be_killed(machine, state(), process))
            buttons.append(make("button", { type: "button", class: "kill",
                                            "data-word": "x" + process.letter,
                                            click: () => go("x" + process.letter) }, "Kill",
                make("span", { class: "hidden" }, ` ${process.name}`)));
        section.append(buttons);
        return section;
    }

    function draw_memory(view, old) {
        const { queue } = view, memory = element("memory");
        const marks = (t) => [t === queue.head ? "head" : "", t === queue.tail ? "tail" : ""]
            .filter(Boolean).join(" and ");
        const changed = (before, value) => (old && before !== value ? "changed" : undefined);
        const cells = [...queue.cells, { name: "the next", kind: "none",
                                         fields: queue.cells[0].fields.map(([name]) => [name, ""]) }];
        memory.replaceChildren(
            make("table", { class: "queue" }, make("caption", {}, queue.name),
                make("thead", {}, make("tr", {}, make("td", {}), ...cells.map((cell) =>
                    make("th", { scope: "col" }, cell.name)))),
                make("tbody", {},
                    ...queue.cells[0].fields.map(([name], f) => make("tr", {},
                        make("th", { scope: "row" }, name), ...cells.map((cell, i) => {
                            const value = cell.fields[f][1];
                            return make("td", { class: `cell ${cell.kind} ` + (changed(old &&
                                old.queue.cells[i] ? old.queue.cells[i].fields[f][1] : "", value) ||
                                "") }, value);
                        }))),
                    make("tr", {}, make("th", { scope: "row" }, "counters"),
                        ...cells.map((cell, t) => make("td", { class: "marks" },
                            marks(t) ? "↑ " + marks(t) : ""))))),
            make("dl", { class: "facts" }, ...view.facts.flatMap(([name, value], i) =>
                [make("dt", {}, make("code", {}, name)),
                 make("dd", { class: changed(old && old.facts[i][1], value) }, value)])));
    }

    function draw_history() {
        const list = element("history");
        list.replaceChildren(...path.map((point, i) =>
            make("li", { "aria-current": i === now ? "step" : undefined },
                make("button", { type: "button", click: () => { stop_playing(); now = i; draw(); } },
                    point.said))));
        const current = list.children[now];
        list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 2;
    }

    function draw() {
        const focused = document.activeElement && document.activeElement.dataset.word;
        const view = Views.view(machine, state());
        const old = now > 0 ? Views.view(machine, path[now - 1].state) : null;
        element("processes").replaceChildren(...machine.processes
            .map((process) => draw_process(process, view)).filter(Boolean));
        draw_memory(view, old);
        element("verdict").replaceChildren(...Views.verdict(machine, state(), on).map((line) =>
            make("li", { class: line.kind },
                make("span", { class: "hidden" }, { good: "good: ", wait: "", bad: "bad: " }[line.kind]),
                line.text)));
        element("outlook").textContent = "";
        element("narration").textContent = path[now].text || (now === 0 && script.length > 0 ?
            "Press Forth for the next step of the recorded run, or Play." : "");
        element("said").textContent = path[now].said;
        element("back").disabled = now === 0;
        element("forth").disabled = now === path.length - 1 && script.length === 0;
        element("play").disabled = element("forth").disabled && !timer;
        element("play").textContent = timer ? "Pause" : "Play";
        draw_history();
        const again = focused && document.querySelector(`[data-word="${focused}"]`);
        if (again && !again.disabled) again.focus();
    }

    /* ---- Setting up ----------------------------------------------------------------------- */

    function choose_machine(id) {
        entry = Runs.machines.find((other) => other.id === id);
        machine = entry.machine;
        element("machine").value = id;
        element("about").textContent = entry.about;
        element("switches").hidden = entry.switches.length === 0;
        element("switches").replaceChildren(make("legend", {}, entry.legend || "Mistakes"),
            ...entry.switches.map(({ id: name, label }) => {
                const box = make("input", { type: "checkbox", id: `switch-${name}` });
                box.addEventListener("change", () => {
                    on[name] = box.checked;
                    choose_run("");
                });
                return make("label", {}, box, " ", label);
            }));
        element("run").replaceChildren(make("option", { value: "" }, "none: your own steps"),
            ...Runs.runs.filter((other) => other.machine === id).map((other) =>
                make("option", { value: other.id }, other.title)));
        on = {};
    }

    function choose_run(id) {
        run = Runs.runs.find((other) => other.id === id && other.machine === entry.id) || null;
        element("run").value = run ? id : "";
        if (run) on = Object.fromEntries((run.on || []).map((name) => [name, true]));
        for (const { id: name } of entry.switches) element(`switch-${name}`).checked = Boolean(on[name]);
        if (run && location.hash !== `#${id}`) history.replaceState(null, "", `#${id}`);
        begin();
    }

    function from_address() {
        const wanted = Runs.runs.find((other) => `#${other.id}` === location.hash);
        choose_machine(wanted ? wanted.machine : Runs.machines[0].id);
        choose_run(wanted ? wanted.id : Runs.runs[0].id);
    }

    function key(event) {
        if (!element("keys").checked || event.ctrlKey || event.altKey || event.metaKey) return;
        if (/^(select|input)$/i.test(event.target.tagName) && event.target.type !== "checkbox") return;
        if (event.key === "ArrowLeft" && now > 0) now--;
        else if (event.key === "ArrowRight") forth();
        else {
            const process = machine.processes.find((p) => p.letter === event.key.toUpperCase());
            const row = process && M.next_rows(machine, state(), process)
                .find((other) => M.may(other, state(), process, on));
            if (row) go(M.word_of(process, row));
            return;
        }
        event.preventDefault();
        draw();
    }

    element("machine").append(...Runs.machines.map(({ id, title }) =>
        make("option", { value: id }, title)));
    element("machine").addEventListener("change", (event) => {
        choose_machine(event.target.value);
        choose_run((Runs.runs.find((other) => other.machine === entry.id) || { id: "" }).id);
    });
    element("run").addEventListener("change", (event) => {
        if (!event.target.value) on = {};
        choose_run(event.target.value);
    });
    element("start").addEventListener("click", begin);
    element("back").addEventListener("click", () => { stop_playing(); now--; draw(); });
    element("forth").addEventListener("click", () => { stop_playing(); forth(); draw(); });
    element("play").addEventListener("click", play);
    element("random").addEventListener("click", random_steps);
    element("every").addEventListener("click", every_order);
    document.addEventListener("keydown", key);
    window.addEventListener("hashchange", from_address);
    from_address();
})();
