#!/usr/bin/env bash
# crashes_on_purpose.sh: reads the output of crash_example under valgrind. Its tasks crash, and
# valgrind reports that; any other report is an error.
set -u
output=$(cat)
printf '%s\n' "$output"
for line in "killed by signal 11" "killed by signal 6" "exited with status 3" \
    "stopped at its time limit" "task 8  square          64"; do
    case $output in
    *"$line"*) ;;
    *)
        echo "missing: $line"
        exit 1
        ;;
    esac
done
if grep -E '^==.*(Invalid free|uninitialised|are (definitely|indirectly) lost)' <<<"$output"; then
    exit 1
fi
