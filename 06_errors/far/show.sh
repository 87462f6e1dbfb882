#!/usr/bin/env bash
# show.sh: for machines.sh: what `make far` shows.
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

# disturb FUNCTION COMMAND...: when each lane of the nodes is at work.
disturb() {
    await_running "$(lanes)" "$1"
    "${@:2}"
    echo "... $(now_it_is "${@:2}")"
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

start_server && start_nodes 1 2 3 || exit
echo "client, server, node1, node2, node3: each in a network of its own, on one bridge."

begin "squares, on three machines"
far squares
end

mapfile -t files < <(find . -path ./.git -prune -o -type f -print | head -n 2000)
begin "checksum of ${#files[@]} files, on three machines"
if far checksum "${files[@]}" | cmp - <(cksum "${files[@]}"); then
    echo "the same as cksum, to the byte"
fi
end

begin "squares --nap 600; a node is killed"
start squares --nap 600
disturb do_work kill_node 1
wait "$client"
end
start_nodes 1

begin "squares --nap 600; a machine loses its power"
start squares --nap 600
disturb do_work power_off node2
wait "$client"
end

begin "squares --nap 600 --patience 2000; a node is stopped"
start squares --nap 600 --patience 2000
disturb do_work stop_node 3
wait "$client"
end
kill -CONT "${node[3]}"

begin "ledger --nap 600 --patience 1500; a node is stopped: tasks run twice"
start ledger --nap 600 --patience 1500
disturb append stop_node 3
wait "$client"
end
kill -CONT "${node[3]}"
await 10 nodes_are_there

begin "ledger --nap 600 --patience 1500 --once; a node is stopped: that does no harm"
start ledger --nap 600 --patience 1500 --once
disturb append_once stop_node 3
wait "$client"
end
kill -CONT "${node[3]}"
await 10 nodes_are_there

begin "squares --nap 600; the job server is killed and started again"
start squares --nap 600
disturb do_work restart_server
wait "$client"
end

if [ "$(id -u)" -ne 0 ] || ! command -v parallel sshd >/dev/null; then
    echo "Not shown: parallel over ssh (needs root, and apt-get install parallel openssh-server)"
    exit
fi
begin "GNU parallel over ssh: checksum in batches of 100, on two machines"
start_sshd 1 3 || exit
if printf '%s\n' "${files[@]}" | on_nodes -k -n 100 --retries 3 --joblog /run/log \
    --workdir "$PWD" "$BUILD/06_errors/checksum" | cmp - <(cksum "${files[@]}"); then
    awk 'NR > 1 { batches[$2]++ }
        END { for (host in batches) print batches[host], "batches on", host }' /run/log | sort -k 4
fi
end
