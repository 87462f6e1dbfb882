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

# The functions that the public headers declare, as a compiler sees them.
documented() {
    local header
    for header in pool task program future error crash; do
        printf '#include <%s/include/processpool/%s.h>\n' "$prefix" "$header"
    done >"$outside/headers.c"
    gcc -std=c11 -c -o /dev/null -aux-info "$outside/declared" "$outside/headers.c"
    grep -F '/include/processpool/' "$outside/declared" | grep -v ' static ' |
        sed 's/ (.*//; s/.*[ *]//' | sort -u
}

# compile PROGRAM.c [LIBRARY]: outside of the tree, with what was installed and nothing else.
compile() {
    local cc
    read -ra cc <<<"${CC:-cc}" # it may have options
    run_program env -C "$outside" "${cc[@]}" -std=c11 -Wall -Wextra -Wpedantic -Werror \
        -I"$prefix/include" -o "${1%.c}" "$1" \
        "$prefix/lib/${2:-libprocesspool.so}" -Wl,-rpath,"$prefix/lib" -pthread
    expect_status 0
}

@test "make install: libraries, headers, what finds them; make uninstall leaves nothing" {
    umask 077
    by_hand install PREFIX="$prefix"
    expect_status 0
    expect_equal "$(installed | grep -v /man3/)" "\
./include/processpool/crash.h
./include/processpool/error.h
./include/processpool/future.h
./include/processpool/pool.h
./include/processpool/pool_options.h
./include/processpool/program.h
./include/processpool/task.h
./lib/cmake/processpool/processpool-config-version.cmake
./lib/cmake/processpool/processpool-config.cmake
./lib/libprocesspool.a
./lib/libprocesspool.so
./lib/libprocesspool.so.1
./lib/libprocesspool.so.1.0
./lib/pkgconfig/processpool.pc"
    # All may read what root installed.
    expect_equal "$(find "$prefix" ! -type l ! -perm -444)" ""
    by_hand uninstall PREFIX="$prefix"
    expect_status 0
    [ ! -e "$prefix" ]
    # What was there before stays.
    mkdir -p "$prefix/lib/cmake/another" "$prefix/include"
    touch "$prefix/include/another.h" "$prefix/lib/cmake/another/x"
    by_hand install PREFIX="$prefix"
    by_hand uninstall PREFIX="$prefix"
    expect_equal "$(find "$prefix" -type f | wc -l) $(find "$prefix" -type d | wc -l)" "2 5"
}

@test "make install: with DESTDIR, for those who make packages" {
    by_hand install PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR"
    expect_status 0
    grep -x 'prefix=/usr' "$prefix/lib/pkgconfig/processpool.pc"
    [ -s "$prefix/lib/libprocesspool.a" ]
    run -1 grep -F rpath "$prefix/lib/pkgconfig/processpool.pc"
    by_hand uninstall PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR"
    [ ! -e "$prefix" ]
}

@test "make install: a PREFIX with spaces and quotes" {
    local odd="$BATS_TEST_TMPDIR/it's a & | place"
    by_hand install PREFIX="$odd"
    expect_status 0
    grep -qxF "prefix=$odd" "$odd/lib/pkgconfig/processpool.pc"
    by_hand uninstall PREFIX="$odd"
    expect_status 0
    [ ! -e "$odd" ]
}

@test "make install: a PREFIX with a slash at its end, and some that are refused" {
    by_hand install PREFIX="$prefix/"
    expect_status 0
    grep -qxF "prefix=$prefix" "$prefix/lib/pkgconfig/processpool.pc"
    mkdir -p "$prefix/share/man/man3"
    echo '.TH "error.h" 3 "another"' >"$prefix/share/man/man3/error.h.3"
    echo '.so man3/error.h.3' >"$prefix/share/man/man3/another.3"
    by_hand uninstall PREFIX="$prefix/"
    expect_equal "$(find "$prefix" -type f | wc -l)" 2
    for bad in usr "$prefix/a#b" "$prefix/a\"b"; do
        by_hand install PREFIX="$bad"
        expect_status 2
        expect_match "$errors" 'PREFIX must begin with / and have no # or ": it is'
    done
}

@test "make install: the libraries have the names that the headers declare, and no others" {
    need_tools gcc
    by_hand install PREFIX="$prefix"
    documented >"$outside/documented"
    [ "$(wc -l <"$outside/documented")" -gt 40 ]
    nm -D --defined-only "$prefix/lib/libprocesspool.so" | awk '{ print $3 }' | sort |
        diff "$outside/documented" -
    nm --defined-only --extern-only "$prefix/lib/libprocesspool.a" | awk 'NF == 3 { print $3 }' | sort |
        diff "$outside/documented" -
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

# commands FIRST LAST: the README's lines from one that begins so to one that begins so.
commands() {
    awk -v first="    $1" -v last="    $2" 'index($0, first) == 1 { on = 1 } on
        on && index($0, last) == 1 { exit }' README.md
}

@test "the README's commands that copy the sources, word by word, in sh and bash" {
    commands 'mkdir -p my_program' ./example >"$outside/commands"
    grep -qx '    ./example' "$outside/commands"
    cp -r 0?_* tests "$outside"
    chmod -R u+w "$outside"
    for shell in sh bash; do
        rm -rf "$outside/my_program" "$outside/example"
        run_program -t 120 env -C "$outside" "$shell" -e commands
        expect_status 0
        expect_equal "$output" 144
    done
}

@test "the README's commands that install it, word by word" {
    need_tools pkg-config
    commands 'make install PREFIX=' ./example >"$outside/commands"
    grep -qx '    ./example' "$outside/commands"
    # The program lands elsewhere, and so does what is built.
    sed -i "s,-o example ,-o '$outside/example' ,; s,^ *./example,'$outside/example'," "$outside/commands"
    run_program -t 120 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CFLAGS \
        -u CPPFLAGS -u LDFLAGS -u LDLIBS -u PREFIX HOME="$BATS_TEST_TMPDIR/home" \
        BUILD="$BUILD/install" sh -e "$outside/commands"
    expect_status 0
    expect_equal "${lines[-1]}" 144
}

@test "a program may have names that the library has inside" {
    by_hand install PREFIX="$prefix"
    # A program may have such names, and the C library's <error.h>.
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
    for library in libprocesspool.so libprocesspool.a; do
        compile names.c "$library"
        run_program "$outside/names"
        expect_status 0
        expect_equal "$output" 7
    done
}
