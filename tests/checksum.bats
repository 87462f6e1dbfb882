#!/usr/bin/env bats
# Chapter 6: checksum, compared with cksum.

load helpers

setup() {
    checksum=$(realpath "$BUILD/06_errors/checksum")
    options=()
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir files
    cd files || return 1
    printf 123456789 >nine
    : >empty
}

# same_as_cksum ARGUMENTS...: the same output to the byte, the same messages and status from
# `checksum options ARGUMENTS`. Standard input is the file ../stdin, if there is one.
same_as_cksum() {
    local expected=0 input=/dev/null
    [ ! -e ../stdin ] || input=../stdin
    cksum "$@" <"$input" >../expected 2>../expected_errors || expected=$?
    run_program -t 120 bash -c "exec \"\$0\" \"\$@\" <$input" "$checksum" "${options[@]}" "$@"
    expect_status "$expected"
    cmp ../stdout ../expected
    expect_equal "$errors" "$(sed 's/^cksum: /checksum: /' ../expected_errors)"
}

# in_background ARGUMENTS... <<SCRIPT: a script that runs checksum ($1, the arguments behind
# it) in the background and looks on. It knows:
#   until_true COMMAND...  wait for it, 20 s at the most
#   reader_of FILE PID     a worker of that program has the file open; it is in $reader
in_background() {
    cat >../rest
    printf 'source %q\nset -e\n' "$ROOT/tests/processes.bash" >../script
    cat >>../script <<'SCRIPT'
reader_of() {
    local foreman
    foreman=$(children_of "$2")
    for reader in $(children_of "${foreman:-$2}"); do
        [ -z "$(find "/proc/$reader/fd" -lname "*/$1" 2>/dev/null)" ] || return 0
    done
    return 1
}
no_reader_of() { ! reader_of "$@"; }
SCRIPT
    cat ../rest >>../script
    run_program bash ../script "$checksum" "$@"
}

@test "checksum: the example of the standard" {
    run_program "$checksum" nine empty
    expect_status 0
    expect_equal "$output" $'930766865 9 nine\n4294967295 0 empty'
}

@test "checksum: a tree of real files, on 1, 2 and 7 workers" {
    find /usr/include -type f | head -n 5000 >../names
    [ "$(wc -l <../names)" -gt 100 ]
    mapfile -t names <../names
    for workers in 1 2 7; do
        options=(-j "$workers")
        same_as_cksum "${names[@]}"
    done
}

make_sizes() {
    head -c 300000 "$checksum" >long
    for size in {0..200} 255 256 257 4095 4096 4097 65535 65536 131071 131072 131073 262145; do
        head -c "$size" long >"size_$size"
    done
    ls size_* long >../names
}

@test "checksum: files of all sizes around those of its blocks and buffers" {
    make_sizes
    mapfile -t names <../names
    same_as_cksum "${names[@]}"
}

@test "checksum: the same by tables, as on processors without the instruction" {
    make_sizes
    mapfile -t names <../names
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make -C "$ROOT" \
        BUILD="$BATS_TEST_TMPDIR/tables" CPPFLAGS=-DCRC_BY_TABLE_ONLY \
        "$BATS_TEST_TMPDIR/tables/06_errors/checksum" >/dev/null 3>&-
    checksum=$BATS_TEST_TMPDIR/tables/06_errors/checksum
    same_as_cksum "${names[@]}"
}

@test "checksum: more than 4 GiB in a file" {
    truncate -s 5G sparse
    run_program -t 120 "$checksum" sparse nine
    expect_status 0
    expect_equal "$output" $'3128462852 5368709120 sparse\n930766865 9 nine'
}

@test "checksum: files that are longer than they say, devices" {
    same_as_cksum /proc/version /dev/null nine /dev/null
}

@test "checksum: names with anything in them" {
    names=($'new\nline' 'back\slash' '\n' $'odd\xff' 'sp ace' $'cr\r' $'\xc3\xa4' '-dash' '%s' "it's"
        '"' '$HOME' '*' $'\e[31m')
    for name in "${names[@]}"; do
        printf '%s' "$name" >"./$name"
    done
    same_as_cksum -- "${names[@]}"
    expect_match "$output" $'15 new\nline|8 new\nline'
}

@test "checksum: a message for each file that cannot be read, with its name quoted, and the rest" {
    ln -s loop loop
    names=(missing nine nine/below loop "$(printf '%0300d' 0)" $'new\nline' 'back\slash' $'odd\xff'
        'sp ace' a:b '#' 'a#' '~' '{' 'a{' '' "it's" "it's \$5" "it's #5" $'\xc3\xa4' $'\xe2\x82' $'\e[31m' $'\t\b\a' 'a=b'
        '?' '!' '@' ']' '[' '%+,' "'" $'a\nb\xff c' empty)
    for locale in C C.UTF-8; do
        export LC_ALL=$locale
        same_as_cksum -- "${names[@]}"
        expect_status 1
        expect_equal "$(grep -c ^checksum: <<<"$errors")" 31
    done
}

