#!/usr/bin/env bash
# show.sh [PART]...: for machines.sh: what `make far` shows; all of it, or these parts, in the
# order in which they stand here.
# shellcheck disable=SC2154,SC2317 # variables of machines.sh; functions called by name

now() { cut -d' ' -f1 /proc/uptime; }
begin() {
    printf '\n--- %s\n' "$*"
    start=$(now)
}
end() { awk -v a="$start" -v b="$(now)" 'BEGIN { printf "--- took %.1f s\n", b - a }'; }
far() { on client "$BUILD/06_errors/far/$1" "${@:2}"; }
start() {
    enter client "$BUILD/06_errors/far/$1" "${@:2}" &
    client=$!
}

now_it_is() {
    case $1 in
    kill_node) echo "node$2 is killed" ;;
    power_off) echo "$2 has lost its power" ;;
    stop_node) echo "node$2 is stopped" ;;
    restart_server) echo "the job server is killed and started again" ;;
    esac
}

stop_node() { kill -STOP "${node[$1]}"; }

squares() {
    begin "squares, on three machines"
    far squares
    end
}

checksum() {
    begin "checksum of ${#files[@]} files, on three machines"
    if far checksum "${files[@]}" | cmp - <(cksum "${files[@]}"); then
        echo "the same as cksum, to the byte"
    fi
    end
}

# disturbed FUNCTION COMMAND [ARGUMENT]... -- PROGRAM [ARGUMENT]...: when each lane of the nodes is
# at work for that program, do it.
disturbed() {
    local function=$1 command=()
    shift
    while [ "$1" != -- ]; do
        command+=("$1")
        shift
    done
    start "${@:2}"
    await_running "$(lanes)" "$function"
    "${command[@]}"
    echo "... $(now_it_is "${command[@]}")"
    wait "$client"
    end
}

killed() {
    begin "squares --nap 600; a node is killed"
    disturbed do_work kill_node 1 -- squares --nap 600
    start_nodes 1
}

power() {
    begin "squares --nap 600; a machine loses its power"
    disturbed do_work power_off node2 -- squares --nap 600
}

stopped() {
    begin "squares --nap 600 --patience 2000; a node is stopped"
    disturbed do_work stop_node 3 -- squares --nap 600 --patience 2000
    kill -CONT "${node[3]}" && await 10 nodes_are_there
}

twice() {
    begin "ledger --nap 600 --patience 1500; a node is stopped: tasks run twice"
    disturbed append stop_node 3 -- ledger --nap 600 --patience 1500
    kill -CONT "${node[3]}" && await 10 nodes_are_there

    begin "ledger --nap 600 --patience 1500 --once; a node is stopped: that does no harm"
    disturbed append_once stop_node 3 -- ledger --nap 600 --patience 1500 --once
    kill -CONT "${node[3]}" && await 10 nodes_are_there
}

restart() {
    begin "squares --nap 600; the job server is killed and started again"
    disturbed do_work restart_server -- squares --nap 600
}

parallel() {
    if [ "$OUTER_UID" -ne 0 ] || ! command -v sshd >/dev/null || ! type -P parallel >/dev/null; then
        echo "Not shown: parallel over ssh (root, and apt-get install parallel openssh-server)"
        return
    fi
    begin "GNU parallel over ssh: checksum in batches of 100, on two machines"
    start_sshd 1 3 || exit
    if printf '%s\n' "${files[@]}" | on_nodes -k -n 100 --retries 3 --joblog /run/log \
        --workdir "$PWD" "$BUILD/06_errors/checksum" | cmp - <(cksum "${files[@]}"); then
        awk 'NR > 1 { batches[$2]++ }
            END { for (host in batches) print batches[host], "batches on", host }' /run/log | sort -k 4
    fi
    end
}

start_server && start_nodes 1 2 3 || exit
echo "client, server, node1, node2, node3: each in a network of its own, on one bridge."
mapfile -t files < <(git ls-files 2>/dev/null | grep . || find . -type f | head -n 1000)
for part in squares checksum killed power stopped twice restart parallel; do
    if [ $# -eq 0 ] || [[ " $* " == *" $part "* ]]; then "$part"; fi
done
