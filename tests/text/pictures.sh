#!/usr/bin/env bash
# pictures.sh BUILD TO: run the programs of the pictures, draw what their workers did, and put
# the pictures where the READMEs look for them, below the directory TO.
set -eu
build=$1 to=$2
chapter=05_blocking_mistake
command -v gnuplot >/dev/null || {
    echo 'make pictures needs gnuplot (Debian: apt-get install gnuplot-nox)' >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# table NAME WORKER-OR-TASK PROGRAM ARGUMENT...: what the program's workers did, as a table.
table() {
    local name=$1 by=$2
    shift 2
    POOL_TRACE=$work/$name.trace "$@" >/dev/null
    awk -v table=1 -v by="$by" -f $chapter/timeline.awk "$work/$name.trace" >"$work/$name"
}

# picture FILE SECONDS TITLES NAME...
picture() {
    local file=$to/$1 seconds=$2 titles=$3
    shift 3
    local tables=("${@/#/$work/}")
    mkdir -p "${file%/*}"
    gnuplot -e "tables = '${tables[*]}'; titles = '$titles'; seconds = $seconds" \
        $chapter/timeline.gp >"$work/svg"
    mv "$work/svg" "$file"
}

table pool worker "$build/03_pool/pool_demo"
table mistake task "$build/$chapter/block_mistake"
table fixed task "$build/$chapter/block_fixed"
table crash task "$build/06_errors/crash_example" --limit 20
picture 03_pool/timeline.svg 0.65 'pool_demo: each bar a task, with its number' pool
picture $chapter/timeline.svg 1.1 \
    'block_mistake: each bar a task, with its worker|block_fixed' mistake fixed
picture 06_errors/timeline.svg 0.03 \
    'crash_example: each bar a task, with its worker; red: the worker died' crash
