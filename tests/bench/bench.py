#!/usr/bin/env python3
"""bench.py [--quick | --smoke] [--begun TIME] DIRECTORY: run all the programs of the benchmark,
several rounds, in a new order each; write raw.tsv, report.txt, results.md and plots to DIRECTORY.

A ratio is always of two figures of the same round: what slows the machine slows both.
The whole takes less than ten minutes, with --quick less than one, from --begun (seconds since 1970)
on: where the machine is too slow for that, what takes longest is measured in fewer rounds.
--smoke runs everything once, with few tasks, and only says whether the results were right.
"""
import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import report

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.environ.get("BENCH", "build/tests/bench")
BUDGET = 540  # seconds, for all
QUICK_BUDGET = 50
LEAST_BUDGET = 20  # however long the build took

# Work: what is measured, and how. `name` is the peer's.
Work = collections.namedtuple("Work", "what name workers tasks size")

TRIVIAL = "trivial cpu "
DATA = "result argument "

# name: program, about how many trivial tasks a second (so that no run takes long), what it can
PEERS = {
    "pool": ("pool", 4e6, TRIVIAL + DATA + "roundtrip open memory crash caller"),
    "pool-submit": ("pool_submit", 8e6, "trivial"),
    "pool-map": ("pool_map", 2e7, TRIVIAL),
    "pool-traced": ("pool", 4e5, "trivial"),
    "executor-submit": ("python", 7e3, TRIVIAL + DATA + "roundtrip open memory crash"),
    "executor-map": ("python", 3e5, TRIVIAL),
    "mp-imap": ("python", 3e4, TRIVIAL + DATA + "roundtrip open memory crash"),
    "mp-map": ("python", 1e6, TRIVIAL),
    "fork": ("fork", 3e3, TRIVIAL + DATA + "roundtrip crash"),
    "pipe": ("pipe", 5e5, TRIVIAL + DATA + "roundtrip open"),
    "xargs": ("programs", 600, TRIVIAL),
    "parallel": ("programs", 60, TRIVIAL),
    "glib": ("glib", 1.5e6, TRIVIAL + DATA + "roundtrip open memory caller"),
    "tbb": ("tbb", 4e6, TRIVIAL + "memory caller"),
    "taskflow": ("taskflow", 4e6, TRIVIAL + DATA + "roundtrip open memory caller"),
    "openmp-clang": ("openmp-clang", 5e6, TRIVIAL + "caller"),
    "openmp-clang-queue": ("openmp-clang", 2e5, TRIVIAL + "caller"),
    "openmp-gcc": ("openmp-gcc", 3e6, TRIVIAL + "caller"),
    "uv": ("uv", 1.5e6, TRIVIAL + "roundtrip memory caller"),
}


def peers_that(what):
    return [name for name, peer in PEERS.items() if what in peer[2].split()]


def is_python(name):
    return PEERS.get(name, ("",))[0] == "python"


def tasks_in(name, seconds, most=10**7):
    """A power of ten of tasks that takes the peer about so long, or a bit less."""
    tasks = 10
    while tasks * 10 <= min(PEERS[name][1] * seconds, most):
        tasks *= 10
    return tasks


# ---- The list of work --------------------------------------------------------------------


def work_limits(cpus, quick):
    yield Work("cacheline", "limit", 2, 300000, 64)
    yield Work("pipe", "limit", 2, 20000, 1)
    yield Work("memcpy", "limit", 1, 5, 64 << 20)
    yield Work("page", "limit", 1, 16384, 4096)


def work_trivial(cpus, quick):
    """Many tasks, few tasks; many workers, few workers."""
    for name in peers_that("trivial"):
        many = tasks_in(name, 1, 10**6)
        yield Work("trivial", name, cpus, many, 4)
        yield Work("trivial", name, 8, many, 4)
        if name == "pool-traced" or (quick and name != "pool"):
            continue
        for workers in (1, cpus, 64) if quick else (1, cpus, 4, 8, 16, 32, 64):
            yield Work("trivial", name, workers, tasks_in(name, 0.07, 10**6), 4)
        for exponent in (3, 4) if quick else range(3, 8):
            if 10**exponent <= PEERS[name][1] * 2.5:
                yield Work("trivial", name, cpus, 10**exponent, 4)
    yield Work("trivial", "pool", cpus, tasks_in("pool-traced", 1, 10**6), 4)
    for name in peers_that("caller"):
        yield Work("caller", name, cpus, 10**5, 4)