# cksum has said so in all versions but 9.0 and 9.1, which take it for an empty file.
@test "checksum: a directory" {
    run_program "$checksum" . nine /
    expect_status 1
    expect_equal "$output" '930766865 9 nine'
    expect_equal "$errors" $'checksum: .: Is a directory\nchecksum: /: Is a directory'
}

@test "checksum: a file without permission" {
    nobody=()
    [ "$(id -u)" -ne 0 ] || nobody=(setpriv --reuid=65534 --clear-groups)
    cp "$checksum" program
    printf secret >secret
    chmod 0 secret
    run_program "${nobody[@]}" ./program secret nine
    expect_status 1
    expect_equal "$output" '930766865 9 nine'
    expect_equal "$errors" 'checksum: secret: Permission denied'
}

@test "checksum: standard input" {
    printf 'some text' >../stdin
    same_as_cksum
    same_as_cksum -
    same_as_cksum nine - empty
    same_as_cksum - - nine -
    same_as_cksum /dev/stdin missing -
}

@test "checksum: standard input from a pipe, twice, and closed" {
    for workers in 1 2 8; do
        run_program bash -c 'printf 123456789 | "$0" -j "$1" - /dev/stdin - empty' "$checksum" "$workers"
        expect_status 0
        expect_equal "$output" "930766865 9 -
4294967295 0 /dev/stdin
4294967295 0 -
4294967295 0 empty"
    done
    run_program bash -c 'exec "$0" nine - empty <&-' "$checksum"
    expect_status 1
    expect_equal "$output" $'930766865 9 nine\n4294967295 0 empty'
    expect_equal "$errors" 'checksum: -: Bad file descriptor'
}

@test "checksum: a pipe named twice is read by one after the other" {
    mkfifo pipe
    in_background <<'SCRIPT'
"$1" -j 4 pipe nine pipe &
exec 5>pipe
until_true reader_of pipe $!
printf one >&5
exec 5>&-
until_true no_reader_of pipe $!
printf three >pipe
wait "$!"
SCRIPT
    expect_status 0
    expect_equal "$output" "$(printf one | cksum) pipe
930766865 9 nine
$(printf three | cksum) pipe"
}

@test "checksum: a small file does not wait for a large one; a worker is killed reading that" {
    truncate -s 100G large
    in_background <<'SCRIPT'
POOL_TRACE=../trace "$1" -j 2 large nine &
until_true reader_of large $!
until_true grep -q '"name":"task ' ../trace
reader_of large $! # still
kill -KILL "$reader"
wait "$!"
SCRIPT
    expect_status 1
    expect_equal "$output" '930766865 9 nine'
    expect_equal "$errors" 'checksum: large: killed by signal 9 (Killed)'
}

@test "checksum: as many arguments as you like, a bounded number of them in work" {
    mkfifo pipe
    mapfile -t names < <(yes empty | head -n 40000)
    in_background "${names[@]}" <<'SCRIPT'
checksum=$1
shift
tasks() { grep -c '"name":"task ' ../trace 2>/dev/null || true; }
POOL_TRACE=../trace "$checksum" -j 2 pipe "$@" &
# The first file blocks; those behind it are read meanwhile, but not all of them.
until_true eval '[ "$(tasks)" -gt 10000 ]'
before=
until [ "$before" = "$(tasks)" ]; do
    before=$(tasks)
    sleep 0.5
done
[ "$before" -lt 20000 ] || exit 98
printf 123456789 >pipe
wait "$!"
SCRIPT
    expect_status 0
    expect_equal "${#lines[@]}" 40001
    expect_equal "$(uniq -c ../stdout | tr -s ' ')" $' 1 930766865 9 pipe\n 40000 4294967295 0 empty'
}

@test "checksum: a worker is killed: its file is reported, the others are read" {
    mkfifo pipe
    for workers in 1 2; do
        in_background "$workers" <<'SCRIPT'
"$1" -j "$2" nine pipe missing empty &
exec 5>pipe
until_true reader_of pipe $!
kill -KILL "$reader"
wait "$!"
SCRIPT
        expect_status 1
        expect_equal "$output" $'930766865 9 nine\n4294967295 0 empty'
        expect_equal "$errors" 'checksum: pipe: killed by signal 9 (Killed)
checksum: missing: No such file or directory'
    done
}

