#!/usr/bin/env bash
# memcheck.sh PROGRAM ARGUMENT...: run it under valgrind's memcheck; anything that is said
# about it or any of its children fails. The exit status is not enough: nobody asks a worker
# that ends for its own.
set -u
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
valgrind --quiet --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite,indirect --log-file="$errors" "$@"
status=$?
cat "$errors"
[ "$status" -eq 0 ] && ! grep -q '^==' "$errors"
