#!/usr/bin/env bash
# fresh_machines.sh BUILD [MACHINE]...: makes machines on which nothing is installed, and runs the
# commands of the README's beginning there, word by word. `make check-fresh` calls it.
#
#     12-root 13-root  Debian 12, 13; the reader is root
#     12-npm  13-npm   a user without root, where there is npm; in a directory with an odd name
#     12-user 13-user  a user, no npm: make test says a command; root runs it; make test again
#     12-ci   13-ci    git and a shell, root: .ci/run --install gets all that .ci/run needs
#     12-run  13-run   the same, and all of .ci/run (half an hour; only when it is asked for)
#
# It needs Debian, root, debootstrap, git, and the mirror that apt uses (or MIRROR=url). Each
# machine is a directory that debootstrap fills, and the root of a mount namespace that ends with the
# command. Nothing of this machine is mounted there, least of all /dev: what is mounted is new.
#
# shellcheck disable=SC2016 # much here is for other shells
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=$1
shift
[ $# -gt 0 ] || set -- {12,13}-{root,npm,user,ci}
declare -A suites=([12]=bookworm [13]=trixie)

for tool in debootstrap git unshare; do
    command -v "$tool" >/dev/null || {
        echo "check-fresh needs $tool: apt-get install debootstrap git util-linux" >&2
        exit 1
    }
done
[ "$(id -u)" -eq 0 ] || {
    echo "check-fresh needs root, to make machines" >&2
    exit 1
}
mirror=${MIRROR:-$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' \
    'Origin: Debian' | awk '$1 !~ /-/ { print $2; exit }')}

logs=$build/fresh
mkdir -p "$logs"
work=$(mktemp -d /var/tmp/fresh.XXXXXX)
# What runs there ends with unshare, a moment later, and may still write files until then.
trap 'kill -KILL $(jobs -p) 2>/dev/null || true; wait
    rm -rf --one-file-system "$work" || { sleep 1; rm -rf --one-file-system "$work"; }' EXIT
trap 'exit 130' INT TERM

# In the background, as a signal ends only a wait.
apart() {
    unshare --mount --pid --fork --kill-child --propagation private "$@" </dev/null &
    wait $!
}

# on MACHINE USER COMMAND: run by sh, in the tree if there is one, with no terminal.
on() {
    apart sh -c '
        machine=$1 user=$2 command=$3
        # Not chroot: a process whose root is not that of its mount namespace may make no others.
        mount --bind "$machine" "$machine" && cd "$machine" &&
            mount -t proc proc proc &&
            mount -t tmpfs -o mode=1777 tmpfs dev/shm &&
            mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts &&
            pivot_root . . && umount -l . || exit 125
        home=/root
        [ "$user" = root ] || home=/home/$user
        # Not exec: as process 1 this shell reaps orphans.
        env -i HOME="$home" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            DEBIAN_FRONTEND=noninteractive chroot --userspec="$user:$user" / \
            sh -c "cd ~/*[Tt]ree* 2>/dev/null; $command"
        status=$?
        exit $status' sh "$work/$1" "$2" "$3"
}

# What the README says is needed to build.
needed=$(sed -n 's/.*`\(apt-get install [^`]*\)`.*/\1/p' README.md | head -n 1)

# base DEBIAN: a machine with nothing but Debian's base.
base() {
    [ ! -d "$work/$1" ] || return 0
    apart debootstrap --variant=minbase "${suites[$1]}" "$work/$1" "$mirror"
    apt-config dump | grep -E '^Acquire::(https?|Check)' >"$work/$1/etc/apt/apt.conf.d/00mirror" || true
    on "$1" root "useradd -m reader"
}

# machine NAME: a copy of the base with the tree on it.
machine() {
    local home=$work/$1/home/reader name=tree
    base "${1%-*}"
    cp -a "$work/${1%-*}" "$work/$1"
    case $1 in
    *-root | *-ci | *-run) home=$work/$1/root ;;
    *-npm) name="a tree, [its] #1 \"name\" isn't & plain" ;;
    esac
    mkdir "$home/$name"
    git ls-files -z | xargs -0 tar -c | tar -x -C "$home/$name"
    chown -R --reference="$home" "$home/$name"
    case $1 in
    *-ci | *-run) on "$1" root 'apt-get update -qq && apt-get install -qq -y --no-install-recommends git' ;;
    *) on "$1" root "apt-get update -qq && ${needed/install/install -qq -y --no-install-recommends}" ;;
    esac
    case $1 in *-npm) with_npm "$1" ;; esac
}

