/*
 * check_pages.js BOOK: the book's pages in a browser, from files, without a network. Needs
 * Debian's chromium (or CHROMIUM=path), playwright-core and axe-core.
 *
 * Every page loads without an error on the console, shows its pictures, fits on a phone and has
 * nothing that axe-core calls serious, in the light and in the dark (of the sources, which are
 * all made alike, axe-core looks at each tenth). The search finds. The
 * stepper's recorded runs play to their verdicts, by mouse and by keyboard. Screenshots to be
 * looked at are left in BOOK/screenshots.
 */
"use strict";

const fs = require("fs"), path = require("path"), url = require("url");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { machines, runs } = require("./stepper/runs.js");

const book = path.resolve(process.argv[2]), pages = path.join(book, "html");
const shots = path.join(book, "screenshots");
const WIDE = { width: 1280, height: 900 }, PHONE = { width: 390, height: 800 };
let failed = 0;

function check(good, what) {
    if (good) return true;
    console.error(`FAILED: ${what}`);
    failed = 1;
    return false;
}

const address = (name) => url.pathToFileURL(path.join(pages, name)).href;

/* A context without a network; what goes wrong on its pages fails. */
async function open(browser, options) {
    const context = await browser.newContext(options);
    await context.setOffline(true);
    const page = await context.newPage();
    page.on("console", (message) => check(message.type() !== "error",
        `${page.url()}: console: ${message.text()}`));
    page.on("pageerror", (error) => check(false, `${page.url()}: ${error.message}`));
    page.on("requestfailed", (request) => check(false, `${page.url()}: ${request.url()} failed`));
    page.on("request", (request) => check(/^(file|data|blob):/.test(request.url()),
        `${page.url()}: asks for ${request.url()}`));
    return page;
}

async function accessible(page, name, rules) {
    await page.evaluate(axe);
    const found = await page.evaluate((only) => window.axe.run(document,
        { preload: false, ...(only ? { runOnly: only } : {}) }), rules);
    for (const { id, impact, nodes } of found.violations)
        check(impact !== "serious" && impact !== "critical",
            `${name}: ${id} (${impact}): ${nodes.slice(0, 3).map((n) => n.target).join(", ")}`);
}

async function every_page(browser) {
    const names = fs.readdirSync(pages).filter((name) => name.endsWith(".html"));
    const light = await open(browser, { viewport: PHONE, colorScheme: "light" });
    const dark = await open(browser, { viewport: WIDE, colorScheme: "dark" });
    const sources = names.filter((name) => /\.(?!h\.html|html)|\.[ch]\.html$/.test(name) &&
        !name.startsWith("man-"));
    for (const name of names) {
        const look = !sources.includes(name) || sources.indexOf(name) % 10 === 0;
        await light.goto(address(name));
        const facts = await light.evaluate(() => ({
            title: document.title, headings: document.querySelectorAll("h1").length,
            width: document.documentElement.scrollWidth,
            pictures: [...document.images].filter((i) => !i.complete || !i.naturalWidth)
                .map((i) => i.src),
        }));
        check(facts.title && facts.headings === 1, `${name}: a title, and one h1`);
        check(facts.width <= PHONE.width, `${name}: ${facts.width} pixels wide on a phone`);
        check(facts.pictures.length === 0, `${name}: pictures: ${facts.pictures}`);
        if (!look) continue;
        await accessible(light, name);
        await dark.goto(address(name));
        await accessible(dark, `${name}, dark`, ["color-contrast"]);
    }
    console.log(`${names.length} pages: no error, pictures, narrow, accessible, light and dark`);
    await light.context().close();
    await dark.context().close();
}

async function without_scripts(browser) {
    const page = await open(browser, { viewport: WIDE, javaScriptEnabled: false });
    await page.goto(address("index.html"));
    const links = await page.locator("#contents a").count();
    check(links > 10, "without scripts: the contents");
    await page.locator("a[rel=next]").click();
    check(await page.locator("main h1").isVisible(), "without scripts: the next page");
    await page.goto(address("stepper.html"));
    check(await page.locator("noscript").count() === 1, "without scripts: the stepper says so");
    await page.context().close();
}

async function search(browser) {
    const page = await open(browser, { viewport: WIDE });
    await page.goto(address("index.html"));
    for (const words of ["foreman", "compare-and-swap", "pool_submit", "blocking mistake"]) {
        await page.getByRole("searchbox").fill(words);
        check(await page.locator(".results li").count() > 0, `the search finds ${words}`);
    }
    await page.getByRole("searchbox").fill("no such words as these");
    check(await page.locator(".results [role=status]").textContent() === "Nothing found",
        "the search says when it finds nothing");
    await page.getByRole("searchbox").fill("foreman");
    await accessible(page, "the search's results");
    await page.setViewportSize(PHONE);
    check(await page.evaluate(() => document.documentElement.scrollWidth) <= PHONE.width,
        "the search's results fit on a phone");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.waitForURL((to) => !to.href.endsWith("index.html"));
    check(/foreman/i.test(await page.locator("main").textContent()), "the first hit has the word");
    await page.context().close();
}

