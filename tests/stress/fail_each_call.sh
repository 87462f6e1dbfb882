#!/usr/bin/env bash
# fail_each_call.sh PROGRAM [CALL...]: make every system call of the pool fail: in each run, every
# process has one occurrence of one call fail. PROGRAM (smoke_test.c) must either work or report an
# error, and itself checks that nothing is left behind. Prints a table; needs strace.
set -u
# shellcheck source=tests/processes.bash
source "$(dirname "$(readlink -f "$0")")/../processes.bash"

program=$1
shift
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export POOL_TRACE=$directory/trace.json

# The errors that each call has on a system that is short of something or forbids it.
faults=(
    clone:EAGAIN clone:ENOMEM clone3:EAGAIN
    mmap:ENOMEM munmap:ENOMEM madvise:ENOMEM madvise:EAGAIN brk:ENOMEM mprotect:ENOMEM
    wait4:EINTR waitid:EINTR
    kill:EPERM prctl:EPERM
    futex:EINTR futex:EAGAIN futex:ENOMEM

    sched_getaffinity:EINVAL sched_getaffinity:EPERM prlimit64:EPERM
    openat:EMFILE openat:ENFILE openat:EACCES openat:ENOSPC
    write:EINTR write:ENOSPC write:EIO write:EAGAIN
)
# These calls fail every time, from the first on.
for_ever=(mmap:ENOMEM munmap:ENOMEM madvise:ENOMEM clone:EAGAIN openat:EMFILE write:ENOSPC
    sched_getaffinity:ENOSYS prctl:EPERM)

# The number of times that a call is made by the process that makes it most often.
"$program" -ff -o "$directory/count" >/dev/null || {
    echo "$program does not work even without faults, or strace does not"
    exit 1
}
occurrences() {
    grep -c "^$1(" "$directory"/count.* /dev/null | sed 's/.*://' | sort -n | tail -1
}

failed=0 tried=0 limit=$(guard 40)

# try CALL ERROR TIMES WHEN...: a line of the table.
try() {
    local call=$1 error=$2 times=$3 worked=0 refused=0 wrong=0 said=() status when
    shift 3
    if [ "$call" = munmap ]; then
        export MAPPING_MAY_STAY=1 # a program can do nothing about that failure
    else
        unset MAPPING_MAY_STAY
    fi
    for when; do
        status=0
        timeout -k 1 "$limit" "$program" -e "trace=$call" \
            -e "inject=$call:error=$error:when=$when" \
            >"$directory/out" 2>"$directory/err" </dev/null || status=$?
        case $status in
        0) worked=$((worked + 1)) ;;
        3)
            refused=$((refused + 1))
            said+=("$(cut -d';' -f1 "$directory/out" | head -n 1)")
            ;;
        *)
            wrong=$((wrong + 1))
            said+=("$when: status $status $(head -c 300 "$directory/err")")
            ;;
        esac
    done
    printf '%-18s %-7s %5s  %6s %8s %6s' "$call" "$error" "$times" "$worked" "$refused" "$wrong"
    [ ${#said[@]} -eq 0 ] || printf '  %s' "$(printf '%s\n' "${said[@]}" | sort -u | paste -sd'|')"
    printf '\n'
    failed=$((failed + wrong))
    tried=$((tried + $#))
}

chosen() { [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }

only=("$@")
printf '%-18s %-7s %5s  %6s %8s %6s\n' call error times worked refused wrong
for fault in "${faults[@]}"; do
    times=$(occurrences "${fault%:*}")
    if chosen "${fault%:*}" && [ "$times" -gt 0 ]; then
        mapfile -t when < <(seq "$times")
        try "${fault%:*}" "${fault#*:}" "$times" "${when[@]}"
    fi
done
for fault in "${for_ever[@]}"; do
    if chosen "${fault%:*}"; then
        try "${fault%:*}" "${fault#*:}" all 1+
    fi
done
echo "$tried runs with failing calls, $failed of them wrong"
[ "$failed" -eq 0 ] && [ "$tried" -gt 0 ]
