#!/usr/bin/env bats
# The Makefile: what its help promises.

load helpers

# For tests of a machine that lacks tools: $stubs is before all in its PATH. There `id` says that
# this is not root.
setup() {
    lacking='bats npm curl wget sudo apt-get dnf apk brew pacman zypper'
    build=$BATS_TEST_TMPDIR/build stubs=$BATS_TEST_TMPDIR/stubs
    mkdir "$stubs"
    stub id 'echo 1000'
}

teardown() {
    [ -z "${remove:-}" ] || { chmod -R u+w "$remove" && rm -r "$remove"; }
}

stub() {
    printf '#!/bin/sh\n%s\n' "$2" >"$stubs/$1"
    chmod +x "$stubs/$1"
}

# make, as if typed by hand: not as a part of the make that may run these tests.
by_hand() {
    run_program -t 120 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CFLAGS \
        -u CPPFLAGS -u LDFLAGS -u LDLIBS -u WERROR -u V -u FILTER -u FILES \
        make --no-print-directory BUILD="$BUILD" "$@"
}

@test "make help: every target for people, one line each" {
    by_hand -npq
    # What ends in "programs" or "if-possible", or says "built", is for other targets.
    targets=$(sed -n '/[$]/d; s/^\.PHONY: //p' <<<"$output" | tr ' ' '\n' |
        grep -vE 'programs$|-built(-|$)|-if-possible$' |
        sed -E 's/^(exercise|hint|reset|solution)-[0-9]{1,2}$/\1-NN/')
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

# Each program said how long it took: at least what it sleeps, and not the sum of it.
times_are_right() {
    took() { sed -n "/^--- $1\$/,/^--- took/s/^--- took \\(.*\\) s/\\1/p" <<<"$output"; }
    by_hand run && expect_status 0 &&
        expect_equal "$(grep '^===' <<<"$output" | tr -d '= ' | tr '\n' ' ')" \
            "01_fork 02_fork_split 03_pool 04_futures 05_blocking_mistake 06_errors " || return
    while read -r program least most; do
        expect_seconds "$(took "$program")" "$least" "$most" || {
            echo "so it was with $program"
            return 1
        }
    done <<'TIMES'
fork_split 0.99 1.9
smallest_pool 0.59 1.5
pool_demo 0.59 1.5
block_mistake 0.99 1.9
block_fixed 0.09 0.8
TIMES
}
@test "make run: six chapters in order, with the article's times" { in_three_tries times_are_right; }

@test "make: a program that fails makes its chapter fail" {
    mkdir "$build"
    cp -a "$BUILD"/0?_* "$BUILD"/compiles* "$build"
    by_hand BUILD="$build" 1
    expect_status 0
    printf '#!/bin/sh\nexit 3\n' >"$build/01_fork/first_fork"
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
    objects=$(grep -oE '0[0-9a-z_]+/([a-z]+/)?[a-z_]+\.c$' <<<"$output")
    expect_match "$objects" '06_errors/error\.c'
    expect_equal "$(grep -v '^06_errors/' <<<"$objects")" ""
    by_hand -n V=1 -W 04_futures/future.h programs
    objects=$(grep -oE '0[0-9a-z_]+/([a-z]+/)?[a-z_]+\.c$' <<<"$output")
    expect_match "$objects" '04_futures/future\.c'
    expect_equal "$(grep -E '^0[123]' <<<"$objects")" ""
}

@test "make: a storey does not see the headers above it" {
    by_hand -B -n V=1 programs
    commands=$output
    grep -E -- '-I03_pool.* -c -o [^ ]*/04_futures/future\.o' <<<"$commands"
    run -1 grep -E -- '-I.* -c -o [^ ]*/0[123]_[a-z_]+/[a-z_]+\.o' <<<"$commands"
    run -1 grep -E -- '-I03_pool/inside' <<<"$commands"
    run -1 grep -E -- '-I0[456].* -c -o [^ ]*/03_pool/' <<<"$commands"
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

# The bats that runs this test, for a PATH; its variables must not be there.
that_bats() { ln -s "$BATS_ROOT/bin/bats" "$stubs"; }

@test "make test: it looks before it builds" {
    by_hand BUILD="$BATS_TEST_TMPDIR/nothing" -n test
    expect_status 0
    expect_match "${lines[0]}" 'sh tests/make_test\.sh look$'
    there_is_bats
    look BUILD=/proc/build
    expect_status 1
    expect_equal "$errors" "make can't write to /proc/build. Build elsewhere: make BUILD=/tmp/build ..."
    touch "$BATS_TEST_TMPDIR/file"
    look BUILD="$BATS_TEST_TMPDIR/file"
    expect_status 1
    expect_match "$errors" "^make can't write to .*/file\. Build elsewhere:"
}

@test "make test: no test is a failure" {
    by_hand test FILTER='no test has this name'
    expect_status 2
    expect_match "$errors" 'there is no such test'
    by_hand test FILES=tests/no_such.bats
    expect_status 2
}

# ---- Any place -----------------------------------------------------------------------------

# copy_tree DIRECTORY: without git and run bits.
copy_tree() {
    mkdir -p "$1"
    cp -r Makefile README.md LICENSE 0?_* tests "$1"
    chmod -R u+w "$1"
    find "$1" -type f -exec chmod a-x {} +
}

# A language that writes numbers with a comma: the C library's C.UTF-8 with another LC_NUMERIC.
# musl has none that does.
write_commas() {
    local from languages=$BATS_TEST_TMPDIR/languages
    for from in /usr/lib/locale/C.utf8 /usr/lib/locale/C.UTF-8; do
        [ ! -d "$from" ] || break
    done
    if [ ! -d "$from" ]; then
        compgen -G '/lib/ld-musl-*' >/dev/null || skip "no $from"
        language=()
        return
    fi
    mkdir "$languages"
    cp -r "$from" "$languages/commas"
    tr . , <"$from/LC_NUMERIC" >"$languages/commas/LC_NUMERIC"
    language=(LOCPATH="$languages" LC_ALL=commas)
    expect_equal "$(env "${language[@]}" bash -c 'printf %.1f 0,5')" 0,5
}

# there [make's arguments]: in a directory with a name that no shell and no sed likes, without HOME
# and a terminal, with a umask, where a comma is in numbers, and SIGCHLD is ignored.
there() {
    run_program -t 240 env -i PATH="$PATH" CC="${CC:-cc}" "${language[@]}" bash -c \
        "umask 077; trap '' CHLD; cd \"\$1\" && shift && exec make \"\$@\"" bash "$place" "$@"
}

@test "make: any place will do" {
    place="$BATS_TEST_TMPDIR/it's a \"tree\", [one] of #2 & *"
    copy_tree "$place"
    write_commas
    there -rR -j8 run
    expect_status 0
    expect_equal "$(grep '^--- took' <<<"$output" | grep -vE '^--- took [0-9]+\.[0-9]{2} s$')" ""
    [ "$(grep -c '^--- took' <<<"$output")" -ge 10 ]
    there timeline-05
    expect_status 0
    expect_match "$output" 'block_mistake: a pool of 10, [1-9][0-9]*\.[0-9]* s'
    echo 'int x = ;' >>"$place/01_fork/exercises/run_child/run_child.c"
    there exercise-01
    expect_match "$output" 'run_child\.c:[0-9]+:[0-9]+: error'
    # Short paths.
    run -1 grep -F "$BATS_TEST_TMPDIR" <<<"$output"
}

@test "scripts can be called through a symbolic link, from any directory" {
    ln -s "$ROOT/05_blocking_mistake/timeline.sh" "$ROOT/tests/exercises/exercises.sh" \
        "$ROOT/tests/make_test.sh" "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR"
    run_program sh ./timeline.sh "$(cd "$ROOT" && realpath "$BUILD")/03_pool/pool_demo"
    expect_status 0
    expect_match "$output" 'worker 4'
    run_program bash ./exercises.sh solution 01
    expect_status 0
    there_is_bats
    run_program env PATH="$stubs:$PATH" BUILD="$build" sh ./make_test.sh look
    expect_status 0
}

@test "make: in a tree that can't be written to, BUILD= is all that is needed" {
    place=$(mktemp -d /tmp/read_only.XXXXXX) # where another user may read
    (printf '#!/bin/sh\n' >"$place/try" && bash -c 'chmod 700 "$1" && "$1"' bash "$place/try") ||
        skip "nothing can be run in /tmp"
    rm "$place/try"
    remove=$place
    copy_tree "$place/tree"
    chmod -R a+rX,a-w "$place/tree"
    chmod 777 "$place"
    as_reader() {
        local as=()
        [ "$(id -u)" -ne 0 ] || as=(chroot --userspec=65534:65534 /)
        run_program "${as[@]}" env -i PATH="$PATH" CC="${CC:-cc}" make --no-print-directory -C "$place/tree" "$@"
    }
    as_reader 1
    expect_status 2
    expect_match "$errors" "make can't write to build. Build elsewhere: make BUILD="
    as_reader BUILD="$place/build" 1
    expect_status 0
    expect_match "$output" '--- took [0-9.]+ s$'
    as_reader test
    expect_status 2
    expect_match "$errors" "make can't write to build. Build elsewhere: make BUILD="
    expect_equal "$(find "$place" -mindepth 1 -maxdepth 1 | sort)" "$place/build"$'\n'"$place/tree"
    [ ! -e "$place/tree/build" ]
}

@test "git gives the tree Linux's lines, whatever it is told" {
    need_tools git
    checkout() {
        local repository=$BATS_TEST_TMPDIR/repository
        rm -rf "$repository"
        git init -q "$repository"
        cp Makefile tests/make_test.sh README.md "$@" "$repository"
        git -C "$repository" -c core.autocrlf=true -c core.eol=crlf add .
        rm "$repository"/*
        git -C "$repository" -c core.autocrlf=true -c core.eol=crlf checkout -q .
        cat "$repository/Makefile" "$repository"/*.sh "$repository/README.md" | grep -c $'\r' || true
    }
    expect_equal "$(checkout .gitattributes 2>&1)" 0
    # Without .gitattributes it does what it is told.
    [ "$(checkout 2>/dev/null)" -gt 100 ]
}

@test "make -j8 test: the tests are run, after the build" {
    that_bats
    run_program -t 120 env -i PATH="$stubs:$PATH" TMPDIR="${TMPDIR:-/tmp}" CC="${CC:-cc}" make -rR -j8 --no-print-directory BUILD="$BUILD" \
        test FILES=tests/01_fork.bats FILTER='^fork: two processes'
    expect_status 0
    expect_match "$output" $'\n1 passed, 0 failed$'
    # Neither make nor bats complains. (That tools are missing here may be said.)
    run -1 grep -E '^(make|/|bats)' <<<"$errors"
}

@test "make: a directory to build in that can't be" {
    by_hand BUILD=/proc/build 01_fork
    expect_status 2
    expect_match "$errors" "make can't write to /proc/build. Build elsewhere: make BUILD="
    for bad in 'a b' "a'b" 'a"b' 'a#b' 'a[b' 'a&b' 'a,b' 'a:b' '~b' 'a\b' ''; do
        run -2 make BUILD="$bad" 01_fork
        expect_match "$output" 'BUILD must be one word'
    done
}

@test "make: a compiler that can't build this gets one sentence" {
    stub other 'exec cc -x c++ "$@"'
    for compiler in "$stubs/other" no_such_compiler; do
        by_hand BUILD="$BATS_TEST_TMPDIR/other" CC="$compiler" run
        expect_status 2
        expect_equal "$(grep -c "can't build this" <<<"$errors")" 1
        expect_match "$errors" "$compiler can't build this\. It needs gcc or clang"
        run -1 grep -F '0' <<<"$output"
    done
}

# ---- A machine that lacks tools ------------------------------------------------------------

# look [VARIABLE=VALUE]...: the first half of make test, where PATH has the usual tools but those
# in $lacking, and before them what is in $stubs.
look() {
    local tool tools=() path=$BATS_TEST_TMPDIR/path
    rm -rf "$path"
    mkdir "$path"
    for tool in sh bash cc gcc as ld timeout env nproc find grep sed diff awk setsid patch ps pgrep \
        pkill pstree script taskset pkg-config nm inotifywait entr cat cp head tail tr sort mkdir rm touch wc ls tar gzip readlink \
        dirname true chmod; do
        [[ " $lacking " == *" $tool "* ]] || tools+=("$tool")
    done
    mapfile -t found < <(type -P "${tools[@]}")
    ln -s "${found[@]}" "$path"
    for tool in "${tools[@]}"; do
        [ -e "$path/$tool" ] || ln -s /bin/true "$path/$tool"
    done
    run_program env -u CI BUILD="$build" PATH="$stubs:$path" CC=cc NO_INSTALL= "$@" \
        sh tests/make_test.sh look
    expect_equal "$output" ""
}

# A stand-in for bats, which stubs copy: a search for bats takes it for one.
a_bats() {
    printf '#!/bin/sh\necho Bats %s\n' "${1:-1.11.0}" >"$BATS_TEST_TMPDIR/bats"
    chmod +x "$BATS_TEST_TMPDIR/bats"
}

there_is_bats() {
    a_bats "$@"
    cp --remove-destination "$BATS_TEST_TMPDIR/bats" "$stubs" # it may be that_bats, a link
}

@test "make test: where nothing is missing it says nothing" {
    there_is_bats
    look
    expect_status 0
    expect_equal "$errors" ""
}

@test "make test: all that is missing is named at once, with one command" {
    lacking+=' cc patch pstree setsid'
    look
    expect_status 1
    expect_equal "$errors" "\
The tests need: bats (1.8 or later) a C compiler (CC=cc) with the headers of C and Linux setsid
and some of them: patch pstree
The packages may be called: bats gcc libc6-dev patch psmisc util-linux"
    stub apt-get 'echo no such command'
    look
    expect_match "$errors" $'This gets them, as root:\n    (apt-get update && )?apt-get install [-a-z ]* bats gcc libc6-dev patch psmisc util-linux$'
    stub sudo ''
    look
    expect_match "$errors" 'sudo apt-get install'
    rm "$stubs/apt-get"
    stub apk ''
    look
    expect_match "$errors" 'sudo apk add bats gcc linux-headers musl-dev patch psmisc util-linux$'
}

@test "make test: an old bats is none" {
    there_is_bats 1.7.0
    look
    expect_status 1
    expect_match "$errors" '^The tests need: bats \(1\.8 or later\)'
}

@test "make test: where the system's bats is an old one, it gets what fetches another" {
    a_bats 1.2.1
    stub id 'echo 0'
    stub dnf "echo \"\$@\" >>'$BATS_TEST_TMPDIR/asked'
case \$3 in bats) cp '$BATS_TEST_TMPDIR/bats' '$stubs' ;; curl) printf '#!/bin/sh\nexit 1\n' >'$stubs/curl'; chmod +x '$stubs/curl' ;; esac"
    look
    expect_status 1
    expect_equal "$(<"$BATS_TEST_TMPDIR/asked")" $'install -y bats\ninstall -y curl'
    expect_match "$errors" 'make test: fetching bats into .*curl could not fetch it\.'
}

@test "make test: a wished package that is not to be had does not keep the others away" {
    a_bats
    lacking+=' entr'
    stub id 'echo 0'
    stub dnf "case \"\$*\" in *entr*) echo 'Unable to find a match: entr' >&2; exit 1 ;; esac
cp '$BATS_TEST_TMPDIR/bats' '$stubs'"
    look
    expect_status 0
    expect_match "$errors" 'That failed\..*dnf install -y bats'
    expect_match "$errors" $'Some of the tests need: entr\n.*The other tests are run without them\.$'
}

@test "make test: a directory of another user in BUILD is named" {
    there_is_bats
    mkdir -p "$build/exercises/own"
    stub find 'echo build/exercises'
    look
    expect_status 1
    expect_match "$errors" "^Some of $build can't be written to\. Is it another user's\?"
}

@test "make test: CI=false is no CI, NO_INSTALL=0 forbids nothing" {
    a_bats
    lacking+=' pstree'
    stub id 'echo 0'
    stub dnf "cp '$BATS_TEST_TMPDIR/bats' '$stubs'"
    look CI=false NO_INSTALL=0
    expect_status 0
    expect_match "$errors" 'The other tests are run without them\.$'
}

@test "make test: as root it says what it installs, installs it, and goes on" {
    a_bats
    stub id 'echo 0'
    stub dnf "echo \"\$@\" >'$BATS_TEST_TMPDIR/asked'; cp '$BATS_TEST_TMPDIR/bats' '$stubs'"
    look
    expect_status 0
    expect_equal "$errors" "\
make test, as root: dnf install -y bats
    (NO_INSTALL=1 forbids it)"
    expect_equal "$(<"$BATS_TEST_TMPDIR/asked")" "install -y bats"
}

@test "make test: with NO_INSTALL=1 it installs and fetches nothing" {
    stub id 'echo 0'
    stub dnf "touch '$BATS_TEST_TMPDIR/asked'"
    stub npm "touch '$BATS_TEST_TMPDIR/asked'"
    stub curl "touch '$BATS_TEST_TMPDIR/asked'"
    look NO_INSTALL=1
    expect_status 1
    expect_equal "$errors" "\
The tests need: bats (1.8 or later)
This gets them:
    dnf install -y bats"
    [ ! -e "$BATS_TEST_TMPDIR/asked" ]
}

@test "make test: what the system says when it can't install is shown" {
    stub id 'echo 0'
    stub dnf 'echo "no mirror" >&2; exit 1'
    look
    expect_status 1
    expect_match "$errors" $'no mirror\nThat failed.\nThe tests need: bats'
}

@test "make test: each tool that a test needs is known, with its packages" {
    known=$(sed -n "/<<'TOOLS'/,/^TOOLS/s/^\([a-z0-9_-]*\) .*/\1/p" tests/make_test.sh)
    [ "$(wc -w <<<"$known")" -gt 20 ]
    # Not this file: it has tools that are nowhere.
    needed=$(cat tests/[!m]*.bats | grep -oE 'need_tools( +[a-z][a-z0-9_-]*)+' | tr ' ' '\n' |
        grep -vx need_tools | sort -u)
    [ "$(wc -w <<<"$needed")" -gt 10 ]
    expect_equal "$(grep -vxF "$known" <<<"$needed")" ""
}

@test "make test: npm gets bats, into the build directory" {
    a_bats
    # An npm that knows one package. Whether the real one can get it is not ours to test.
    stub npm "while [ \"\$1\" != --prefix ]; do shift; done
mkdir -p \"\$2/node_modules/bats/bin\" && cp '$BATS_TEST_TMPDIR/bats' \"\$2/node_modules/bats/bin\""
    look
    expect_status 0
    expect_equal "$errors" "make test: fetching bats with npm into $build/npm (NO_INSTALL=1 forbids it)"
    # The second time it is there.
    look
    expect_equal "$errors" ""
}

@test "make test: npm's own words when npm fails; then a tarball" {
    stub npm 'echo "npm: no such host" >&2; exit 1'
    look
    expect_status 1
    expect_match "$errors" $'\nnpm: no such host\nnpm could not fetch it.\nThe tests need: bats'
    a_bats
    mkdir -p "$BATS_TEST_TMPDIR/bats-1/bin"
    cp "$BATS_TEST_TMPDIR/bats" "$BATS_TEST_TMPDIR/bats-1/bin"
    stub curl "tar -cz -C '$BATS_TEST_TMPDIR' bats-1"
    look
    expect_status 0
    expect_match "$errors" "fetching bats into $build/bats .*https://"
    rm -r "$build/bats"
    stub curl 'echo "curl: no such host" >&2; exit 6'
    look
    expect_status 1
    expect_match "$errors" $'curl: no such host\ncurl could not fetch it.\nThe tests need: bats'
}

@test "make test: what only some tests need does not stop the others, but in CI" {
    there_is_bats
    lacking+=' patch pstree'
    look
    expect_status 0
    expect_match "$errors" '^Some of the tests need: patch pstree'
    expect_match "$errors" 'The other tests are run without them\.$'
    look CI=true
    expect_status 1
    expect_match "$errors" 'CI is set: no test may be left out\.$'
}

@test "make test: the last line counts what was not run; in CI that is a failure" {
    mkdir -p "$build" "$BATS_TEST_TMPDIR/tests"
    ln -s "$ROOT"/tests/*.bash "$BATS_TEST_TMPDIR/tests"
    # Here @test is not at the beginning of a line, where this file's bats would see it.
    sed 's/^|//' >"$BATS_TEST_TMPDIR/tests/some.bats" <<'BATS'
|load helpers
|@test "one" { true; }
|@test "two" { need_tools sh no_such_tool pstree_; false; }
|@test "three" { need_tools pstree_; false; }
BATS
    rm "$BATS_TEST_TMPDIR/tests/setup_suite.bash"
    that_bats
    some() {
        run_program env -i PATH="$stubs:$PATH" TMPDIR="${TMPDIR:-/tmp}" BUILD="$build" FILES="$BATS_TEST_TMPDIR/tests/some.bats" "$@" \
            sh tests/make_test.sh run
    }
    some
    expect_status 0
    expect_match "$output" 'ok 2 two # skip needs no_such_tool pstree_'
    expect_equal "${lines[-1]}" '1 passed, 0 failed, 2 skipped'
    expect_match "$errors" '^2 tests were NOT RUN, as they need no_such_tool pstree_$'
    some CI=1
    expect_status 1
    expect_match "$output" 'not ok 3 three'
    expect_equal "${lines[-1]}" '1 passed, 2 failed'
    # Nothing of this stays in the build directory.
    expect_equal "$(ls "$build")" ""
    # The packages are named also for what make test does not install by itself.
    stub apt-get ''
    sed -i 's/need_tools .*;/echo gearmand sshd >>"$LEFT_OUT"; skip;/' "$BATS_TEST_TMPDIR/tests/some.bats"
    some
    expect_match "$errors" '^2 tests were NOT RUN, .*: .*apt-get install .* gearman-job-server libgearman-dev openssh-server$'
}

# one_test BODY: a file of tests, to be given to make test.
one_test() {
    mkdir -p "$build" "$BATS_TEST_TMPDIR/tests"
    printf '%s "one" { %s; }\n' @test "$1" >"$BATS_TEST_TMPDIR/tests/one.bats"
    rm -f "$stubs/bats"
    that_bats
    run_one=(env -i PATH="$stubs:$PATH" TMPDIR="${TMPDIR:-/tmp}" BUILD="$build" FILES="$BATS_TEST_TMPDIR/tests/one.bats")
}

@test "make test: a result that gets lost is a failure" {
    one_test true
    run_program "${run_one[@]}" sh tests/make_test.sh run
    expect_status 0
    one_test "rm -r '$build'"
    run_program "${run_one[@]}" sh tests/make_test.sh run
    expect_status 1
}

@test "make test: on a terminal of an unknown kind" {
    need_tools script
    one_test true
    run_program script -qec "$(printf '%q ' "${run_one[@]}" TERM=no-such sh tests/make_test.sh run)" /dev/null
    expect_status 0
    expect_match "$output" '1 passed, 0 failed'
}

@test "make test: a TMPDIR with a space is not used, and one that is not there is an error" {
    one_test '[[ $TMPDIR != *\ * ]] && [ -d "$TMPDIR" ]'
    mkdir "$BATS_TEST_TMPDIR/a b"
    run_program "${run_one[@]}" TMPDIR="$BATS_TEST_TMPDIR/a b" sh tests/make_test.sh run
    expect_status 0
    expect_match "$errors" '^make test: no programs can be .*, so TMPDIR=/'
    there_is_bats
    look TMPDIR=/nowhere
    expect_status 1
    expect_equal "$errors" "The tests need a directory that can be written to: TMPDIR is /nowhere"
}

@test "make test: what the environment tells shells and git is not for the tests" {
    need_tools git
    that_bats
    echo 'echo hello' >"$BATS_TEST_TMPDIR/hello"
    run_program -t 120 env -i PATH="$stubs:$PATH" TMPDIR="${TMPDIR:-/tmp}" CC="${CC:-cc}" CDPATH=.:/tmp \
        POSIXLY_CORRECT=1 BASH_ENV="$BATS_TEST_TMPDIR/hello" GIT_DIR=/nowhere \
        make --no-print-directory BUILD="$BUILD" test FILES=tests/make.bats FILTER='^git gives the tree'
    expect_status 0
    expect_match "$output" $'\n1 passed, 0 failed$'
    run -1 grep hello <<<"$output"
}

@test "make test: a compiler that is none" {
    there_is_bats
    stub apt-get 'echo installing >&2'
    stub id 'echo 0'
    for compiler in /no/such/compiler 'gcc-99 -m64'; do
        look CC="$compiler"
        expect_status 1
        expect_match "$errors" "CC=$compiler is none\\.$"
        run -1 grep installing <<<"$errors"
    done
}

@test "make -j clean all: one after the other" {
    by_hand BUILD="$build" 01_fork
    by_hand -j4 BUILD="$build" clean "$build/01_fork/fork"
    expect_status 0
    [ -x "$build/01_fork/fork" ]
}

@test "make: a build directory of another system is named" {
    by_hand BUILD="$build" 01_fork
    printf '\177ELF of another' >"$build/01_fork/first_fork"
    by_hand BUILD="$build" 01_fork
    expect_status 2
    expect_match "$errors" "$(basename "$build") is another system's, or nothing can be run there: make clean, or"
}

@test "make -f Makefile, from elsewhere: a word" {
    cd "$BATS_TEST_TMPDIR"
    run_program env -u MAKEFLAGS -u MAKELEVEL make -f "$ROOT/Makefile" 1
    expect_status 2
    expect_match "$errors" 'make -C DIRECTORY'
}

@test "make clean: only what was built, and not what else is there" {
    stub rm 'echo removed >&2' # should it be called
    mkdir -p "$BATS_TEST_TMPDIR/sticky" "$BATS_TEST_TMPDIR/course/exercises"
    chmod +t "$BATS_TEST_TMPDIR/sticky"
    for place in . .. .git .ci tests tests/promises 01_fork/exercises "$ROOT" / /usr "$BATS_TEST_TMPDIR"/{sticky,course}; do
        # Not where it is missing, or where make can't build because of its name.
        [ -d "$place" ] && [[ $place =~ ^[A-Za-z0-9_./+@-]+$ ]] || continue
        run_program env -u MAKEFLAGS -u MAKELEVEL PATH="$stubs:$PATH" make BUILD="$place" clean
        expect_status 2
        [[ $errors == *"make clean removes $place as a whole, and there is more in it"* ]]
    done
    mkdir "$build"
    for begin in "true" "by_hand BUILD=$build hint-1"; do
        $begin
        by_hand BUILD="$build" clean
        expect_status 0
        [ ! -e "$build" ]
    done
    by_hand BUILD="$build" clean
    expect_status 0
}

@test "make: a build directory that was moved knows its headers" {
    for object in 03_pool/inside/array.o lib/03_pool/inside/array.o; do
        by_hand BUILD="$build" "$build/$object"
        expect_status 0
        rm -rf "$build.moved"
        mv "$build" "$build.moved"
        by_hand BUILD="$build.moved" "$build.moved/$object"
        expect_match "$output" 'up to date'
        by_hand BUILD="$build.moved" -W 03_pool/inside/array.h -n "$build.moved/$object"
        expect_match "$output" 'array\.c'
    done
}

# ---- make check ----------------------------------------------------------------------------

@test "make check: the tests that failed are shown, named, and counted in the last line" {
    # A make with five checks. In two a test fails 200 lines before the end.
    stub make 'for check; do :; done
case $check in
*/measure) exit 1 ;;
early)
    printf "%s\n" "ok 1 fine" "not ok 2 the early one" "# (in test file x.bats, line 7)" "ok 3 later"
    seq -f "line %g" 200
    exit 2 ;;
by_itself)
    printf "%s\\n" "ok 1 its name has FAILED" "musl FAILED: status 127" "no such symbol"
    seq -f "line %g" 200
    exit 2 ;;
no_bats) echo "wrong by 3"; exit 1 ;;
left_out) echo "ok 1 a test # skip needs tea" ;;
esac'
    run_program env BUILD="$build" bash tests/run_checks.sh "$stubs/make" good early by_itself no_bats -- left_out
    expect_status 1
    expect_match "$output" $'early +FAILED [^\n]*:\nnot ok 2 the early one\n# \\(in test file x.bats, line 7\\)\nits end:\nline 171\n'
    expect_match "$output" $'by_itself +FAILED [^\n]*:\nmusl FAILED: status 127\nno such symbol\nline 1\nits end:\n'
    expect_match "$output" $'no_bats +FAILED [^\n]*:\n\nits end:\nwrong by 3\n'
    expect_match "$output" $'good +passed '
    expect_equal "$(tail -n 5 <<<"$output" | head -n 4 | sort)" "\
by_itself: failed
early: not ok 2 the early one
left_out: ok 1 a test # skip needs tea
no_bats: failed"
    expect_match "${lines[-1]}" '^1 passed, 4 failed, '
    run_program env BUILD="$build" bash tests/run_checks.sh "$stubs/make" good
    expect_status 0
    expect_match "$output" $'^good +passed +[0-9]+ s\n1 passed, 0 failed, [0-9]+ min [0-9]+ s$'
}
