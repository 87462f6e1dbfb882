"""python.py NAME WHAT WORKERS TASKS SIZE: what Python brings along.

NAME: executor-submit, executor-map (concurrent.futures.ProcessPoolExecutor; map with the
chunks that Pool.map would choose), mp-imap, mp-map (multiprocessing.Pool). WHAT: as in
harness.c.
"""
import ctypes
import multiprocessing
import os
import signal
import struct
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

FORK = multiprocessing.get_context("fork")
STAMP = struct.Struct("d")
NAME, WHAT = sys.argv[1:3]
WORKERS, TASKS, SIZE = map(int, sys.argv[3:6])


def square(x):
    return x * x


def load_spin():
    """The same loops as in C, from the same file."""
    bench = os.environ.get("BENCH", "build/tests/bench")
    spin = ctypes.CDLL(os.path.join(bench, "libspin.so")).spin
    spin.argtypes, spin.restype = [ctypes.c_uint32], ctypes.c_uint32
    return spin


SPIN = load_spin() if WHAT == "cpu" else None


def burn(loops):
    return SPIN(loops)


def crash(_):
    os.kill(os.getpid(), signal.SIGKILL)


def make_result(letter):
    data = bytearray(letter * SIZE)
    STAMP.pack_into(data, 0, time.monotonic())
    return data


def take_argument(data):
    arrived = time.monotonic()
    check_data(data)
    return arrived - STAMP.unpack_from(data)[0]


def check_data(data):
    if len(data) != SIZE or data.count(data[-1:], STAMP.size) != SIZE - STAMP.size:
        sys.exit(f"{NAME}: wrong result: other data than was written")


GATE = FORK.RawValue("i", 0)


def wait_at_gate(x):
    while not GATE.value:
        time.sleep(0.001)
    return square(x)


# ---- The four pools, each with open, all results of a function over inputs, close --------


class Executor:
    def open(self):
        self.pool = ProcessPoolExecutor(max_workers=WORKERS, mp_context=FORK)

    def close(self):
        self.pool.shutdown()

    def submit(self, work, inputs):
        return [self.pool.submit(work, x) for x in inputs]

    def collect(self, handles):
        return [future.result() for future in handles]


