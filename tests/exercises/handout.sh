#!/usr/bin/env bash
# handout.sh: a copy of this tree for students, without what gives the exercises away. Called by
# `make handout TO=path`, with the path in HANDOUT.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
to=${HANDOUT:-}
if [ -z "$to" ]; then
    echo "Where to? make handout TO=path" >&2
    exit 2
fi
case $to in -*) to=./$to ;; esac
if [ -e "$to" ]; then
    echo "There is something at that path already. Nothing was written." >&2
    exit 2
fi

# Everything that git has, or, in an archive of it, everything but what was built.
files() {
    git ls-files -z 2>/dev/null | grep -z . ||
        find . -name build -prune -o -name .git -prune -o ! -type d -print0
}

# Reference solutions, other right and wrong ones, attacks, answers; and the tests of all that.
keep_back='(^|/)tests/exercises/([a-z_]+/(solution\.c|right/|wrong/)|hostile/|answers\.md|matrix\.sh|busy\.sh|services/)|(^|/)tests/exercises\.bats$|(^|/)\.github/|(^|/)\.ci/'

mkdir -p -- "$to"
files | grep -zvE "$keep_back" | while IFS= read -r -d '' file; do
    [ -e "$file" ] || continue
    mkdir -p -- "$to/$(dirname -- "$file")"
    cp -pP -- "$file" "$to/$file"
done
# A learner's copy of each exercise is as at the beginning.
grep -E '^[0-9]{2} ' tests/exercises/list | while read -r _ chapter name _; do
    cp -- "tests/exercises/$name/starter.c" "$to/$chapter/exercises/$name/$name.c"
done
# Points in GitHub Classroom.
mkdir -p -- "$to/.github/workflows"
cp -- .github/classroom/classroom.yml "$to/.github/workflows/"
cat <<EOF
The students' tree is written. It has the tasks, the judges, the hints and the library, and it has
no solutions. Publish that tree, in a repository with a history of its own: in the history of this
one the solutions are there.

Keep this tree for yourself. It has the solutions, typical mistakes and the answers to the
questions. Grade with it: make grade DIR=student, make grade-class ROSTER=file. Of a student's tree it
takes the exercises' files and nothing else.
EOF
