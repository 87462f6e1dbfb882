#!/usr/bin/env bash
# memcheck.sh PROGRAM ARGUMENT...: run the program under valgrind's memcheck, and fail if there is
# any report on it or on a child. The exit status does not tell: no process checks that of a worker.
set -u
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
# Under valgrind everything is twenty to fifty times slower.
MACHINE_FACTOR=$(awk -v factor="${MACHINE_FACTOR:-1}" 'BEGIN { print 30 * factor }')
export MACHINE_FACTOR
source tests/processes.bash
limit=$(guard 20)
timeout --foreground "$limit" valgrind --quiet --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite,indirect --log-file="$errors" "$@"
status=$?
[ "$status" -ne 124 ] || echo "memcheck.sh: it did not end in $limit s: $*" >&2
cat "$errors"
[ "$status" -eq 0 ] && ! grep -q '^==' "$errors"
