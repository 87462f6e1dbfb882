# processes.bash: what there is to know about processes, from /proc and without procps. For
# helpers.bash, and for scripts that a test runs.
# shellcheck shell=bash

# all_processes: "pid parent session state name" of each, one in a line.
all_processes() {
    local file line rest name state parent session
    for file in /proc/[0-9]*/stat; do
        # It may end while it is looked at.
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

# until_true COMMAND...: wait for it, 20 s at most.
until_true() {
    for _ in $(seq 400); do
        if "$@"; then return 0; fi
        sleep 0.05
    done
    echo "never: $*" >&2
    return 1
}
