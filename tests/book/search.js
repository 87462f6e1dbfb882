/* search.js: finds words in BOOK_INDEX: [page, heading, address, text] for each section. */
"use strict";

(function () {
    const MOST = 20, AROUND = 60;
    const place = document.getElementById("search");
    const form = document.createElement("form");
    form.setAttribute("role", "search");
    form.innerHTML = '<label for="words">Search</label> <input id="words" type="search" ' +
        'autocomplete="off">';
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    const results = document.createElement("ol");
    const box = document.createElement("div");
    box.className = "results";
    box.hidden = true;
    box.append(said, results);
    place.append(form, box);

    const index = BOOK_INDEX.map((entry) => ({
        page: entry[0], heading: entry[1], address: entry[2], text: entry[3],
        low: `${entry[1]} ${entry[3]}`.toLowerCase(), title: entry[1].toLowerCase(),
    }));

    function find(words) {
        const found = [];
        for (const entry of index)
            if (words.every((word) => entry.low.includes(word))) {
                const in_title = words.filter((word) => entry.title.includes(word)).length;
                found.push({ entry, score: 10 * in_title + (/\.[ch]$/.test(entry.page) ? 0 : 5) });
            }
        return found.sort((a, b) => b.score - a.score).map(({ entry }) => entry);
    }

    function excerpt(text, word) {
        const at = Math.max(0, text.toLowerCase().indexOf(word));
        const from = Math.max(0, at - AROUND), to = Math.min(text.length, at + word.length + AROUND);
        return (from > 0 ? "… " : "") + text.slice(from, to) + (to < text.length ? " …" : "");
    }

    function show() {
        const words = document.getElementById("words").value.toLowerCase().split(/\s+/)
            .filter(Boolean);
        const found = words.length > 0 ? find(words) : [];
        box.hidden = words.length === 0;
        said.textContent = found.length === 0 ? "Nothing found" :
            found.length <= MOST ? `${found.length} found` : `${found.length} found, the first ${MOST}:`;
        results.replaceChildren(...found.slice(0, MOST).map((entry) => {
            const item = document.createElement("li"), link = document.createElement("a");
            link.href = entry.address;
            link.textContent = entry.heading === entry.page ? entry.page :
                `${entry.page}: ${entry.heading}`;
            const part = document.createElement("p");
            part.textContent = excerpt(entry.text, words[0]);
            item.append(link, part);
            return item;
        }));
    }

    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        show();
        const first = results.querySelector("a");
        if (first) first.focus();
    });
    place.addEventListener("keydown", (event) => {
        if (event.key === "Escape") box.hidden = true;
    });
})();