def work_roundtrip(cpus, quick):
    for name in peers_that("roundtrip"):
        slow = is_python(name) or name == "fork"
        yield Work("roundtrip", name, cpus, 500 if slow else 20000, 4)


def work_cpu(cpus, quick):
    """As many tasks as make 0.1 or 0.2 s of work for each CPU, if the peer isn't too slow."""
    each = 10**8 if quick else 2 * 10**8
    for size in (10**4, 10**6) if quick else (10**3, 10**4, 10**5, 10**6):
        tasks = each * cpus // size
        yield Work("cpu", "limit", cpus, tasks, size)
        for name in peers_that("cpu"):
            if name in ("xargs", "parallel") and size < 10**5:
                continue  # all of it would be the start of programs
            fit = max(4 * cpus, min(tasks, int(PEERS[name][1] * each / 5e8)))
            yield Work("cpu", name, cpus, fit, size)


def work_data(cpus, quick):
    sizes = {64: 500, 4 << 10: 500, 64 << 10: 100, 1 << 20: 20, 64 << 20: 3, 256 << 20: 1}
    if quick:
        sizes = {4 << 10: 300, 1 << 20: 20, 64 << 20: 3}
    for what in ("result", "argument"):
        for name in peers_that(what):
            for size, times in sizes.items():
                if quick and is_python(name):
                    times = min(times, 50 if size < 1 << 20 else 1)
                yield Work(what, name, 1, times, size)


def work_open(cpus, quick):
    for workers in (1, cpus, 8) if quick else (1, cpus, 8, 64, 1000):
        times = 30 if workers <= 8 else 10 if workers <= 64 else 3
        for name in peers_that("open") if workers <= 64 else ("pool",):
            yield Work("open", name, workers, 3 if is_python(name) else times, 0)
        # As many processes as the pool has: one more for the foreman.
        yield Work("fork", "limit", workers + 1, times, 0)
        yield Work("sleeper", "limit", workers + 1, times, 0)
        yield Work("thread", "limit", workers, times, 0)


def work_memory(cpus, quick):
    for name in peers_that("memory"):
        yield Work("memory", name, 8, 10**4 if is_python(name) else 10**5, 4)


def work_crash(cpus, quick):
    for name in peers_that("crash"):
        yield Work("crash", name, 1, 3 if is_python(name) else 20, 4)


def all_work(cpus, quick):
    parts = (work_limits, work_trivial, work_roundtrip, work_cpu, work_data, work_open,
             work_memory, work_crash)  # fmt: skip
    return list(dict.fromkeys(work for part in parts for work in part(cpus, quick)))


def make_small(work):
    """For --smoke: the same programs, hardly any work."""
    tasks = 20 if work.name in ("fork", "xargs", "parallel") else 300
    return work._replace(
        tasks=min(work.tasks, tasks), size=min(work.size, 65536), workers=min(work.workers, 4)
    )


# ---- Run one -----------------------------------------------------------------------------


def command(work):
    name, program = work.name, PEERS.get(work.name, ("limits",))[0]
    arguments = [name, work.what] + [str(n) for n in work[2:]]
    if program == "python":
        return [sys.executable, os.path.join(HERE, "peers", "python.py")] + arguments
    if program == "programs":
        return [os.path.join(HERE, "peers", "programs.sh")] + arguments
    return [os.path.join(BENCH, program)] + arguments


def why_missing(name):
    """Why the peer can't be measured here, or None."""
    program = command(Work("", name, 1, 1, 1))[0]
    if name in ("xargs", "parallel"):
        return None if shutil.which(name) else "not installed"
    return None if os.path.exists(program) else "its library is not installed"


