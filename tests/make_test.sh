#!/bin/sh
# make_test.sh look|run: the two halves of `make test`. The build is between them.
#
#     look    Name everything that the tests need and this machine lacks, at once, with the
#             command that gets it. As root, say so and run that command. Without root, or where
#             the system's bats is too old, fetch bats alone into BUILD, with npm or as a tarball.
#             With NO_INSTALL=1, only look. (CI=false and NO_INSTALL=0 are as good as nothing.)
#     run     Run the tests in FILES (those that match FILTER), and count those that passed and
#             failed. If some were left out because a tool is missing, the last line counts them.
#
# It is plain sh, because bash may be missing.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-cc}
CI=${CI:-} FILTER=${FILTER:-} FILES=${FILES:-tests} NO_INSTALL=${NO_INSTALL:-}
case $CI in 0 | false) CI= ;; esac
case $NO_INSTALL in 0) NO_INSTALL= ;; esac
export CI
export LC_ALL=C

# Each tool; whether all tests need it or some; its packages on Debian and Ubuntu, on Fedora, on
# Alpine (a comma between two). The tools are GNU's: those of busybox lack options. What only a few
# tests need and is large, or a daemon, is "rare": it is named when it is missed, not installed.
tools() {
    cat <<'TOOLS'
bats     all   bats            bats                bats
bash     all   bash            bash                bash
compiler all   gcc,libc6-dev   gcc                 gcc,musl-dev,linux-headers
timeout  all   coreutils       coreutils           coreutils
find     all   findutils       findutils           findutils
grep     all   grep            grep                grep
sed      all   sed             sed                 sed
diff     all   diffutils       diffutils           diffutils
awk      all   mawk            gawk                gawk
setsid   all   util-linux      util-linux          util-linux
patch    some  patch           patch               patch
ps       some  procps          procps-ng           procps
pgrep    some  procps          procps-ng           procps
pkill    some  procps          procps-ng           procps
pstree   some  psmisc          psmisc              psmisc
script   some  bsdutils        /usr/bin/script     util-linux
taskset  some  util-linux      util-linux          util-linux
pkg-config some pkg-config     pkgconf-pkg-config  pkgconf
nm       some  binutils        binutils            binutils
tar      some  tar             tar                 tar
inotifywait some inotify-tools inotify-tools      inotify-tools
entr     some  entr            entr                entr
zip      rare  zip             zip                 zip
unzip    rare  unzip           unzip               unzip
git      rare  git             git                 git
gcc      rare  gcc             gcc                 gcc
python3  rare  python3         python3             python3
bwrap    rare  bubblewrap      bubblewrap          bubblewrap
gearmand rare  gearman-job-server,libgearman-dev gearmand,libgearman-devel gearmand,gearman-dev
ip       rare  iproute2        iproute             iproute2
hostname rare  hostname        hostname            coreutils
unshare  rare  util-linux      util-linux          util-linux
nsenter  rare  util-linux      util-linux          util-linux
setpriv  rare  util-linux      util-linux          setpriv
parallel rare  parallel        parallel            parallel
ssh      rare  openssh-client  openssh-clients     openssh-client
sshd     rare  openssh-server  openssh-server      openssh-server
TOOLS
}

have() {
    case $1 in
    bats) find_bats >/dev/null ;;
    compiler) compiles ;;
    timeout) timeout --foreground 9 env -C / true && nproc ;;
    find) find / -maxdepth 0 -lname x ;;
    grep) echo 'a b' | grep -E '\<b\>' ;;
    sed) echo b | sed 's/\<b/c/' | grep c ;;
    diff | patch) "$1" --version | grep GNU ;;
    ps) ps -o pid= -p $$ --ppid $$ ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# shellcheck disable=SC2086 # CC may have options
