#!/usr/bin/env bash
# dev_container.sh: build the image of .devcontainer, start it as the editors do, and in it build
# the tree, run chapter 1 and judge the solutions, as the container's root and as another user. For
# make check-container.
#
# It needs podman, or docker, or buildah. BASE=image is the image to begin with; without it, where
# root has debootstrap, a Debian is made here, since a registry may be out of reach.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."

for engine in podman docker buildah none; do
    command -v "$engine" >/dev/null && break
done
if [ "$engine" = none ]; then
    echo "LEFT OUT: there is no podman, docker or buildah here, so no container was built."
    echo "On Debian: apt-get install podman buildah runc"
    exit 0
fi

work=$(mktemp -d /var/tmp/container.XXXXXX) # some gigabytes
store=()
[ "$engine" = docker ] || store=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
image=localhost/processes-dev
trap 'rm -rf --one-file-system -- "$work"' EXIT
call() { "$engine" "${store[@]}" "$@"; }

# A base image from the packages of this machine's mirror.
make_base() {
    local suite=bookworm mirror
    mirror=${MIRROR:-http://deb.debian.org/debian}
    debootstrap --variant=minbase "$suite" "$work/base" "$mirror" >"$work/log" 2>&1 || {
        tail -n 5 "$work/log"
        exit 1
    }
    tar -C "$work/base" -cf "$work/base.tar" .
    rm -rf --one-file-system -- "$work/base"
    BASE=localhost/base
    case $engine in
    buildah)
        local container
        container=$(call from scratch)
        call add -q "$container" "$work/base.tar" / >/dev/null
        call commit -q "$container" "$BASE" >/dev/null
        call rm "$container" >/dev/null
        ;;
    *) call import "$work/base.tar" "$BASE" >/dev/null 2>&1 ;;
    esac
    rm -- "$work/base.tar"
}

build() {
    local how=(build -t "$image" -f .devcontainer/Dockerfile)
    [ -z "${BASE:-}" ] || how+=(--build-arg BASE="$BASE")
    # Steps of a build need no more than a root directory of their own.
    [ "$engine" = docker ] || how+=(--isolation chroot)
    call "${how[@]}" . >"$work/log" 2>&1 || {
        tail -n 20 "$work/log"
        echo "The image was not built."
        exit 1
    }
}

# Some machines that are containers themselves may not raise limits, and not have crun: the
# variants, the editors' own first. Without any, buildah changes the root directory only.
start() {
    local limits variant container
    limits="--ulimit nofile=$(ulimit -Sn):$(ulimit -Sn) --ulimit nproc=4096:4096"
    local arguments=(--rm --network none --cap-add=SYS_PTRACE --security-opt=seccomp=unconfined
        -v "$work/tree:/tree" -w /tree)
    if [ "$engine" != buildah ]; then
        for variant in "" "$limits" "--runtime runc $limits"; do
            # shellcheck disable=SC2086 # options
            if call run $variant "${arguments[@]}" "$image" true 2>"$work/log"; then
                echo "Started by $engine run $variant"
                # shellcheck disable=SC2086
                call run $variant "${arguments[@]}" "$image" "$@"
                return
            fi
            echo "Not started by $engine run $variant: $(tail -n 1 "$work/log")"
        done
        return 1
    fi
    container=$(call from --pull-never "$image")
    echo "Started by buildah run --isolation chroot"
    call run --isolation chroot -v "$work/tree:/tree" --workingdir /tree "$container" -- "$@"
}

mkdir "$work/tree"
git ls-files -z | xargs -0 tar -cf - | tar -xf - -C "$work/tree"
[ -n "${BASE:-}" ] || ! command -v debootstrap >/dev/null || [ "$(id -u)" -ne 0 ] || make_base
build
# What is built there by root is also another user's to use.
# shellcheck disable=SC2016 # for the shell in the container
start sh -euc '
for tool in gcc clang make bats valgrind gdb man inotifywait entr; do
    command -v "$tool" >/dev/null || { echo "There is no $tool in the container." >&2; exit 1; }
done
make -j2 all test-programs >/dev/null
make 01_fork
bash tests/exercises/matrix.sh solutions
chown -R 1000:1000 /tree
setpriv --reuid=1000 --regid=1000 --clear-groups bash tests/exercises/matrix.sh solutions'
echo "The development container was built and started."
