#!/usr/bin/env bash
# faults.sh PROGRAM: every system call that the pool makes fails once, in each process, at each
# of its occurrences; PROGRAM (faulty.c) must work, or be refused something cleanly, and nobody
# be left. Prints a table; strace does the work. With call names: only those.
set -u

program=$1
shift
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export POOL_TRACE=$directory/trace.json

# What can happen to each call, on a system that is short of something or that forbids it.
faults=(
    clone:EAGAIN clone:ENOMEM
    mmap:ENOMEM munmap:ENOMEM madvise:ENOMEM madvise:EAGAIN brk:ENOMEM
    wait4:EINTR waitid:EINTR
    kill:EPERM prctl:EPERM
    futex:EINTR futex:EAGAIN futex:ENOMEM
    rt_sigtimedwait:EINTR rt_sigtimedwait:EAGAIN
    rt_sigprocmask:EPERM rt_sigaction:EINVAL
    sched_getaffinity:EINVAL sched_getaffinity:EPERM prlimit64:EPERM
    openat:EMFILE openat:ENFILE openat:EACCES openat:ENOSPC
    write:EINTR write:ENOSPC write:EIO write:EAGAIN close:EINTR close:EIO
)

# How often the process that makes a call most often makes it.
strace -ff -qq -o "$directory/count" "$program" >/dev/null || {
    echo "$program does not work even without faults, or strace does not"
    exit 1
}
occurrences() {
    grep -c "^$1(" "$directory"/count.* | sed 's/.*://' | sort -n | tail -1
}

survivors() { ps -s "$1" -o pid=,stat=,comm= | awk '$2 !~ /^Z/'; }

failed=0
printf '%-18s %-7s %5s  %6s %8s %6s\n' call error times worked refused wrong
for fault in "${faults[@]}"; do
    call=${fault%:*} error=${fault#*:}
    if [ $# -gt 0 ] && [[ " $* " != *" $call "* ]]; then
        continue
    fi
    times=$(occurrences "$call")
    worked=0 refused=0 wrong=0 said=()
    if [ "$times" -gt 40 ]; then
        times=40
    fi
    if [ "$call" = munmap ]; then
        export MAPPING_MAY_STAY=1
    else
        unset MAPPING_MAY_STAY
    fi
    for ((n = 1; n <= times; n++)); do
        setsid timeout -k 1 20 strace -f -qq -o /dev/null -e "trace=$call" \
            -e "inject=$call:error=$error:when=$n" "$program" \
            >"$directory/out" 2>"$directory/err" </dev/null 3>&- &
        leader=$! status=0
        wait "$leader" || status=$?
        left=$(survivors "$leader")
        if [ -n "$left" ]; then
            sleep 1
            left=$(survivors "$leader")
        fi
        if [ "$status" -eq 0 ] && [ -z "$left" ]; then
            worked=$((worked + 1))
        elif [ "$status" -eq 3 ] && [ -z "$left" ]; then
            refused=$((refused + 1))
            said+=("$(cut -d';' -f1 "$directory/out" | head -n 1)")
        else
            wrong=$((wrong + 1))
            said+=("$n: status $status $(head -c 300 "$directory/err") ${left:+left: $left}")
            [ -z "$left" ] || pkill -KILL -s "$leader"
        fi
    done
    printf '%-18s %-7s %5s  %6s %8s %6s' "$call" "$error" "$times" "$worked" "$refused" "$wrong"
    [ ${#said[@]} -eq 0 ] || printf '  %s' "$(printf '%s\n' "${said[@]}" | sort -u | paste -sd'|')"
    printf '\n'
    failed=$((failed + wrong))
done
[ "$failed" -eq 0 ]
