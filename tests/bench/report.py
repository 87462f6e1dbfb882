"""report.py: from the raw figures to tables for people, and to plots.

By itself, `report.py DIRECTORY` does it again from DIRECTORY/raw.tsv.
"""
import collections
import os
import platform
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

Row = collections.namedtuple("Row", "turn what name workers tasks size seconds extra")

LABELS = {
    "pool": "the pool",
    "pool-submit": "the pool, no results",
    "pool-map": "the pool, future_map",
    "pool-traced": "the pool, tracing",
    "executor-submit": "Python Executor.submit",
    "executor-map": "Python Executor.map",
    "mp-imap": "Python Pool.imap",
    "mp-map": "Python Pool.map",
    "fork": "fork per task",
    "pipe": "pipes",
    "xargs": "xargs -P",
    "parallel": "GNU parallel",
    "glib": "GLib GThreadPool",
    "tbb": "oneTBB task_group",
    "taskflow": "Taskflow executor",
    "openmp-clang": "OpenMP tasks (LLVM)",
    "openmp-clang-queue": "OpenMP (LLVM), unthrottled",
    "openmp-gcc": "OpenMP tasks (GCC)",
    "uv": "libuv",
    "limit": "the limit",
    "sleeper": "that wait to be ended",
}
THREADS = ("glib", "tbb", "taskflow", "openmp-clang", "openmp-clang-queue", "openmp-gcc", "uv")


def parse(turn, line):
    what, name, workers, tasks, size, seconds, extra = line.rstrip("\n").split("\t")
    values = dict(pair.split("=") for pair in extra.split() if "=" in pair)
    return Row(int(turn), what, name, int(workers), int(tasks), int(size), float(seconds),
               {key: float(value) for key, value in values.items()})  # fmt: skip


# ---- Figures -----------------------------------------------------------------------------


def per_task(row):
    return row.seconds / row.tasks


def again(row):
    """The same, when there is memory for so many tasks from the time before."""
    return row.extra.get("again", row.seconds) / row.tasks


def extra(name):
    return lambda row: row.extra[name]


class Figures:
    """The rows, to be asked for. A series is {round: figure}."""

    def __init__(self, rows, cpus):
        self.rows, self.cpus = rows, cpus

    def series(self, what, name, value=per_task, **where):
        """Of rows that differ in tasks only, the one with the most."""
        found = {}
        for row in self.rows:
            if row.what == what and row.name == name:
                if all(getattr(row, key) == wanted for key, wanted in where.items()):
                    best = found.get(row.turn)
                    if best is None or row.tasks > best.tasks:
                        found[row.turn] = row
        return {turn: value(row) for turn, row in found.items()}

    def trivial(self, name, workers, value=per_task):
        """Per task; the pool and the fast ones with the same number of tasks."""
        found = {}
        for row in self.rows:
            if (row.what, row.name, row.workers) == ("trivial", name, workers):
                if row.tasks <= 10**6 and row.tasks >= found.get(row.turn, (0, 0))[0]:
                    found[row.turn] = row.tasks, value(row)
        return {turn: figure for turn, (_, figure) in found.items()}


def ratios(above, below):
    """Of the same round each: (least, median, most), or None."""
    found = sorted(above[turn] / below[turn] for turn in above if below.get(turn))
    return (found[0], statistics.median(found), found[-1]) if found else None


def middle(series):
    return statistics.median(series.values()) if series else None


# ---- Tables ------------------------------------------------------------------------------


def short(number, unit=""):
    if number is None:
        return "-"
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= limit * 0.9995:
            return f"{number / limit:.3g} {letter}{unit}"
    return f"{number:.3g} {unit}".rstrip()


def duration(seconds):
    if seconds is None:
        return "-"
    for limit, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= limit:
            return f"{seconds / limit:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def binary(size):
    for limit, unit in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= limit:
            return f"{size / limit:.4g} {unit}"
    return f"{size:.4g} B"


