#!/usr/bin/env bash
# gradescope_run.sh: run_autograder of a Gradescope autograder. What was handed in is a tree with the
# exercises' files in their places, or those files alone. Ends with 0, as Gradescope wants it when
# there are results.
set -u
root=${AUTOGRADER:-/autograder}
cd "$root/processes" || exit 1

# Files alone: put each where it belongs. No link is followed, and no name but the list's is used.
handed_in=$root/submission
if ! [ -d "$handed_in/01_fork" ] || [ -L "$handed_in/01_fork" ]; then
    tree=$(mktemp -d) || exit 1
    grep -E '^[0-9]{2} ' tests/exercises/list | while read -r _ chapter name _; do
        mkdir -p "$tree/$chapter/exercises/$name"
        if [ -e "$handed_in/$name.c" ] || [ -L "$handed_in/$name.c" ]; then
            cp -P -- "$handed_in/$name.c" "$tree/$chapter/exercises/$name/"
        fi
    done
    handed_in=$tree
fi
make grade DIR="$handed_in" || true
[ -s build/grade.json ] && cp build/grade.json "$root/results/results.json"