def environment(work, directory, loops):
    changed = dict(os.environ, BENCH=BENCH, BENCH_LOOPS_PER_US=loops)
    changed.pop("POOL_TRACE", None)
    if work.name == "pool-traced":
        changed["POOL_TRACE"] = os.path.join(directory, "trace.json")
    if work.name == "openmp-clang-queue":
        changed["KMP_ENABLE_TASK_THROTTLING"] = "0"  # queue tasks, however many wait
    return changed


def processes_of(pid):
    """The process and all below it."""
    found = [pid]
    for parent in found:
        try:
            with open(f"/proc/{parent}/task/{parent}/children") as children:
                found += map(int, children.read().split())
        except OSError:  # ended meanwhile
            pass
    return found


def memory_of(pid):
    """Bytes in PSS (shared pages by their share), and in pages that no other process has."""
    memory = collections.Counter()
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        for line in lines:
            field = line.split()
            if field[0] in ("Pss:", "Private_Clean:", "Private_Dirty:"):
                memory[field[0].split("_")[0].rstrip(":")] += int(field[1]) * 1024
    return memory


def measure_memory(process, work):
    """The program stops four times to be looked at: see harness.c."""
    seen = {}
    for line in process.stdout:
        if not line.startswith("#"):
            continue
        pids = processes_of(process.pid)
        each = {pid: memory_of(pid) for pid in pids}
        pss = sum(memory["Pss"] for memory in each.values())
        below = [memory["Private"] for pid, memory in each.items() if pid != process.pid]
        seen[line.strip()] = pss, (max(below) if below else 0)
        process.stdin.write("\n")
        process.stdin.flush()
    (before, _), (idle, private), (ready, _), (waiting, _) = (
        seen["#before"], seen["#workers"], seen["#jobs"], seen["#tasks"])  # fmt: skip
    extra = (f"task={(waiting - ready) / work.tasks:.1f} "
             f"worker={(idle - before) / work.workers:.0f} private={private}")  # fmt: skip
    return "\t".join(map(str, work)) + f"\t0\t{extra}\n"


class TooLong(RuntimeError):
    pass


def run(work, directory, loops, limit=60):
    """The program's line of figures, or an exception that says what went wrong."""
    process = subprocess.Popen(
        command(work), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(work, directory, loops), text=True, start_new_session=True)  # fmt: skip
    # A program that hangs is ended, with all its children, by the alarm.
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
    signal.alarm(limit)
    try:
        line = measure_memory(process, work) if work.what == "memory" else ""
        out, err = process.communicate()
        if process.returncode == -signal.SIGKILL:
            raise TooLong(f"did not end within {limit} s")
        if process.returncode != 0:
            raise RuntimeError(err.strip() or f"exit status {process.returncode}")
        return line or out
    except (OSError, KeyError) as error:
        err = process.communicate()[1] if process.poll() is None else ""
        raise RuntimeError(f"{error!r} {err.strip()}") from error
    finally:
        signal.alarm(0)


# ---- Run all -----------------------------------------------------------------------------


class Progress:
    """One line that changes on a terminal; elsewhere a line every ten per cent."""

    def __init__(self, rounds, count):
        self.rounds, self.count = rounds, count
        self.terminal, self.said = sys.stderr.isatty(), -1

    def say(self, turn, done, work):
        per_cent = 100 * ((turn - 1) * self.count + done) // (self.rounds * self.count)
        text = f"[{per_cent:3} %] round {turn} of {self.rounds}"
        if self.terminal:
            about = f"{work.what} {work.name}, {work.workers} workers, {work.tasks} tasks"
            print(f"\r{text}: {about}"[:79].ljust(79), end="", file=sys.stderr, flush=True)
        elif per_cent // 10 != self.said:
            self.said = per_cent // 10
            print(text, file=sys.stderr, flush=True)

    def clear(self):
        if self.terminal:
            print("\r" + " " * 79 + "\r", end="", file=sys.stderr, flush=True)


def own(work):
    return work.name == "limit" or work.name.startswith("pool")


