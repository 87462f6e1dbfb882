#!/usr/bin/env bash
# gradescope_zip.sh FILE: an autograder for Gradescope. Needs zip.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../../.."
to=${1:-}
[ -n "$to" ] || {
    echo "usage: gradescope_zip.sh FILE" >&2
    exit 2
}
command -v zip >/dev/null || {
    echo "gradescope_zip.sh needs zip: apt-get install zip" >&2
    exit 2
}
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
mkdir "$place/processes"
cp -r Makefile 0* tests "$place/processes"
cp tests/exercises/services/gradescope_setup.sh "$place/setup.sh"
cp tests/exercises/services/gradescope_run.sh "$place/run_autograder"
chmod 755 "$place/setup.sh" "$place/run_autograder"
to=$(realpath -m -- "$to")
(cd "$place" && zip -q -r - .) >"$to"
