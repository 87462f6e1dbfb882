#!/usr/bin/env bash
# machines.sh SCRIPT [ARGUMENT]...: run a script of bash among machines that are really apart:
# network namespaces of this one, on a bridge of their own, which no packet leaves.
#
#     client 10.99.0.1   server 10.99.0.2   node1, node2, node3 10.99.0.3 to .5
#
# All of it, the processes, too, is in namespaces that the script's end takes along, or Ctrl-C,
# or any other death of this shell. Files are those of this machine, for all machines, as if it
# were a network file system; only /run is the script's own and empty.
#
# Needs root, or a kernel that lets users have namespaces; status 77 says that this one does not.
# The script knows the functions below, and $BUILD.
# shellcheck disable=SC2016,SC2119,SC2120,SC2317 # what the script and inner shells use
set -u
here=$(realpath "$(dirname "$0")")
BUILD=$(realpath "${BUILD:-build}")
export BUILD

# ---- For the script ------------------------------------------------------------------

# on MACHINE COMMAND [ARGUMENT]...; `enter ... &` the same in the background, with the pid in $!
on() { (enter "$@"); }
enter() {
    exec nsenter --net="/run/netns/$1" unshare --uts sh -c 'hostname "$0" && exec "$@"' "$@"
}

# await SECONDS COMMAND...: until it is true; false if that never happens. MACHINE_FACTOR, from
# the tests, is how much longer a slow machine may take.
await() {
    local factor=${MACHINE_FACTOR:-1}
    local end=$((SECONDS + $1 * ${factor%%.*} + 1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}

# Keepalive and retransmission: a connection whose other end is silent is dead after about 4 s,
# also if something is under way on it (tcp_retries2), which keepalive does not look after. A
# job that has killed two nodes, or was held by two that fell silent, is given up.
start_server() {
    enter server sh -c 'echo 4 >/proc/sys/net/ipv4/tcp_retries2
        exec gearmand --log-file=stderr --verbose="${VERBOSE:-ERROR}" --threads=1 --job-retries=2 \
            --keepalive --keepalive-idle=2 --keepalive-interval=1 --keepalive-count=2 "$@"' \
        gearmand "$@" >>/run/server.log 2>&1 &
    server=$!
    disown
    await 10 server_says version 'OK .*' || { echo "no job server"; cat /run/server.log; return 1; } >&2
}

# server_says COMMAND REGEX: gearmand's answer, in the text protocol of its port, has such a line.
server_says() {
    on client timeout 5 bash -c 'exec 3<>/dev/tcp/10.99.0.2/4730 && echo "$0" >&3 && sed "/^\.\|^OK/q" <&3' \
        "$1" 2>/dev/null | grep -qE "$2"
}

# start_nodes NUMBER... [-- OPTION...]: nodes, which are in node[NUMBER], and wait for them.
start_nodes() {
    local numbers=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        numbers+=("$1")
        shift
    done
    for number in "${numbers[@]}"; do
        enter "node$number" "$BUILD/06_errors/far/node" "${@:2}" >>/run/nodes.log 2>&1 &
        node[number]=$!
        disown
    done
    await 10 nodes_are_there || { echo "no nodes"; cat /run/nodes.log; return 1; } >&2
}

# The nodes' lanes, which are their threads but for the first.
lanes() {
    local lanes=0 pid
    for pid in "${node[@]}"; do
        lanes=$((lanes + $(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l) - 1))
    done
    echo "$lanes"
}
nodes_are_there() { server_says status "^nap	[0-9]*	[0-9]*	$(lanes)\$"; }

# Wait until so many tasks of that function run.
await_running() { await 20 server_says status "^$2	[0-9]*	$1	"; }

kill_node() {
    kill -KILL "${node[$1]}" && await 10 is_gone "${node[$1]}"
    unset "node[$1]"
}

# The whole machine at once: no word of it reaches another one.
power_off() {
    cut_link "$1"
    ip netns pids "$1" | xargs -r kill -KILL 2>/dev/null
    unset "node[${1#node}]"
}

restart_server() {
    kill -KILL "$server" && await 10 is_gone "$server" && start_server
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# start_sshd NUMBER...: an ssh server on these nodes, with a key that only this run has, and
# on_nodes, GNU parallel over them. Its ssh gives a silent machine up after 3 s. The home is not the
# reader's: there each login would run the shell's start files, which may wait for one another.
start_sshd() {
    local number
    mkdir -p /run/sshd /run/ssh
    ssh-keygen -q -t ed25519 -N "" -f /run/ssh/key
    printf '%s\n' "HostKey /run/ssh/key" "AuthorizedKeysFile /run/ssh/key.pub" "UsePAM no" \
        "StrictModes no" "PidFile none" "PermitRootLogin yes" "SetEnv HOME=/run/ssh" \
        >/run/ssh/sshd_config
    printf '%s\n' "IdentityFile /run/ssh/key" "StrictHostKeyChecking no" "LogLevel ERROR" \
        "UserKnownHostsFile /dev/null" "ConnectTimeout 3" "ServerAliveInterval 1" \
        "ServerAliveCountMax 3" >/run/ssh/config
    logins=()
    for number in "$@"; do
        printf '%s\n' "Host node$number" "HostName 10.99.0.$((number + 2))" >>/run/ssh/config
        logins+=(--sshlogin "2/node$number")
        enter "node$number" "$(command -v sshd)" -D -e -f /run/ssh/sshd_config \
            >>"/run/sshd.log" 2>&1 &
        disown
        await 10 on client ssh -F /run/ssh/config "node$number" true 2>/dev/null ||
            { echo "no sshd"; cat /run/sshd.log; return 1; } >&2
    done
}
on_nodes() {
    HOME=/run on client parallel --no-notice --ssh "ssh -F /run/ssh/config" "${logins[@]}" "$@"
}

cut_link() { ip link set "$1" down; }
mend_link() { ip link set "$1" up; }

# ---- The machines --------------------------------------------------------------------

make_machines() {
    local machine number=0
    mount -t tmpfs -o mode=755 none /run && mkdir /run/netns &&
        ip link set lo up && ip link add switch type bridge && ip link set switch up || return
    for machine in client server node1 node2 node3; do
        number=$((number + 1))
        ip netns add "$machine" &&
            ip link add "$machine" type veth peer name eth0 netns "$machine" &&
            ip link set "$machine" master switch up &&
            ip -n "$machine" address add "10.99.0.$number/24" dev eth0 &&
            ip -n "$machine" link set eth0 up && ip -n "$machine" link set lo up || return
    done
}

if [ "${1:-}" = --inside ]; then
    make_machines || exit 77
    export GEARMAN_SERVERS=10.99.0.2 TMPDIR=/run
    node=()
    script=$2
    shift 2
    # shellcheck source=/dev/null
    . "$script"
    exit
fi

for tool in unshare nsenter ip setpriv hostname; do
    command -v "$tool" >/dev/null || {
        echo "machines.sh: no $tool here (packages iproute2, util-linux, hostname)" >&2
        exit 77
    }
done
OUTER_UID=$(id -u) # inside, each user is root, but not root enough for sshd
export OUTER_UID
namespaces=(--net --mount --pid --ipc --uts --fork --kill-child --mount-proc)
[ "$(id -u)" -eq 0 ] || namespaces+=(--user --map-root-user)
if ! unshare "${namespaces[@]}" true; then
    echo "machines.sh: this system does not let $(id -un) make namespaces" >&2
    exit 77
fi
# The inner shell is the first process of its namespace: with it, all of them end. It dies with
# unshare, unshare with this shell.
setpriv --pdeathsig KILL unshare "${namespaces[@]}" \
    bash "$here/machines.sh" --inside "$@" <&0 &
trap 'kill -KILL $(</proc/$!/task/$!/children); wait $!; exit 130' INT TERM HUP
wait $!
