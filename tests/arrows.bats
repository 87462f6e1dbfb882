#!/usr/bin/env bats
# The library in layers: an arrow between two files points down.

load helpers

MAKE_ALONE=(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory)

arrows() { run_program "${MAKE_ALONE[@]}" BUILD="$BUILD" arrows "$@"; }

@test "arrows: no file of the library needs one above it" {
    need_tools nm
    arrows
    expect_status 0
    expect_match "$output" '^[0-9]{2} files, [0-9]+ arrows, 0 up$'
}

@test "arrows: with two files in the wrong order, an arrow points up" {
    need_tools nm
    pool=$("${MAKE_ALONE[@]}" BUILD="$BUILD" -s list-layers)
    arrows LAYERS="$(sed 's|03_pool/inside/queue.o ||; s|wake.o|wake.o 03_pool/inside/queue.o|' <<<"$pool")"
    [ "$status" -ne 0 ]
    expect_match "$output" 'UP: 03_pool/inside/wake.o -> 03_pool/inside/queue.o: queue.h'
}

@test "arrows: a chapter uses only what the one below has in a public header" {
    need_tools nm
    arrows LAYERS="$("${MAKE_ALONE[@]}" BUILD="$BUILD" -s list-layers | sed 's|03_pool/task.h ||')"
    [ "$status" -ne 0 ]
    expect_match "$output" 'not in the list, or not public: '
}