compiles() {
    mkdir -p "$BUILD" &&
        printf '#include <stdio.h>\n#include <linux/futex.h>\nint main(void) { return 0; }\n' \
            >"$BUILD/have_compiler.$$.c" &&
        $CC -o "$BUILD/have_compiler.$$" "$BUILD/have_compiler.$$.c"
    set -- $?
    rm -f "$BUILD/have_compiler.$$" "$BUILD/have_compiler.$$.c"
    return "$1"
}

# find_bats: print the path of a bats, 1.8 or later.
find_bats() {
    for bats in "$(command -v bats)" "$BUILD/npm/node_modules/bats/bin/bats" \
        "$BUILD/bats/bin/bats"; do
        if [ -n "$bats" ] && [ -x "$bats" ] && version=$("$bats" --version 2>/dev/null) &&
            [ "$(printf '%s\n' 1.8.0 "${version##* }" | sort -V | head -n 1)" = 1.8.0 ]; then
            echo "$bats"
            return 0
        fi
    done
    return 1
}

# look_for all|some: set missing to the tools of that kind that are not here.
look_for() {
    missing=
    for tool in $(tools_for "$1"); do
        have "$tool" || missing="$missing $tool"
    done
    missing=${missing# }
}

# Without awk, which may be what is missing.
tools_for() {
    tools | while read -r tool who _; do
        [ "$who" != "$1" ] || echo "$tool"
    done
}

# packages TOOL...: print the packages of this system that have them, each once.
packages() {
    tools | while read -r tool _ debian fedora alpine; do
        case " $* " in
        *" $tool "*)
            # The system's bats is too old: what fetch_bats gets another one with.
            [ "$tool" != bats ] || ! command -v bats >/dev/null 2>&1 || can_fetch ||
                debian=ca-certificates,curl fedora=curl alpine=curl
            case $system in
            dnf) echo "$fedora" ;;
            apk) echo "$alpine" ;;
            *) echo "$debian" ;;
            esac
            ;;
        esac
    done | tr , '\n' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# set_system: set system to the package manager of this machine, or to nothing.
set_system() {
    for system in apt-get dnf apk brew pacman zypper ''; do
        [ -n "$system" ] && command -v "$system" >/dev/null 2>&1 && break
    done
}

# command_for PACKAGES: one line that installs them here.
command_for() {
    root=
    if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1; then root='sudo '; fi
    case $system in
    apt-get)
        # A new container has no lists of packages.
        ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || printf '%sapt-get update && ' "$root"
        echo "${root}apt-get install -y --no-install-recommends $1"
        ;;
    dnf) echo "${root}dnf install -y $1" ;;
    apk) echo "${root}apk add $1" ;;
    pacman) echo "${root}pacman -S $1" ;;
    zypper) echo "${root}zypper install $1" ;;
    brew) echo "brew install $1" ;;
    *) echo "$1" ;;
    esac
}

# Only as root, and only where the names of the packages are known.
may_install() {
    [ "$(id -u)" -eq 0 ] && [ -z "$NO_INSTALL" ] || return 1
    case $system in apt-get | dnf | apk) ;; *) return 1 ;; esac
}

install_packages() {
    command=$(command_for "$1")
    say "make test, as root: $command" "    (NO_INSTALL=1 forbids it)"
    log=$BUILD/install.log
    mkdir -p "$BUILD"
    DEBIAN_FRONTEND=noninteractive sh -c "$command" >"$log" 2>&1 </dev/null && return 0
    tail -n 15 "$log" >&2
    say "That failed."
    return 1
}

can_fetch() {
    command -v npm || command -v curl || command -v wget
} >/dev/null 2>&1