# npm, with the registry and the certificate authorities of this machine's npm.
with_npm() {
    on "$1" root 'apt-get install -qq -y --no-install-recommends npm'
    local authorities
    command -v npm >/dev/null || return 0
    echo "registry=$(npm config get registry)" >"$work/$1/home/reader/.npmrc"
    authorities=$(npm config get cafile)
    if [ -f "$authorities" ]; then
        cp "$authorities" "$work/$1/etc/npm-authorities"
        echo "cafile=/etc/npm-authorities" >>"$work/$1/home/reader/.npmrc"
    fi
}

# try MACHINE USER COMMAND EXPECTED-STATUS: a line of the table.
failed=0
try() {
    local start=$SECONDS status=0 word=passed
    on "$1" "$2" "$3" >"$logs/last" 2>&1 || status=$?
    printf '$ %s\n%s\n' "$3" "$(<"$logs/last")" >>"$logs/$1.log"
    [ "$status" -eq 0 ] || word="status $status"
    if [ "$status" -ne "$4" ]; then
        failed=$((failed + 1)) word="FAILED ($word)"
        tail -n 40 "$logs/last"
    fi
    printf '%-8s %-50s %4d s  %s: %s\n' "$1" "$3" $((SECONDS - start)) "$word" \
        "$(tail -n 1 "$logs/last" | cut -c 1-200)"
}

# said MACHINE REGEX: the last command said so.
said() {
    grep -qE "$2" "$logs/last" && return
    failed=$((failed + 1))
    printf '%-8s FAILED: it does not say: %s\n' "$1" "$2"
}
# Where make test has installed what it may, what is rare is left out.
rare='bwrap|gearmand|git|hostname|ip|parallel|python3|root|ssh|sshd|unzip|zip|namespaces'
rare_left_out() {
    said "$1" '^[0-9]+ passed, 0 failed, [0-9]+ skipped$'
    said "$1" "^[0-9]+ tests were NOT RUN, as they need (($rare) ?)+: .*apt-get install .*gearman-job-server"
}

# The two commands, as they stand in the README.
mapfile -t commands < <(sed -n 's/^    \(make \(run\|test\) .*\)/\1/p' README.md | head -n 2)
[ "${#commands[@]}" -eq 2 ] && [ -n "$needed" ]

visit() {
    local command=''
    case $1 in
    *-root)
        try "$1" root "${commands[0]}" 0
        try "$1" root "${commands[1]}" 0
        said "$1" '^make test, as root: .*apt-get install'
        rare_left_out "$1"
        ;;
    *-npm)
        try "$1" reader "${commands[0]}" 0
        try "$1" reader "${commands[1]}" 0
        said "$1" 'fetching bats with npm'
        said "$1" '^[0-9]+ tests were NOT RUN, as they need '
        ;;
    *-user)
        try "$1" reader "${commands[0]}" 0
        try "$1" reader "${commands[1]}" 2
        command=$(sed -n '/^This gets them, as root:$/{n;s/^ *//p;}' "$logs/last")
        said "$1" '^The tests need: bats'
        try "$1" root "$command" 0
        try "$1" reader "${commands[1]}" 0
        rare_left_out "$1"
        ;;
    *-ci)
        try "$1" root '.ci/run --install' 0
        try "$1" root 'make --no-print-directory list-checks' 0
        try "$1" root 'CI=1 NO_INSTALL=1 sh tests/make_test.sh look' 0
        ;;
    *-run)
        on "$1" root 'git init -q && git add . && git -c user.name=x -c user.email=x@y commit -qm x'
        try "$1" root 'CI=true .ci/run' 0
        ;;
    esac
}

for name in "$@"; do
    : >"$logs/$name.log"
    if machine "$name" >"$logs/$name.made" 2>&1; then
        visit "$name"
    else
        failed=$((failed + 1))
        printf '%-8s FAILED: it could not be made:\n%s\n' "$name" "$(tail -n 20 "$logs/$name.made")"
    fi
    rm -rf --one-file-system "${work:?}/$name"
done
if grep "$work" /proc/self/mounts; then failed=$((failed + 1)); fi
printf '%d machines, %d failures\n' $# "$failed"
[ "$failed" -eq 0 ]
