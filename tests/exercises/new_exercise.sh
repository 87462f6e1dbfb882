#!/usr/bin/env bash
# new_exercise.sh NAME CHAPTER: the skeleton of a new exercise, the next in number: a task, a
# starter, a driver, a judge with one scene, a solution and one wrong solution. It builds and is
# judged as it is. Called by `make new-exercise NAME=... CHAPTER=...`.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
name=${1:-} chapter=${2:-}
if ! [[ $name =~ ^[a-z][a-z0-9_]*$ ]] || ! [[ $chapter =~ ^0[0-9]_ ]] || ! [ -d "$chapter" ]; then
    echo "usage: make new-exercise NAME=lower_case_name CHAPTER=02_fork_split" >&2
    exit 2
fi
here=$chapter/exercises/$name there=tests/exercises/$name
for taken in "$here" "$there"; do
    if [ -e "$taken" ]; then
        echo "new_exercise.sh: $taken is there already" >&2
        exit 1
    fi
done
last=$(grep -oE '^[0-9]{2}' tests/exercises/list | tail -n 1)
plain=$((10#$last + 1))
number=$(printf '%02d' "$plain")
guard=${name^^}_H
mkdir -p "$here" "$there/wrong"

cat >"$here/README.md" <<EOF
# Exercise $plain: a title

The story: what is wanted, and what goes wrong.

## Write

\`$name()\` in [$name.c]($name.c):

\`\`\`c
int $name(int x);
\`\`\`

What it gets, does and returns.

## What counts

- What the judge looks at.

## Run it

    make exercise-$number

\`make hint-$number\` gives a hint, up to three times.

Words: the [glossary](../../../GLOSSARY.md).
EOF
cat >"$here/$name.h" <<EOF
/*
 * $name.h: exercise $plain. The task is in README.md.
 */
#ifndef $guard
#define $guard

int $name(int x);

#endif
EOF
cat >"$here/$name.c" <<EOF
/*
 * $name.c: exercise $plain. README.md says what to do; make exercise-$number says how you are doing.
 */
#include "$name.h"

/* What it returns. */
int $name(int x)
{
    /* TODO */
    (void)x;
    return -1;
}
EOF
cp "$here/$name.c" "$there/starter.c"

cat >"$there/hints" <<EOF
The first hint: what to look at.

The second: what to use.

The third: how.
EOF
cat >"$there/driver.c" <<EOF
/*
 * driver.c: exercise $plain, in the learner's program. A cue's first value is x; the answer's, what
 * $name() returned.
 */
#include "driver.h"

#include "$name.h"

void driver_act(struct message *message)
{
    message->value[0] = $name((int)message->value[0]);
}
EOF
cat >"$there/judge.c" <<EOF
/*
 * judge.c: exercise $plain. Does it double?
 */
#include "judge.h"

static void doubles(struct session *session)
{
    long x = random_number(1, 1000);
    cue(session, (struct message){.value = {x}});
    struct message answer = await_answer(session);
    if (answer.value[0] != 2 * x)
        fail(session, "not_doubled", "$name(%ld) returned %ld, not %ld.", x, answer.value[0],
             2 * x);
    check_tidy(session);
}

static const struct scene scenes[] = {
    {"it doubles", doubles, TO_PIPE},
    {.what = NULL},
};

const struct exercise exercise = {
    .function = "$name()",
    .scenes = scenes,
};
EOF
solve() { # COMMENT EXPRESSION
    printf '/* %s */\n#include "%s.h"\n\nint %s(int x)\n{\n    return %s;\n}\n' \
        "$1" "$name" "$name" "$2"
}
solve "solution.c: exercise $plain, the reference." '2 * x' >"$there/solution.c"
solve 'Leaves it as it is.' x >"$there/wrong/not_doubled.c"
printf 'function %s\n' "$name" >"$there/symbols"
cat >"$there/after" <<EOF2
What it was about: one line.
What others do: one line.
What to look at next: one line.
EOF2
echo "$number $chapter $name 1 20 A title" >>tests/exercises/list

cat <<EOF
Exercise $number is a skeleton that doubles a number. Write, in this order:
  $here/README.md   the task
  $there/driver.c   how the learner's function is called
  $there/judge.c    the scenes
  $there/solution.c and wrong/HINT.c, each with the mistake that gets that hint
  $there/after      three lines for a learner who has passed
  $there/symbols    the functions that the learner writes
  tests/exercises/list   hardness, minutes and title
  $here/$name.c     the starter; $there/starter.c is the same
Then: make exercise-$number, and make check-exercises. If the program needs the pool, say so in
tests/exercises/exercises.mk: EXERCISE_LINKS_$name = \$(FUTURES) \$(POOL)
EOF
