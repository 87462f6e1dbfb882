#!/usr/bin/env bats
# The pool in programs of one's own, outside of this tree.

load helpers

# make, as if typed by hand, with a build directory of its own: the library is to be built with
# the usual flags, whatever the tests are built with.
by_hand() {
    run_program -t 120 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CFLAGS \
        -u CPPFLAGS -u LDFLAGS -u LDLIBS -u WERROR -u V \
        make --no-print-directory BUILD="$BUILD/install" "$@"
}

setup() {
    prefix=$BATS_TEST_TMPDIR/usr
    outside=$BATS_TEST_TMPDIR/outside
    mkdir "$outside"
}

installed() { (cd "$BATS_TEST_TMPDIR/usr" && find . ! -type d | LC_ALL=C sort); }

# compile PROGRAM.c: outside of the tree, with what was installed and nothing else.
compile() {
    run_program env -C "$outside" "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror \
        -I"$prefix/include" -o "${1%.c}" "$1" -L"$prefix/lib" -lprocesspool -pthread
    expect_status 0
}

@test "make install: a library, four headers, a pkg-config file; make uninstall takes them away" {
    by_hand install PREFIX="$prefix"
    expect_status 0
    expect_equal "$(installed | grep -v /man3/)" "\
./include/processpool/error.h
./include/processpool/future.h
./include/processpool/pool.h
./include/processpool/task.h
./lib/libprocesspool.a
./lib/pkgconfig/processpool.pc"
    by_hand uninstall PREFIX="$prefix"
    expect_status 0
    expect_equal "$(installed)" ""
}

@test "make install: with DESTDIR, for those who make packages" {
    by_hand install PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR"
    expect_status 0
    grep -x 'prefix=/usr' "$prefix/lib/pkgconfig/processpool.pc"
    [ -s "$prefix/lib/libprocesspool.a" ]
}

@test "the README's example compiles and runs outside the tree" {
    by_hand install PREFIX="$prefix"
    cp tests/text/example.c "$outside"
    compile example.c
    run_program "$outside/example"
    expect_status 0
    expect_equal "$output" 144
    # The README shows all of it but its first comment.
    sed 1d tests/text/example.c | diff - <(awk '/^#include <processpool/ { on = 1 } /^```/ { on = 0 } on' README.md)
}

@test "the README's list of files is enough to compile a program with" {
    # From "cp", over lines that end in a backslash; not to my_program/.
    command=$(awk '/^    cp 03_pool/ { on = 1 } on { print; if (!/\\$/) exit }' README.md)
    expect_match "$command" ' my_program/$'
    eval "${command% my_program/}" '"$outside"'
    flags=$(sed -n 's,^    cc \(-std.*\) -o example my_program/\*.c -pthread$,\1,p' README.md)
    [ -n "$flags" ]
    sed 's,<processpool/\(.*\)>,"\1",' tests/text/example.c >"$outside/example.c"
    run_program bash -c "cd '$outside' && ${CC:-cc} $flags -o example *.c -pthread"
    expect_status 0
    run_program "$outside/example"
    expect_equal "$output" 144
}

@test "the library has no names but its own" {
    by_hand install PREFIX="$prefix"
    expect_equal "$(nm "$prefix/lib/libprocesspool.a" | awk '$2 ~ /^[A-TV-Z]$/ { print $3 }' |
        grep -vE '^(pool|task|batch|future|completions)_')" ""
    # So a program may have such names, and the C library's <error.h>.
    cat >"$outside/names.c" <<'C'
#include <error.h>
#include <processpool/error.h>
#include <stdio.h>
int clock_now(void);
int clock_now(void) { return 7; }
int generation = 5, closed = 6;
int main(void)
{
    struct pool *pool = pool_open(1);
    if (pool == NULL)
        error(1, 0, "no pool");
    printf("%d\n", clock_now());
    return pool_close(pool);
}
C
    compile names.c
    run_program "$outside/names"
    expect_status 0
    expect_equal "$output" 7
}
