#!/usr/bin/env bash
# deps.sh: list what `make bench` can use and this machine lacks; as root on Debian or Ubuntu,
# install it.
# deps.sh have NAME: exit with status 0 if NAME is there.
set -u

openmp() {
    printf '#include <omp.h>\nint main(void) { return omp_get_num_threads() != 1; }\n' |
        "$1" -fopenmp -x c - -o /dev/null 2>/dev/null
}

have() {
    case $1 in
    glib) pkg-config --exists glib-2.0 ;;
    taskflow)
        # shellcheck disable=SC2086 # several flags
        printf '#if !__has_include(<taskflow/taskflow.hpp>)\n#error\n#endif\n' |
            "${CXX:-g++}" -std=c++17 ${CPPFLAGS-} -E -x c++ - ;;
    tbb) command -v "${CXX:-g++}" && pkg-config --exists tbb ;;
    uv) pkg-config --exists libuv ;;
    openmp-gcc) openmp gcc ;;
    openmp-clang) openmp clang ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

if [ "${1:-}" = have ]; then
    have "$2"
    exit
fi

# Those of the missing packages that this release has.
offered() {
    local package
    for package in "${missing[@]}"; do
        if apt-cache show "$package" >/dev/null 2>&1; then echo "$package"; fi
    done
}

# The name used here, the Debian packages, and what it is for.
missing=()
while read -r name packages purpose; do
    if have "$name"; then
        continue
    fi
    echo "missing: $name ($purpose), in Debian ${packages//,/, }"
    IFS=, read -r -a list <<<"$packages"
    missing+=("${list[@]}")
done <<'END'
python3 python3 the runner itself, and Python's pools
gnuplot gnuplot-nox the plots
parallel parallel GNU parallel
xargs findutils xargs
pkg-config pkg-config finds the libraries
glib libglib2.0-dev GThreadPool
tbb g++,libtbb-dev oneTBB
taskflow g++,libtaskflow-cpp-dev Taskflow, not in Debian 12
uv libuv1-dev libuv
openmp-gcc gcc OpenMP tasks, GCC's
openmp-clang clang,libomp-dev OpenMP tasks, LLVM's
valgrind valgrind make check-instructions
END

if [ ${#missing[@]} -eq 0 ]; then
    echo "make bench has all it can use."
elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && mapfile -t list < <(offered) &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${list[@]}"
else
    mapfile -t list < <(offered)
    echo "Without them, make bench leaves out what needs them. Debian, Ubuntu:"
    echo "    sudo apt-get install ${list[*]:-${missing[*]}}"
fi
