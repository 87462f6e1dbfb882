#!/usr/bin/env bash
# memcheck.sh PROGRAM ARGUMENT...: run it under valgrind's memcheck; anything that is said
# about it or any of its children fails. The exit status is not enough: that of a worker which
# ends is not looked at.
set -u
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
# Under valgrind all is twenty to fifty times slower.
MACHINE_FACTOR=$(awk -v factor="${MACHINE_FACTOR:-1}" 'BEGIN { print 30 * factor }')
export MACHINE_FACTOR
valgrind --quiet --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite,indirect --log-file="$errors" "$@"
status=$?
cat "$errors"
[ "$status" -eq 0 ] && ! grep -q '^==' "$errors"