class ExecutorMap(Executor):
    def submit(self, work, inputs):
        chunk = -(-len(inputs) // (4 * WORKERS))
        return self.pool.map(work, inputs, chunksize=chunk)

    def collect(self, handles):
        return list(handles)


class PoolImap:
    def open(self):
        self.pool = FORK.Pool(WORKERS)

    def close(self):
        self.pool.close()
        self.pool.join()

    def submit(self, work, inputs):
        return self.pool.imap(work, inputs)

    def collect(self, handles):
        return list(handles)


class PoolMap(PoolImap):
    def submit(self, work, inputs):
        return self.pool.map_async(work, inputs)

    def collect(self, handles):
        return handles.get()


PEERS = {
    "executor-submit": Executor,
    "executor-map": ExecutorMap,
    "mp-imap": PoolImap,
    "mp-map": PoolMap,
}


def run_all(peer, work, inputs):
    return peer.collect(peer.submit(work, inputs))


def check_squares(results, inputs):
    if results != [x * x for x in inputs]:
        sys.exit(f"{NAME}: wrong result: not the square")


def row(seconds, extra="-"):
    print(WHAT, NAME, WORKERS, TASKS, SIZE, f"{seconds:.9f}", extra, sep="\t", flush=True)


def row_of_times(times, extra=""):
    seconds = sum(times)
    times.sort()
    median, p99 = (times[int((len(times) - 1) * part)] for part in (0.5, 0.99))
    row(seconds, f"median={median:.9f} p99={p99:.9f}{extra}")


def warm(peer):
    inputs = list(range(16 * WORKERS))
    check_squares(run_all(peer, square, inputs), inputs)


# ---- What is measured --------------------------------------------------------------------


def trivial(peer):
    peer.open()
    warm(peer)
    inputs = [i % 1024 for i in range(TASKS)]
    times = []
    for _ in range(2):
        start = time.monotonic()
        results = run_all(peer, square, inputs)
        check_squares(results, inputs)
        times.append(time.monotonic() - start)
    row(times[0], f"again={times[1]:.9f}")
    peer.close()


def cpu(peer):
    loops = int(SIZE / 1e3 * float(os.environ.get("BENCH_LOOPS_PER_US", "500")))
    peer.open()
    warm(peer)
    start = time.monotonic()
    results = run_all(peer, burn, [loops] * TASKS)
    row(time.monotonic() - start)
    if results != [burn(loops)] * TASKS:
        sys.exit(f"{NAME}: wrong result: not what the loops give")
    peer.close()


def roundtrip(peer):
    peer.open()
    warm(peer)
    times = []
    for i in range(TASKS):
        before = time.monotonic()
        results = run_all(peer, square, [i])
        times.append(time.monotonic() - before)
        check_squares(results, [i])
    row_of_times(times)
    peer.close()


def result(peer):
    peer.open()
    times = []
    for i in range(TASKS):
        data = run_all(peer, make_result, [b"%c" % (65 + i % 26)])[0]
        times.append(time.monotonic() - STAMP.unpack_from(data)[0])
        check_data(data)
    row_of_times(times)
    peer.close()


def argument(peer):
    peer.open()
    times = []
    for i in range(TASKS):
        times += run_all(peer, take_argument, [make_result(b"%c" % (65 + i % 26))])
    row_of_times(times)
    peer.close()


def open_and_close(peer):
    """ProcessPoolExecutor starts no worker before there is work for it: so there is some."""
    times = []
    for _ in range(TASKS):
        before = time.monotonic()
        peer.open()
        run_all(peer, square, range(WORKERS))
        peer.close()
        times.append(time.monotonic() - before)
    row_of_times(times)


def stop_at(place):
    print("#" + place, flush=True)
    sys.stdin.readline()


def memory(peer):
    stop_at("before")
    peer.open()
    warm(peer)
    held = peer.submit(wait_at_gate, range(WORKERS))
    stop_at("workers")
    inputs = [i % 1024 for i in range(TASKS)]
    stop_at("jobs")
    handles = peer.submit(square, inputs)
    stop_at("tasks")
    GATE.value = 1
    check_squares(peer.collect(held), range(WORKERS))
    check_squares(peer.collect(handles), inputs)
    peer.close()


def crash_and_go_on(peer):
    times, lost = [], 0
    for _ in range(TASKS):
        peer.open()
        warm(peer)
        before = time.monotonic()
        if isinstance(peer, Executor):
            futures = []
            try:
                futures += peer.submit(crash, [0])
                for x in range(11):
                    futures += peer.submit(square, [x])
                futures[1].result()
            except BrokenProcessPool:  # all of it: the next task needs a new one
                old = peer.pool
                peer.open()
                run_all(peer, square, [1])
                old.shutdown()
            times.append(time.monotonic() - before)
            lost += 11 - sum(future.exception() is None for future in futures[1:])
            peer.close()
        else:  # the crashed task's own result never comes, so do not wait for it
            results = [peer.pool.apply_async(crash, (0,))]
            results += [peer.pool.apply_async(square, (i,)) for i in range(11)]
            results[1].get()
            times.append(time.monotonic() - before)
            lost += sum(r.get() != i * i for i, r in enumerate(results[1:]))
            peer.pool.terminate()
    row_of_times(times, f" lost={lost / TASKS:.1f}")


MEASURES = {
    "trivial": trivial,
    "cpu": cpu,
    "roundtrip": roundtrip,
    "result": result,
    "argument": argument,
    "open": open_and_close,
    "memory": memory,
    "crash": crash_and_go_on,
}

if __name__ == "__main__":
    MEASURES[WHAT](PEERS[NAME]())
