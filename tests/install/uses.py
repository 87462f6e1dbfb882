"""uses.py LIBRARY: the pool from Python: tasks written in Python, run by the pool's workers.
Prints 144, and how the worker of a second task died. Used by check.sh."""

import ctypes
import os
import sys

library = ctypes.CDLL(sys.argv[1], use_errno=True)
library.pool_open.restype = ctypes.c_void_p
library.pool_open.argtypes = [ctypes.c_int]
library.pool_close.argtypes = [ctypes.c_void_p]
library.future_submit.restype = ctypes.c_void_p
function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
library.future_submit.argtypes = [
    ctypes.c_void_p, function, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
library.future_result.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p]
library.future_error.restype = ctypes.c_char_p
library.future_error.argtypes = [ctypes.c_void_p]


# Workers are copies of this process, so they have every function that exists by now.
@function
def square(argument, result):
    result[0] = argument[0] * argument[0]
    return 0


@function
def crash(argument, result):
    os.abort()


pool = library.pool_open(2)
x, y = ctypes.c_int(12), ctypes.c_int(0)
futures = [library.future_submit(pool, task, ctypes.byref(x), 4, 4) for task in (square, crash)]
for future in futures:
    library.future_result(future, 60, ctypes.byref(y))
print(y.value)
print(library.future_error(futures[1]).decode())
sys.exit(library.pool_close(pool))