# Without root. bats is a few scripts, which run from any directory.
fetch_bats() {
    [ -z "$NO_INSTALL" ] || return 1
    if command -v npm >/dev/null 2>&1; then
        say "make test: fetching bats with npm into $BUILD/npm (NO_INSTALL=1 forbids it)"
        mkdir -p "$BUILD/npm"
        npm install --no-save --no-audit --no-fund --no-progress --loglevel=error \
            --fetch-retries=1 --cache "$BUILD/npm/cache" --prefix "$BUILD/npm" bats@1 \
            >&2 </dev/null && find_bats >/dev/null && return 0
        say "npm could not fetch it."
    fi
    url=https://github.com/bats-core/bats-core/archive/refs/tags/v1.11.1.tar.gz
    if command -v curl >/dev/null 2>&1; then
        set -- curl -fsSL --connect-timeout 10 --max-time 120 "$url"
    elif command -v wget >/dev/null 2>&1; then
        set -- wget -q -T 10 -t 1 -O - "$url"
    else
        return 1
    fi
    say "make test: fetching bats into $BUILD/bats (NO_INSTALL=1 forbids it): $url"
    mkdir -p "$BUILD"
    rm -rf "$BUILD/bats"
    "$@" >"$BUILD/bats.tar.gz" && mkdir "$BUILD/bats" &&
        tar -xzf "$BUILD/bats.tar.gz" -C "$BUILD/bats" --strip-components=1 &&
        find_bats >/dev/null && return 0
    say "$1 could not fetch it."
    return 1
}

say() { printf '%s\n' "$@" >&2; }

# names TOOL...: for people.
# shellcheck disable=SC2048 # the tools are words of one argument
names() {
    for tool in $*; do
        case $tool in
        bats) printf ' bats (1.8 or later)' ;;
        compiler) printf ' a C compiler (CC=%s) with the headers of C and Linux' "$CC" ;;
        *) printf ' %s' "$tool" ;;
        esac
    done
}

look() {
    mkdir -p "$BUILD" 2>/dev/null
    if ! [ -d "$BUILD" ] || ! [ -w "$BUILD" ]; then
        say "make can't write to $BUILD. Build elsewhere: make BUILD=/tmp/build ..."
        return 1
    fi
    # As after sudo make.
    if [ -n "$(find "$BUILD" -type d ! -name lost+found ! -writable 2>/dev/null | head -n 1)" ]; then
        say "Some of $BUILD can't be written to. Is it another user's?" \
            "sudo rm -r $BUILD, or build elsewhere: make BUILD=/tmp/build ..."
        return 1
    fi
    if ! [ -d "${TMPDIR:-/tmp}" ] || ! [ -w "${TMPDIR:-/tmp}" ]; then
        say "The tests need a directory that can be written to: TMPDIR is ${TMPDIR:-/tmp}"
        return 1
    fi
    set_system
    look_for all
    needed=$missing
    # Not found, and not a name of which a package is known here.
    case " $needed :$CC" in *" compiler "*:cc | *" compiler "*:gcc) ;;
    *" compiler "*)
        command -v "${CC%% *}" >/dev/null 2>&1 || {
            say "The tests need a C compiler with the headers of C and Linux. CC=$CC is none."
            return 1
        }
        ;;
    esac
    look_for some
    wished=$missing
    [ -n "$needed$wished" ] || return 0
    # shellcheck disable=SC2086 # each tool is a word
    if may_install; then
        # If one of those that some tests need is not to be had, at least what all need.
        install_packages "$(packages $needed $wished)" || [ -z "$needed" ] || [ -z "$wished" ] ||
            install_packages "$(packages $needed)"
        look_for all
        needed=$missing
        look_for some
        wished=$missing
    fi
    case " $needed " in
    *" bats "*)
        # The system's may be too old: get what fetches another.
        if may_install && command -v bats >/dev/null && ! can_fetch; then
            install_packages "$(packages bats)"
        fi
        if fetch_bats; then
            look_for all
            needed=$missing
        fi
        ;;
    esac
    complain
}

