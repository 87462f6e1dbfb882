#!/usr/bin/env bash
# pictures.sh BUILD TO: draw the pictures of the texts, and put them where the READMEs look for
# them, below the directory TO. A timeline is drawn from what the workers of a program did; every
# other picture from its source beside it, by graphviz (.dot) or gnuplot (.gp).
set -eu
build=$1 to=$2
chapter=05_blocking_mistake
if ! command -v gnuplot >/dev/null || ! command -v dot >/dev/null; then
    echo 'make pictures needs gnuplot and graphviz (Debian: apt-get install gnuplot-nox graphviz)' >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# table NAME WORKER-OR-TASK PROGRAM ARGUMENT...: what the program's workers did, as a table.
table() {
    local name=$1 by=$2
    shift 2
    POOL_TRACE=$work/$name.trace "$@" >/dev/null
    awk -v table=1 -v by="$by" -f $chapter/timeline.awk "$work/$name.trace" >"$work/$name"
}

# put FILE TITLE: stdin is the picture. A viewer shows its title, and no other: what the tools
# call its parts is of no interest.
put() {
    mkdir -p "$to/$(dirname "$1")"
    sed -E -e 's|<title>[^<]*</title>||' -e '/^ *<desc>/d' -e '/^$/d' \
        -e "/^<!-- Title/d; 0,/<g /s||<title>$2</title>\n&|" >"$to/$1"
}

# timeline FILE SECONDS TITLES TITLE NAME...
timeline() {
    local file=$1 seconds=$2 titles=$3 title=$4
    shift 4
    local tables=("${@/#/$work/}")
    gnuplot -e "tables = '${tables[*]}'; titles = '$titles'; seconds = $seconds" \
        $chapter/timeline.gp | put "$file" "$title"
}

# drawn SOURCE TITLE: the picture has the name of its source.
drawn() {
    case $1 in
    *.dot) dot -Tsvg "$1" | put "${1%.*}.svg" "$2" ;;
    *.gp) gnuplot "$1" | put "${1%.*}.svg" "$2" ;;
    esac
}

drawn 01_fork/fork.dot 'One process becomes two, and the parent waits for the child'
drawn 01_fork/copy_on_write.dot 'Pages are shared until one of two processes writes'
drawn 02_fork_split/split.gp 'Ten tasks of 0.2 s in one process, and in two'
drawn 03_pool/queue.dot 'The queue: an array with head and tail'
drawn 04_futures/states.dot 'The states of a future'
drawn 06_errors/margin.dot 'A message lies in the margin of its task'
drawn 06_errors/far/machines.dot 'A client, a job server, and nodes with a pool each'

table pool worker "$build/03_pool/pool_demo"
table mistake task "$build/$chapter/block_mistake"
table fixed task "$build/$chapter/block_fixed"
table crash task "$build/06_errors/crash_example" --limit 20
timeline 03_pool/timeline.svg 0.65 'pool_demo: each bar a task, with its number' \
    'Ten tasks on four workers in three rounds' pool
timeline $chapter/timeline.svg 1.1 \
    'block_mistake: each bar a task, with its worker|block_fixed' \
    'A staircase: one task after the other. A wall: all at once' mistake fixed
timeline 06_errors/timeline.svg 0.03 \
    'crash_example: each bar a task, with its worker; red: the worker died' \
    'Nine tasks, of which six kill their worker' crash