def factor(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def spread(three):
    if three is None:
        return " " * 27
    return "".join(factor(number).rjust(9) for number in three)


class Text:
    def __init__(self):
        self.lines = []

    def say(self, line=""):
        self.lines.append(line.rstrip())

    def heading(self, title, *notes):
        self.say()
        self.say(title)
        self.say("-" * len(title))
        for note in notes:
            self.say(note)

    def compared(self, names, of, show, column, than="pool"):
        """A line for each peer: its own figure here, and how many times the pool's it is."""
        self.say(f"{'':26}{column:>14}{'min':>9}{'median':>9}{'max':>9}")
        base = of(than)
        for name in names:
            series = of(name)
            if series:
                three = spread(ratios(series, base)) if name != than else "1".rjust(18)
                self.say(f"{LABELS[name]:26}{show(middle(series)):>14}{three}")


def rate(seconds):
    return short(1 / seconds, "/s") if seconds else "-"


ALL = [name for name in LABELS if name not in ("limit", "sleeper", "pool-traced")]


def say_pages(text, figures, workers):
    """How much of the first time is the system's, which has to find memory."""
    page = middle(figures.series("page", "limit", lambda row: row.seconds / row.tasks / row.size))
    task = middle(figures.series("memory", "pool", extra("task")))
    if page and task:
        text.say(f"Of the pool's {duration(middle(figures.trivial('pool', workers)))} a task, "
                 f"{duration(page * task)} are the system's: {task:.0f} bytes of fresh pages.")  # fmt: skip


def table_trivial(text, figures):
    for workers in (figures.cpus, 8):
        text.heading(
            f"Many small tasks, {workers} workers: square an int, read it back",
            "How many times the pool's time per task the others take.",
        )
        text.compared(ALL, lambda name: figures.trivial(name, workers), rate, "tasks here")
        say_pages(text, figures, workers)
        text.say("and again in the same pool, which has the memory for so many tasks now:")
        text.compared(ALL, lambda name: figures.trivial(name, workers, again), rate,
                      "tasks here")  # fmt: skip
    text.say()
    for name in THREADS:
        share = middle(figures.series("caller", name, extra("share")))
        if share is not None:
            text.say(f"{LABELS[name].strip()}: {share:.0%} of the tasks were run by the "
                     "submitting thread while it submitted")  # fmt: skip


def table_roundtrip(text, figures):
    text.heading("One task at a time", "Submit, run, result: the median, times the pool's.")
    text.compared(ALL, lambda name: figures.series("roundtrip", name, extra("median")),
                  duration, "median here")  # fmt: skip
    text.say("and the 99th percentile:")
    text.compared(ALL, lambda name: figures.series("roundtrip", name, extra("p99")),
                  duration, "p99 here")  # fmt: skip


def efficiency(figures, name, size):
    limit = figures.series("cpu", "limit", size=size)
    return ratios(limit, figures.series("cpu", name, size=size))


def sizes_of(figures, what):
    return sorted({row.size for row in figures.rows if row.what == what})


def table_cpu(text, figures):
    sizes = sizes_of(figures, "cpu")
    text.heading(
        f"Work for the CPU, {figures.cpus} workers: how much of the ideal",
        "The ideal: as many processes, each given its share beforehand. Median of the rounds.",
    )
    text.say(f"{'':26}" + "".join(duration(size / 1e9).rjust(10) for size in sizes))
    for name in ALL:
        row = [efficiency(figures, name, size) for size in sizes]
        if any(row):
            text.say(f"{LABELS[name]:26}"
                     + "".join((f"{three[1]:.1%}" if three else "-").rjust(10)
                               for three in row))  # fmt: skip


def table_data(text, figures):
    for what, title in (("result", "results"), ("argument", "arguments")):
        sizes = sizes_of(figures, what)
        text.heading(
            f"Large {title}: from complete on one side to readable on the other",
            "Here, median. The time to write and to read it is not in it.",
        )
        text.say(f"{'':26}" + "".join(binary(size).rjust(10) for size in sizes))
        for name in ALL:
            row = [middle(figures.series(what, name, extra("median"), size=size))
                   for size in sizes]  # fmt: skip
            if any(row):
                text.say(f"{LABELS[name]:26}" + "".join(duration(x).rjust(10) for x in row))


def table_open(text, figures):
    for workers in sorted({row.workers for row in figures.rows if row.what == "open"}):
        text.heading(f"Open and close a pool of {workers}",
                     "Times as many bare forks and waits as the pool has processes.")  # fmt: skip

        def of(name, workers=workers):
            if name == "limit":
                return figures.series("fork", "limit", workers=workers + 1)
            if name == "sleeper":
                return figures.series("sleeper", "limit", workers=workers + 1)
            return figures.series("open", name, extra("median"), workers=workers)

        text.compared(["limit", "sleeper"] + ALL, of, duration, "here", than="limit")


def opening(figures, workers):
    return figures.series("open", "pool", extra("median"), workers=workers)


def floor(figures, workers):
    """As many processes as the pool has, that sleep once and are woken to end."""
    return figures.series("sleeper", "limit", workers=workers + 1)


def workers_opened(figures):
    return sorted({row.workers for row in figures.rows if row.what == "open"})


def table_floor(text, figures):
    text.heading("Open and close the pool, beside processes that sleep once and are woken to end")
    text.say(f"{'workers':>10}{'the pool':>12}{'the floor':>12}"
             f"{'min':>9}{'median':>9}{'max':>9}")  # fmt: skip
    for workers in workers_opened(figures):
        above, below = opening(figures, workers), floor(figures, workers)
        text.say(f"{workers:10}{duration(middle(above)):>12}{duration(middle(below)):>12}"
                 + spread(ratios(above, below)))  # fmt: skip


def table_memory(text, figures):
    text.heading(
        "Memory",
        "For each waiting task; for each worker, all told (PSS), and in one worker alone.",
    )
    text.say(f"{'':26}{'task':>12}{'worker':>12}{'private':>12}")
    for name in ALL:
        row = [middle(figures.series("memory", name, extra(key)))
               for key in ("task", "worker", "private")]  # fmt: skip
        if row[0] is not None:
            private = binary(row[2]) if row[2] else "-"
            text.say(f"{LABELS[name]:26}{binary(row[0]):>12}{binary(row[1]):>12}{private:>12}")


def table_crash(text, figures):
    text.heading(
        "A task kills its process",
        "Until the next task's result is there. Beside it, of the 11 tasks behind it: lost.",
    )
    text.compared(ALL, lambda name: figures.series("crash", name, extra("median")),
                  duration, "here")  # fmt: skip
    for name in ALL:
        lost = middle(figures.series("crash", name, extra("lost")))
        if lost:
            text.say(f"{LABELS[name]}: {lost:.0f} of 11 tasks lost")
    text.say("Python Pool: the result of the crashed task never comes; a program that waits for it hangs.")
    text.say("Thread pools: the program is gone.")


def table_trace(text, figures):
    text.heading("Tracing (POOL_TRACE)", "Times the pool's time per task without.")
    tasks = max(row.tasks for row in figures.rows if row.name == "pool-traced")
    text.compared(["pool", "pool-traced"],
                  lambda name: figures.series("trivial", name, workers=figures.cpus,
                                              tasks=tasks), duration, "a task here")  # fmt: skip


def table_limits(text, figures):
    text.heading("The limits of this machine, in the same rounds")

    def per_process(row):
        return per_task(row) / row.workers

    def bytes_per_second(row):
        return row.size * row.tasks / row.seconds

    def line(title, series, show=duration):
        found = sorted(series.values())
        three = (found[0], middle(series), found[-1]) if found else (None, None, None)
        text.say(f"{title:42}" + "".join(f"{show(figure):>12}" for figure in three))

    text.say(f"{'':42}" + "".join(f"{word:>12}" for word in ("min", "median", "max")))
    line("a cache line to the other core and back", figures.series("cacheline", "limit"))
    line("a byte through two pipes and back", figures.series("pipe", "limit"))
    line("memcpy of 64 MiB", figures.series("memcpy", "limit", bytes_per_second),
         lambda speed: short(speed, "B/s"))  # fmt: skip
    line("a fresh page of shared memory", figures.series("page", "limit"))
    line("fork and wait", figures.series("fork", "limit", per_process, workers=9))
    line("pthread_create and join", figures.series("thread", "limit", per_process, workers=8))


# ---- What to reach -----------------------------------------------------------------------


def inverse(three):
    return three and tuple(1 / number for number in reversed(three))


def faster(figures, name, workers, value=per_task):
    return ratios(figures.trivial(name, workers, value),
                  figures.trivial("pool", workers, value))  # fmt: skip


def flatness(figures, field, **where):
    """The dearest time per task over that of the fewest tasks or workers: what it costs that
    there are more."""
    by_turn = collections.defaultdict(dict)
    for row in figures.rows:
        if (row.what, row.name) == ("trivial", "pool"):
            if all(getattr(row, key) == wanted for key, wanted in where.items()):
                by_turn[row.turn][getattr(row, field)] = again(row)
    found = {}
    for turn, times in by_turn.items():
        found[turn] = max(times.values()) / times[min(times)]
    return ratios(found, {turn: 1 for turn in found})


def goals(figures):
    """(what, at least or at most, bound, measured (min, median, max), unit)"""
    cpus = figures.cpus
    pool = figures.series("roundtrip", "pool", extra("median"))
    for name, bound in (("executor-submit", 1000), ("glib", 3), ("tbb", 1.5),
                        ("openmp-clang", 1.5), ("openmp-clang-queue", 1.5)):  # fmt: skip
        title = f"times {LABELS[name].strip()}"
        yield f"small tasks, {title}", ">=", bound, faster(figures, name, cpus)
        yield f"  again, {title}", ">=", bound, faster(figures, name, cpus, again)
    for name in THREADS:
        title = f"times {LABELS[name].strip()}"
        yield f"8 workers, {title}", ">=", 1, faster(figures, name, 8)
        yield f"  again, {title}", ">=", 1, faster(figures, name, 8, again)
    yield ("round trip, µs", "<=", 5,
           ratios({turn: value * 1e6 for turn, value in pool.items()},
                  {turn: 1 for turn in pool}))  # fmt: skip
    yield ("round trip, times Executor.submit", ">=", 50,
           ratios(figures.series("roundtrip", "executor-submit", extra("median")), pool))  # fmt: skip
    for workers in (cpus, 8):
        yield (f"open and close {workers}, times bare forks", "<=", 1.5,
               ratios(figures.series("open", "pool", extra("median"), workers=workers),
                      figures.series("fork", "limit", workers=workers + 1)))  # fmt: skip
        yield ("  times forks that wait to be ended", "<=", 1.5,
               ratios(figures.series("open", "pool", extra("median"), workers=workers),
                      figures.series("sleeper", "limit", workers=workers + 1)))  # fmt: skip
    large, thread = (figures.series("result", name, extra("median"), size=64 << 20)
                     for name in ("pool", "glib"))  # fmt: skip
    copy = figures.series("memcpy", "limit")
    yield "64 MiB result, times a thread's (GLib)", "<=", 2, ratios(large, thread)
    yield "64 MiB result, times copying it", "<=", 0.05, ratios(large, copy)
    for key, title, bound, unit in (("task", "memory of a waiting task, B", 192, 1),
                                    ("private", "private memory of a worker, KiB", 300, 1024)):
        series = figures.series("memory", "pool", lambda row: row.extra[key] / unit)
        yield title, "<=", bound, ratios(series, {turn: 1 for turn in series})
    yield ("growth: dearest number of tasks over 1000", "<=", 1.5,
           flatness(figures, "tasks", workers=cpus))  # fmt: skip
    yield ("growth: dearest number of workers over one", "<=", 3,
           flatness(figures, "workers", tasks=10**5))  # fmt: skip


def table_goals(text, figures):
    text.heading("What to reach")
    text.say(f"{'':46}{'':>9}{'min':>9}{'median':>9}{'max':>9}")
    for what, direction, bound, three in goals(figures):
        if three is None:
            text.say(f"{what:46}{direction + ' ' + factor(bound):>9}   not measured")
            continue
        good = three[1] >= bound if direction == ">=" else three[1] <= bound
        text.say(f"{what:46}{direction + ' ' + factor(bound):>9}{spread(three)}  "
                 f"{'yes' if good else 'NO'}")  # fmt: skip


# ---- All of it ---------------------------------------------------------------------------


def make_text(figures):
    text = Text()
    rounds = len({row.turn for row in figures.rows})
    text.say(f"{figures.cpus} CPUs, {platform.machine()}, Linux {platform.release()}; "
             f"{rounds} rounds, interleaved; Python {platform.python_version()}")  # fmt: skip
    for table in (table_trivial, table_roundtrip, table_cpu, table_data, table_open,
                  table_floor, table_memory, table_crash, table_trace, table_limits, table_goals):  # fmt: skip
        table(text, figures)
    return "\n".join(text.lines) + "\n"


# ---- For README.md -----------------------------------------------------------------------


PASTED = {
    "pool": "the pool: processes",
    "pool-submit": "... `pool_submit()`, with open and close",
    "glib": "GLib: threads",
    "tbb": "oneTBB: threads",
    "taskflow": "Taskflow: threads",
    "openmp-clang": "OpenMP tasks (LLVM): threads",
    "openmp-clang-queue": "... told to queue them",
    "uv": "libuv: threads",
    "pipe": "pipes, as in the smallest pool",
    "executor-submit": "Python, `ProcessPoolExecutor`",
    "fork": "a process for each task",
    "xargs": "`xargs -P`",
}


def times(series, base):
    three = ratios(series, base)
    return f"{three[1]:,.0f}" if three and three[1] >= 10 else f"{three[1]:.2g}" if three else ""


def markdown(figures):
    """All that README.md shows, as Markdown: multiples of the pool's, the median of the rounds."""
    cpus = figures.cpus
    columns = {
        "a million small tasks": lambda name: figures.trivial(name, cpus),
        "again, in the same pool": lambda name: figures.trivial(name, cpus, again),
        "8 workers": lambda name: figures.trivial(name, 8),
        "one at a time": lambda name: figures.series("roundtrip", name, extra("median")),
        "its 99th percentile": lambda name: figures.series("roundtrip", name, extra("p99")),
        "open and close, 8 workers":
            lambda name: figures.series("open", name, extra("median"), workers=8),
        "after a crash": lambda name: figures.series("crash", name, extra("median")),
    }  # fmt: skip
    base = {title: of("pool") for title, of in columns.items()}
    lines = [f"{cpus} CPUs, {platform.machine()}, Linux {platform.release()}, "
             f"{len({row.turn for row in figures.rows})} rounds", "",
             "| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]  # fmt: skip
    for name, label in PASTED.items():
        cells = [times(of(name), base[title]) for title, of in columns.items()]
        if any(cells):
            lines.append(f"| {label} | " + " | ".join(cells) + " |")
    here = [rate(middle(base["a million small tasks"])), rate(middle(base["again, in the same pool"])),
            rate(middle(base["8 workers"]))]  # fmt: skip
    here += [duration(middle(base[title])) for title in list(columns)[3:]]
    lines += ["| the pool, here | " + " | ".join(here) + " |", "",
              "| workers | open and close | that many processes which sleep once | times |",
              "|---|---|---|---|"]  # fmt: skip
    for workers in workers_opened(figures):
        above, below = opening(figures, workers), floor(figures, workers)
        lines.append(f"| {workers} | {duration(middle(above))} | {duration(middle(below))} | "
                     f"{times(above, below)} |")  # fmt: skip
    sizes = sizes_of(figures, "cpu")
    lines += ["", "| a task takes | " + " | ".join(duration(size / 1e9) for size in sizes) + " |",
              "|---" * (len(sizes) + 1) + "|"]  # fmt: skip
    for name, label in PASTED.items():
        shares = [efficiency(figures, name, size) for size in sizes]
        if any(shares):
            lines.append(f"| {label} | " + " | ".join(
                f"{three[1]:.0%}".replace("%", " %") if three else "" for three in shares) + " |")  # fmt: skip
    return "\n".join(lines) + "\n"


def write_block(out, title, points):
    """A data set for gnuplot, its name in the first line."""
    out.write(f'"{title}"\n')
    for point in sorted(points):
        out.write("\t".join(map(str, point)) + "\n")
    out.write("\n\n")


def middle_by(figures, what, name, field, value, **where):
    groups = collections.defaultdict(list)
    for row in figures.rows:
        if row.what == what and row.name == name:
            if all(getattr(row, key) == wanted for key, wanted in where.items()):
                groups[getattr(row, field), row.tasks].append(value(row))
    best = {}
    for (x, tasks), values in sorted(groups.items()):
        if field == "tasks" or tasks <= 10**6:
            best[x] = statistics.median(values)
    return list(best.items())


def write_plots(figures, directory):
    cpus = figures.cpus
    plots = {
        "workers": ("trivial", "workers", lambda row: 1 / again(row), {}),
        "growth": ("trivial", "tasks", lambda row: again(row) * 1e9, {"workers": cpus}),
        "size": ("cpu", "size", lambda row: 1 / per_task(row), {}),
        "result": ("result", "size", lambda row: row.extra["median"] * 1e6, {}),
        "memory": ("memory", "workers", lambda row: row.extra["task"], {}),
    }
    for plot, (what, field, value, where) in plots.items():
        count = 0
        with open(os.path.join(directory, plot + ".dat"), "w") as out:
            for name in ALL + ["limit"]:
                points = middle_by(figures, what, name, field, value, **where)
                if points:
                    if plot == "memory":
                        worker = middle(figures.series("memory", name, extra("worker")))
                        points = [(round(points[0][1], 1), round(worker / 1024, 1))]
                    write_block(out, LABELS[name].strip(), points)
                    count += 1
        if shutil.which("gnuplot") and count:
            subprocess.run(["gnuplot", "-e", f"directory='{directory}'; plot_name='{plot}'; "
                            f"count={count}", os.path.join(HERE, "plots.gp")], check=True)  # fmt: skip
    if not shutil.which("gnuplot"):
        print("skipped: the plots: gnuplot is not installed (see make bench-deps)")


def write(rows, cpus, directory):
    figures = Figures(rows, cpus)
    text = make_text(figures)
    with open(os.path.join(directory, "report.txt"), "w") as out:
        out.write(text)
    print(text, end="")
    write_plots(figures, directory)
    pasted = markdown(figures)
    with open(os.path.join(directory, "results.md"), "w") as out:
        out.write(pasted)
    print(f"\nFor tests/bench/README.md:\n\n{pasted}")
    print(f"In {directory}: report.txt, results.md, raw.tsv, and the plots as *.svg")


if __name__ == "__main__":
    with open(os.path.join(sys.argv[1], "raw.tsv")) as lines:
        next(lines)
        table = [parse(*line.split("\t", 1)) for line in lines]
    write(table, max(2, len(os.sched_getaffinity(0))), sys.argv[1])