const PRESS = { "←": "ArrowLeft", "→": "ArrowRight" };

async function recorded_runs(browser) {
    const page = await open(browser, { viewport: WIDE, colorScheme: "dark" });
    for (const run of runs) {
        await page.goto(address("stepper.html") + "#" + run.id);
        await page.reload();
        check(await page.locator("#run").inputValue() === run.id, `${run.id}: is chosen`);
        const forth = page.locator("#forth");
        let steps = 0;
        for (; await forth.isEnabled(); steps++) await forth.click();
        const verdict = await page.locator("#verdict").innerText();
        const bad = await page.locator("#verdict .bad").count();
        check(run.verdict ? verdict.includes(`Broken promise: ${run.verdict}`) : bad === 0,
            `${run.id}: after ${steps} steps the verdict is: ${verdict}`);
        check(await page.locator("#history li").count() === steps + 1, `${run.id}: the history`);
        await accessible(page, `stepper, ${run.id}`);
    }
    console.log(`${runs.length} recorded runs play to their verdicts`);
    await page.context().close();
}

async function own_steps(browser) {
    const page = await open(browser, { viewport: WIDE });
    await page.goto(address("stepper.html") + "#pool_killed_after");
    const said = () => page.locator("#said").textContent();
    const asleep = () => page.locator("#history li").count();

    await page.locator("[data-word='0']").focus();
    await page.keyboard.press("Enter");
    check(/^worker 0: Read the head/.test(await said()), "a step by keyboard is said");
    check(await page.evaluate(() => document.activeElement.dataset.word) === "0",
        "the focus stays on the button");
    await page.getByRole("button", { name: "Kill worker 1" }).click();
    check(/^worker 1: is killed/.test(await said()), "a worker can be killed");
    await page.locator("#keys").check();
    for (const key of ["P", "F", PRESS["←"], PRESS["→"]]) await page.keyboard.press(key);
    check(/^foreman:/.test(await said()), "keys take steps, and go back and forth");
    for (const role of ["program", "foreman"])
        await page.getByRole("button", { name: `Kill ${role}` }).click();
    check(await asleep() > 5, "the program and the foreman can be killed");
    await page.locator("#start").click();
    check(await asleep() === 1, "it starts again");
    await page.locator("#every").click();
    check(/All promises hold/.test(await page.locator("#outlook").textContent()),
        "every order from the beginning ends well");
    for (const { id, switches } of machines) {
        await page.locator("#machine").selectOption(id);
        for (const { label } of switches) {
            await page.getByLabel(label, { exact: true }).check();
            await page.locator("#random").click();
            await page.locator("#random").click();
            check(await asleep() > 5, `random steps in ${id}`);
        }
    }
    await page.goto(address("stepper.html") + "#look_first");
    await page.reload();
    await page.locator("#play").click();
    await page.waitForFunction(() => document.querySelectorAll("#history li").length > 2);
    await page.locator("#play").click();
    check(await page.locator("#play").textContent() === "Play", "a run plays, and pauses");
    await page.context().close();
}

async function screenshots(browser) {
    fs.mkdirSync(shots, { recursive: true });
    const chapters = fs.readdirSync(pages).filter((name) => /^\d\d_\w+\.html$/.test(name));
    const header = fs.readdirSync(pages).find((name) => /^\d\d_\w+-\w+\.h\.html$/.test(name));
    for (const [kind, options] of [["light", { viewport: WIDE, colorScheme: "light" }],
                                   ["dark", { viewport: WIDE, colorScheme: "dark" }],
                                   ["phone", { viewport: PHONE, colorScheme: "light" }]]) {
        const page = await open(browser, options);
        for (const name of ["index.html", chapters[2], chapters[4], header, "stepper.html"]) {
            await page.goto(address(name) + (name === "stepper.html" ? "#swap_word" : ""));
            if (name === "stepper.html")
                for (let i = 0; i < 14; i++) await page.locator("#forth").click();
            await page.screenshot({ path: path.join(shots, `${name}.${kind}.png`), fullPage: true });
        }
        await page.context().close();
    }
    console.log(`screenshots to look at: ${shots}`);
}

(async () => {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    try {
        for (const part of [every_page, without_scripts, search, recorded_runs, own_steps, screenshots])
            await part(browser);
    } finally {
        await browser.close();
    }
    process.exit(failed);
})().catch((error) => {
    console.error(`FAILED: ${error.stack}`);
    process.exit(1);
});
