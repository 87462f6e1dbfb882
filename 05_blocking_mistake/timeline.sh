#!/bin/sh
# timeline.sh: run a program and draw what its pool's workers did when.
#
#     make timeline-05
#     05_blocking_mistake/timeline.sh build/05_blocking_mistake/block_mistake --workers 3
#
# The pool writes a trace when POOL_TRACE names a file; timeline.awk draws it.
usage='usage: timeline.sh [-t] (PROGRAM [ARGUMENT]... | -f TRACE)'
by=worker file=
here=$(dirname "$(readlink -f "$0")")

misuse() {
    echo "timeline.sh: $1 ($usage)" >&2
    exit 2
}

while getopts :htf: option; do
    case $option in
    h) printf '%s\n%s\n%s\n' "$usage" '  -t        a row for each task, not for each worker' \
        '  -f TRACE  draw a trace that is there' && exit ;;
    t) by=task ;;
    f) file=$OPTARG ;;
    :) misuse "no file after -$OPTARG" ;;
    *) misuse "unknown option -$OPTARG" ;;
    esac
done
shift $((OPTIND - 1))

# Colours for people who look at a terminal and did not say no: see https://no-color.org.
colour=0
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then colour=1; fi

# LC_ALL: numbers have a point, in any language.
draw() {
    LC_ALL=C awk -v title="$1" -v by=$by -v colour=$colour -f "$here/timeline.awk" "$2"
}

if [ -n "$file" ]; then
    [ $# -eq 0 ] || misuse 'a trace and a program'
    [ -r "$file" ] || { echo "timeline.sh: cannot read $file" >&2; exit 1; }
    draw "${file##*/}" "$file"
    exit
fi
[ $# -gt 0 ] || misuse 'no program'

directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
POOL_TRACE=$directory/trace "$@"
status=$?
[ -e "$directory/trace" ] || {
    echo "timeline.sh: $1 opened no pool" >&2
    exit 1
}
# A program's second pool writes to trace.2, and so on.
for trace in "$directory"/trace*; do
    echo
    draw "${1##*/}" "$trace" || status=1
done
exit $status
