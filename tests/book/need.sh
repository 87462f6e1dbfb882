#!/usr/bin/env bash
# need.sh TARGET COMMAND:PACKAGE...: is every command there? If not, says how to get them.
set -u
target=$1
shift
missing=() packages=()
for need in "$@"; do
    command -v "${need%%:*}" >/dev/null || {
        missing+=("${need%%:*}")
        packages+=("${need##*:}")
    }
done
[ "${#missing[@]}" -eq 0 ] && exit 0
printf 'make %s needs %s; on Debian or Ubuntu: sudo apt-get install %s\n' \
    "$target" "${missing[*]}" "${packages[*]}" >&2
exit 1