def rank(work):
    """What is measured first: what the README shows, of the pool before its peers."""
    shown = "trivial roundtrip open sleeper fork crash cpu".split()
    plot = work.what == "trivial" and (work.workers > 8 or work.tasks < PEERS[work.name][1] / 10)
    return shown.index(work.what) if work.what in shown and not plot else len(shown), not own(work)


def what_fits(todo, took, left):
    """What can be measured in so many seconds: the peers' longest are left out first."""
    fits, dropped = sorted(todo, key=lambda work: (not own(work), took[work])), []
    need = sum(took[work] for work in fits)
    while fits and need > left:
        dropped.append(fits.pop())
        need -= took[dropped[-1]]
    return fits, dropped


def measure_all(todo, rounds, end, directory, loops):
    """Rows of the raw figures, what failed, and for what there was no time: {work: rounds}."""
    progress, rows, failed, short = Progress(rounds, len(todo)), [], {}, {}
    took = {}
    order = random.Random(1)
    limit = min(60, max(10, int(end - time.time()) // 8))  # for one program
    with open(os.path.join(directory, "raw.tsv"), "w") as raw:
        raw.write("round\twhat\tpeer\tworkers\ttasks\tsize\tseconds\textra\n")
        for turn in range(1, rounds + 1):
            if turn > 1:
                todo, dropped = what_fits(todo, took, end - time.time())
                short.update((work, turn - 1) for work in dropped)
            order.shuffle(todo)
            if turn == 1:  # if there is no time for all
                todo.sort(key=rank)
            for done, work in enumerate(todo):
                start = time.time()
                if start > end:
                    short.setdefault(work, turn - 1)
                    continue
                progress.say(turn, done, work)
                try:
                    line = run(work, directory, loops, limit)
                except TooLong as error:
                    (failed if own(work) else short)[work] = str(error) if own(work) else turn - 1
                    continue
                except RuntimeError as error:
                    failed[work] = str(error)
                    continue
                took[work] = time.time() - start
                raw.write(f"{turn}\t{line}")
                rows.append(report.parse(turn, line))
            todo = [work for work in todo if work not in failed and work not in short]
    progress.clear()
    return rows, failed, short


def say_short(short, rounds):
    """One line for each peer: how many of its measurements were made in fewer rounds, or not."""
    names = collections.defaultdict(list)
    for work, turns in short.items():
        names[work.name].append(turns)
    for name, turns in names.items():
        none = sum(turn == 0 for turn in turns)
        print(f"no time: {name}: {len(turns)} measurements in fewer than {rounds} rounds"
              + (f", {none} of them in none" if none else ""))  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--begun", type=float, default=time.time())
    parser.add_argument("directory")
    options = parser.parse_args()
    quick = options.quick or options.smoke
    os.makedirs(options.directory, exist_ok=True)
    cpus = max(2, len(os.sched_getaffinity(0)))

    missing = {name: why for name in PEERS for why in [why_missing(name)] if why}
    todo = [work for work in all_work(cpus, quick) if work.name not in missing]
    rounds, budget = (3, QUICK_BUDGET) if quick else (5, BUDGET)
    end = max(options.begun + budget, time.time() + LEAST_BUDGET)
    if options.smoke:
        todo, rounds, end = list(dict.fromkeys(map(make_small, todo))), 1, time.time() + 10**4
    loops = run(Work("loops", "limit", 1, 1, 0), options.directory, "1").split("per_us=")[1]
    rows, failed, short = measure_all(todo, rounds, end, options.directory, loops.strip())

    for name, why in missing.items():
        print(f"skipped: {name}: {why} (see make bench-deps)")
    say_short(short, rounds)
    for work, why in failed.items():
        print(f"FAILED: {' '.join(map(str, work))}: {why}")
    if options.smoke:
        print(f"{len(rows)} runs, their results right; {len(failed)} failed")
    else:
        report.write(rows, cpus, options.directory)
    sys.exit(1 if failed or not rows else 0)


if __name__ == "__main__":
    main()
