#!/usr/bin/env bats
# The Makefile: what it promises to those who type.

load helpers

# make, as if typed by hand: not as a part of the make that may run these tests.
by_hand() {
    run_program -t 120 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CFLAGS \
        -u CPPFLAGS -u LDFLAGS -u LDLIBS -u WERROR -u V -u FILTER -u FILES \
        make --no-print-directory BUILD="$BUILD" "$@"
}

@test "make help: every target for people, one line each" {
    by_hand -npq
    # What ends in "programs" is for other targets.
    targets=$(sed -n 's/^\.PHONY: //p' <<<"$output" | tr ' ' '\n' | grep -v 'programs$' |
        sed -E 's/^(exercise|hint|reset|solution)-[0-9]{2}$/\1-NN/')
    [ "$(wc -l <<<"$targets")" -gt 15 ]
    by_hand help
    expect_status 0
    names=$(sed -E 's/ {2,}.*//' <<<"$output" | tr ' ' '\n')
    expect_equal "$(grep -vxF -f <(echo "$names") <<<"$targets")" ""
    # Each line has a name and says something; no name comes twice. An empty line parts those of
    # one makefile from those of the next.
    run -1 grep -vE '^$|^[^ ].* .+' <<<"$output"
    expect_equal "$(sort <<<"$names" | uniq -d)" ""
}

@test "make 01_fork and make 1: a heading, the program, the time it took" {
    for target in 01_fork 1; do
        by_hand "$target"
        expect_status 0
        expect_match "$output" '=== 01_fork ===.*--- fork.*is the .*--- took [0-9]+\.[0-9]{2} s$'
    done
}

@test "make run: six chapters in order, with the article's times" {
    by_hand run
    expect_status 0
    expect_equal "$(grep '^===' <<<"$output" | tr -d '= ' | tr '\n' ' ')" \
        "01_fork 02_fork_split 03_pool 04_futures 05_blocking_mistake 06_errors "
    # Each program said how long it took: at least what it sleeps, and not the sum of it.
    took() { sed -n "/^--- $1\$/,/^--- took/s/^--- took \\(.*\\) s/\\1/p" <<<"$output"; }
    while read -r program least most; do
        awk -v t="$(took "$program")" -v least="$least" -v most="$most" -v p="$program" \
            'BEGIN { if (t < least || t > most) { print p " took " t; exit 1 } }'
    done <<'TIMES'
fork_split 0.99 1.9
smallest_pool 0.59 1.5
pool_demo 0.59 1.5
block_mistake 0.99 1.9
block_fixed 0.09 0.8
TIMES
}

@test "make: a program that fails makes its chapter fail" {
    build=$BATS_TEST_TMPDIR/build
    by_hand BUILD="$build" 1
    expect_status 0
    printf '#!/bin/sh\nexit 3\n' >"$build/01_fork/fork"
    by_hand BUILD="$build" 1
    [ "$status" -ne 0 ]
    run -1 grep took <<<"$output"
    by_hand BUILD="$build" run
    [ "$status" -ne 0 ]
    expect_equal "$(grep -c '^===' <<<"$output")" 1
}

@test "make: nothing to do the second time, and a header rebuilds what includes it" {
    by_hand -q programs
    expect_status 0
    # Errors are on top of futures, futures on top of the pool: those below do not see it.
    by_hand -n V=1 -W 06_errors/error.h programs
    objects=$(grep -oE '[0-9a-z_]+/[a-z_]+\.c$' <<<"$output")
    expect_match "$objects" '06_errors/error\.c'
    expect_equal "$(grep -v '^06_errors/' <<<"$objects")" ""
    by_hand -n V=1 -W 04_futures/future.h programs
    objects=$(grep -oE '[0-9a-z_]+/[a-z_]+\.c$' <<<"$output")
    expect_match "$objects" '04_futures/future\.c'
    expect_equal "$(grep -E '^0[123]' <<<"$objects")" ""
}

@test "make: a storey does not see the headers above it" {
    by_hand -B -n V=1 programs
    commands=$output
    grep -E -- '-I03_pool.* -c -o [^ ]*/04_futures/future\.o' <<<"$commands"
    run -1 grep -E -- '-I.* -c -o [^ ]*/0[123]_' <<<"$commands"
    run -1 grep -E -- '-I04.* -c -o [^ ]*/04_' <<<"$commands"
    run -1 grep -E -- '-I0[56].* -c -o ' <<<"$commands"
}

@test "make: your CC, CFLAGS, LDFLAGS; ours are kept" {
    by_hand -B -n V=1 CC=mycc CFLAGS=-mine CPPFLAGS=-Dmine LDFLAGS=-Lmine LDLIBS=-lmine \
        01_fork/fork "$BUILD/01_fork/fork"
    expect_match "$output" 'mycc .*-std=c11 .*-Wall .*-Wconversion .*-Dmine -mine .*-c '
    expect_match "$output" 'mycc -mine -Wl,-z,now -Lmine -o [^ ]*01_fork/fork [^ ]*fork\.o -lmine'
    run -1 grep -e -Werror <<<"$output"
    by_hand -B -n V=1 WERROR=1 "$BUILD/01_fork/fork"
    expect_match "$output" '-Werror'
}

@test "make: short lines, and with V=1 the commands" {
    by_hand BUILD="$BATS_TEST_TMPDIR/short" "$BATS_TEST_TMPDIR/short/01_fork/fork"
    expect_equal "$output" $'  CC   01_fork/fork.c\n  LINK 01_fork/fork'
    by_hand BUILD="$BATS_TEST_TMPDIR/long" V=1 "$BATS_TEST_TMPDIR/long/01_fork/fork"
    expect_match "$output" '-std=c11 .* 01_fork/fork\.c'
}

@test "make test: no test is a failure" {
    by_hand test FILTER='no test has this name'
    expect_status 2
    expect_match "$errors" 'there is no such test'
    by_hand test FILES=tests/no_such.bats
    expect_status 2
}

# A PATH with the few tools that find_bats.sh needs, and no bats.
without_bats() {
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    for tool in bash env sort head cat mkdir chmod; do
        ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin/$tool"
    done
    run_program env PATH="$BATS_TEST_TMPDIR/bin" bash tests/find_bats.sh "$BATS_TEST_TMPDIR/build"
}

@test "make test: without bats and npm it says how to get bats" {
    without_bats
    expect_status 1
    expect_equal "$output" ""
    expect_match "$errors" 'bats 1\.7 or later.*apt-get install bats.*npm install'
}

@test "make test: npm gets bats, into the build directory" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    # An npm that knows one package. Whether the real one can get it is not ours to test.
    cat >"$BATS_TEST_TMPDIR/bin/npm" <<'NPM'
#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/bats/bin"
printf '#!/bin/sh\necho Bats 1.11.0\n' >"$2/node_modules/bats/bin/bats"
chmod +x "$2/node_modules/bats/bin/bats"
NPM
    chmod +x "$BATS_TEST_TMPDIR/bin/npm"
    without_bats
    expect_status 0
    expect_equal "$output" "$BATS_TEST_TMPDIR/build/npm/node_modules/bats/bin/bats"
}
