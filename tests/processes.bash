# processes.bash: find processes by /proc, without procps; how long to wait for them on this
# machine. For helpers.bash, and for scripts that tests and checks run.
# shellcheck shell=bash

# all_processes: "pid parent session state name" of each, one in a line.
all_processes() {
    local file line rest name state parent session
    for file in /proc/[0-9]*/stat; do
        # The process may end meanwhile.
        line=
        IFS= read -r -d '' line 2>/dev/null <"$file" || [ -n "$line" ] || continue
        # The name, in parentheses, may have spaces and parentheses.
        name=${line#*\(} rest=${line##*\) }
        name=${name%\) *}
        read -r state parent _ session _ <<<"$rest"
        echo "${line%% *} $parent $session $state $name"
    done 2>/dev/null
}

# children_of PID: the pids of its children, zombies too, the lowest first.
children_of() { all_processes | awk -v parent="$1" '$2 == parent { print $1 }' | sort -n; }

# in_session SESSION [NAME]: "pid state name" of the session's processes (of that name, or whose
# name begins with it and a space). Zombies do not count.
in_session() {
    all_processes | awk -v session="$1" -v name="${2:-}" '$3 == session && $4 != "Z" {
        pid = $1; state = $4
        sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
        if (name == "" || index($0 " ", name " ") == 1) print pid, state, $0
    }'
}

# kill_session SIGNAL SESSION [NAME]
kill_session() {
    local pid
    for pid in $(in_session "$2" "${3:-}" | cut -d' ' -f1); do
        kill "-$1" "$pid" 2>/dev/null || true
    done
}

# guard SECONDS: print the time after which a test may give up, in whole seconds: SECONDS, for an
# ordinary machine, times the measured slowness of this one (tests/check/machine.h).
guard() {
    awk -v seconds="$1" -v factor="${MACHINE_FACTOR:-1}" \
        'BEGIN { t = seconds * factor; print int(t) + (int(t) < t) }'
}

# measure_machine BUILD: set MACHINE and MACHINE_FACTOR to what this machine needs just now. If they
# are set, and say that it needed more, they stay.
measure_machine() {
    local factor=${MACHINE_FACTOR:-1} text=${MACHINE:-}
    eval "$(env -u MACHINE -u MACHINE_FACTOR "$1/tests/check/measure")"
    if awk "BEGIN { exit !($factor > $MACHINE_FACTOR) }"; then
        MACHINE_FACTOR=$factor MACHINE=$text
    fi
    export MACHINE MACHINE_FACTOR
}

# wait_until SECONDS COMMAND...: wait until the command succeeds; fail after guard SECONDS.
wait_until() {
    local most end
    most=$(guard "$1")
    end=$((SECONDS + most + 1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || {
            printf 'waited %s s for: %s\nmachine: %s\n' "$most" "$*" "${MACHINE:-not measured}" >&2
            return 1
        }
        sleep 0.02
    done
}

# until_true COMMAND...: the same, for 20 seconds, scaled.
until_true() { wait_until 20 "$@"; }