@test "checksum: the foreman is killed: each file without a sum is reported" {
    mkfifo pipe
    in_background <<'SCRIPT'
"$1" -j 1 nine pipe &
exec 5>pipe
until_true reader_of pipe $!
kill -KILL "$(children_of $!)"
wait "$!"
SCRIPT
    expect_status 1
    expect_equal "$output" '930766865 9 nine'
    expect_equal "$errors" 'checksum: pipe: pool broken: the foreman died'
}

@test "checksum: Ctrl-C ends all of it" {
    mkfifo pipe
    in_background <<'SCRIPT'
set -m
"$1" -j 2 pipe nine &
exec 5>pipe
until_true reader_of pipe $!
kill -INT -- "-$!"
wait "$!" 2>/dev/null
SCRIPT
    expect_status 130
    expect_equal "$output" ""
    grep -xF 'checksum: interrupted, with 0 of 2 files done' <<<"$errors"
}

@test "checksum: Ctrl-C and hanging up, ignored by the program, are ignored by the workers" {
    mkfifo pipe
    in_background <<'SCRIPT'
set -m
(trap '' INT HUP QUIT; exec "$1" -j 2 pipe nine) &
exec 5>pipe
until_true reader_of pipe $!
kill -INT -- "-$!"
kill -HUP -- "-$!"
kill -QUIT -- "-$!"
printf 123456789 >&5
exec 5>&-
wait "$!"
SCRIPT
    expect_status 0
    expect_equal "$output" $'930766865 9 pipe\n930766865 9 nine'
}

@test "checksum: a line of progress on a terminal, after a second, cleared at the end" {
    need_tools script
    mkfifo pipe
    for lines in 0 1; do
        in_background "$lines" <<'SCRIPT'
shows() { [ "$(grep -c 'begun' ../stdout)" -ge "$1" ]; }
script -qec "$(printf %q "$1") -j 1 nine pipe empty >../sums" /dev/null </dev/null &
exec 5>pipe
until_true shows "$2"
printf 123456789 >&5
exec 5>&-
wait "$!"
SCRIPT
        expect_status 0
        expect_equal "$(cat ../sums)" $'930766865 9 nine\n930766865 9 pipe\n4294967295 0 empty'
        if awk "BEGIN { exit $elapsed >= 1 }"; then expect_equal "$output" ""; fi
    done
    expect_match "$output" $'^(\rchecksum: 3 of 3 files begun, [0-9]+ s\e\\[K)+\r\e\\[K$'
}

@test "checksum: no progress where there is no terminal; on the terminal it gives way to messages" {
    need_tools script
    mkfifo pipe
    in_background <<'SCRIPT'
"$1" -j 1 pipe missing &
exec 5>pipe
sleep 1.6
exec 5>&-
wait "$!"
SCRIPT
    expect_equal "$errors" 'checksum: missing: No such file or directory'
    in_background <<'SCRIPT'
script -qec "$(printf %q "$1") -j 1 pipe missing" /dev/null </dev/null &
exec 5>pipe
until_true grep -q begun ../stdout
exec 5>&-
wait "$!"
SCRIPT
    expect_match "$output" $'s\e\\[K\r\e\\[K4294967295 0 pipe\r\nchecksum: missing: No such file or directory\r$'
}

@test "checksum: output that cannot be written" {
    expect_output_failure "$checksum" nine
    expect_output_failure "$checksum" --help
}

@test "checksum: it ends as soon as a line cannot be written" {
    # No process writes to the pipe, so checksum must not read it.
    mkfifo pipe
    mapfile -t names < <(yes empty | head -n 1000)
    in_background "${names[@]}" pipe <<'SCRIPT'
exec "$@" >/dev/full
SCRIPT
    expect_status 1
    expect_equal "$output" ""
    expect_equal "$errors" "checksum: cannot write the output: No space left on device"
}

@test "checksum: bad usage" {
    expect_usage_error "$checksum" -j 0 nine
    expect_usage_error "$checksum" -j -1 nine
    expect_usage_error "$checksum" -j 1000000 nine
    expect_usage_error "$checksum" -j 99999999999999999999 nine
    expect_usage_error "$checksum" -j 2x nine
    expect_usage_error "$checksum" -j '' nine
    expect_usage_error "$checksum" nine -j
    expect_usage_error "$checksum" --no-such nine
    expect_usage_error "$checksum" -x
    expect_match "$errors" "unknown option -x"
    expect_usage_error "$checksum" nine -xj 2
    expect_match "$errors" "unknown option -x"
    expect_usage_error "$checksum" --help=much
    expect_match "$errors" "unknown option '--help=much'"
}