# Say what is still missing, and the one command that gets all of it.
complain() {
    # shellcheck disable=SC2086 # each tool is a word
    set -- "$(command_for "$(packages $needed $wished)")"
    if [ -n "$needed" ]; then
        say "The tests need:$(names "$needed")"
        [ -z "$wished" ] || say "and some of them: $wished"
    elif [ -n "$wished" ]; then
        say "Some of the tests need: $wished"
    else
        return 0
    fi
    if [ -n "$system" ]; then
        say "This gets them$([ "$(id -u)" -eq 0 ] || echo ", as root"):" "    $1"
    else
        say "The packages may be called: $1"
    fi
    if [ -z "$needed" ] && [ -z "$CI" ]; then
        say "The other tests are run without them."
        return 0
    fi
    [ -n "$needed" ] || say "CI is set: no test may be left out."
    return 1
}

run() {
    bats=$(find_bats) || return 1
    # shellcheck disable=SC2086 # several files
    set -- $FILES
    [ -z "$FILTER" ] || set -- --filter "$FILTER" "$@"
    # bats is content when it finds no test; we are not.
    count=$("$bats" --count "$@") || return 2
    if [ "$count" -eq 0 ]; then
        say "make test: there is no such test"
        return 1
    fi
    look_for some
    # Of this process: a test may run `make test`.
    report=$(cd "$BUILD" && pwd)/report.$$
    LEFT_OUT=$report.left_out MISSING=$missing
    trap 'rm -f "$report" "$report".*' EXIT
    trap 'exit 130' HUP INT TERM
    : >"$LEFT_OUT"
    find_tmpdir || return 1
    export BUILD LEFT_OUT MISSING
    counted "$bats" "$@"
    status=$?
    if [ -s "$LEFT_OUT" ]; then
        set_system
        tools=$(tr ' ' '\n' <"$LEFT_OUT" | sort -u | tr '\n' ' ')
        # shellcheck disable=SC2086 # each tool is a word
        wanted=$(packages $tools)
        say "$(wc -l <"$LEFT_OUT") tests were NOT RUN, as they need ${tools% }${wanted:+: $(command_for "$wanted")}"
    fi
    rm -f "$LEFT_OUT"
    return "$status"
}

# The tests build programs and run scripts below TMPDIR. If make does not build in a directory of
# that name, or nothing can be run there, take another one.
find_tmpdir() {
    wish=${TMPDIR:-/tmp} own=$(cd "$BUILD" && pwd -P)/tmp
    for place in "$wish" /tmp "$own"; do
        [ "$place" != "$own" ] || mkdir -p "$own"
        fit_for_programs "$place" || continue
        [ "$place" = "$wish" ] && return 0
        say "make test: no programs can be built and run in $wish, so TMPDIR=$place"
        TMPDIR=$place
        export TMPDIR
        return 0
    done
    say "The tests need a directory in which programs can be built and run: set TMPDIR"
    return 1
}

fit_for_programs() {
    case $1 in *[!A-Za-z0-9_./+@-]* | [!/]*) return 1 ;; esac
    try=$(mktemp "$1/make_test.XXXXXX" 2>/dev/null) || return 1
    printf '#!/bin/sh\n' >"$try" && chmod 700 "$try" && "$try" 2>/dev/null
    set -- $?
    rm -f "$try"
    return "$1"
}

# counted BATS...: run it. On a terminal that tput knows, bats counts by itself.
counted() {
    if [ -t 0 ] && [ -t 1 ] && [ -z "$CI" ] && tput cols >/dev/null 2>&1; then
        "$@"
        return
    fi
    # If this note can't be written, they have not passed.
    { "$@"; echo $? >"$report.status"; } | tee "$report"
    awk '/^not ok / { failed++ } /^ok / { if (/ # skip/) skipped++; else passed++ }
        END { print passed + 0 " passed, " failed + 0 " failed" (skipped ? ", " skipped " skipped" : "") }' "$report"
    set -- "$(cat "$report.status" 2>/dev/null)"
    rm -f "$report" "$report.status"
    return "${1:-1}"
}

case ${1:-} in
look) look ;;
run) run ;;
*)
    say "usage: make_test.sh look|run"
    exit 2
    ;;
esac
