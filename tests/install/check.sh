#!/usr/bin/env bash
# check.sh MAKE BUILD: use the installed library as other programs do: from C++, CMake and Python.
# Called by `make check-install`.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
make=$1
root=$(cd ../.. && pwd)
build=$(cd "$root" && mkdir -p "$2" && cd "$2" && pwd)
prefix=$build/install/usr outside=$build/install/outside
rm -rf "$prefix" "$outside"
mkdir -p "$outside"

for tool in g++ cmake python3 pkg-config doxygen; do
    command -v "$tool" >/dev/null || {
        echo "check-install needs $tool" >&2
        exit 1
    }
done

# says WHAT EXPECTED COMMAND...
says() {
    local said
    said=$("${@:3}") || {
        echo "$1: status $?: $said"
        exit 1
    }
    [ "$said" = "$2" ] || {
        printf '%s says: %s\nexpected: %s\n' "$1" "$said" "$2"
        exit 1
    }
    echo "$1: ok"
}

"$make" --no-print-directory -C "$root" BUILD="$2" man >/dev/null 2>&1
"$make" --no-print-directory -C "$root" BUILD="$2" PREFIX="$prefix" install >/dev/null
[ -s "$prefix/share/man/man3/program.h.3" ] # what uninstall takes away, too
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

for standard in c++11 c++17 c++20; do
    # shellcheck disable=SC2046 # several flags
    g++ -std=$standard -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -o "$outside/shared" uses.cpp \
        $(pkg-config --cflags --libs processpool)
    says "C++, $standard" 144 "$outside/shared"
done
readelf -d "$outside/shared" | grep -q 'NEEDED.*libprocesspool\.so\.1\]'
g++ -o "$outside/static" -I"$prefix/include" uses.cpp "$prefix/lib/libprocesspool.a" -pthread
says 'C++, static' 144 "$outside/static"

cat >"$outside/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.13)
project(uses LANGUAGES C CXX)
find_package(processpool 1.0 REQUIRED)
add_executable(shared $PWD/uses.cpp)
target_link_libraries(shared processpool::processpool)
add_executable(static $root/tests/text/example.c)
target_link_libraries(static processpool::static)
CMAKE
cmake -S "$outside" -B "$outside/cmake" -DCMAKE_PREFIX_PATH="$prefix" >"$outside/cmake.log"
cmake --build "$outside/cmake" >>"$outside/cmake.log"
says 'CMake, shared' 144 "$outside/cmake/shared"
says 'CMake, static' 144 "$outside/cmake/static"
# CMake must not find a version that is not installed.
sed 's/processpool 1.0/processpool 2.0/' "$outside/CMakeLists.txt" >"$outside/2"
mv "$outside/2" "$outside/CMakeLists.txt"
if cmake -S "$outside" -B "$outside/cmake" >/dev/null 2>&1; then
    echo 'CMake: version 1 passes for 2'
    exit 1
fi

says Python $'144\nkilled by signal 6 (Aborted)' python3 uses.py "$prefix/lib/libprocesspool.so.1"

# The tarball has everything that a build needs.
"$make" --no-print-directory -C "$root" BUILD="$2" dist >/dev/null
tar -xzf "$build"/processpool-1.0.tar.gz -C "$outside"
"$make" --no-print-directory -C "$outside/processpool-1.0" PREFIX="$outside/usr" install >/dev/null
"$make" --no-print-directory -C "$outside/processpool-1.0" PREFIX="$outside/usr" uninstall >/dev/null
[ ! -e "$outside/usr" ]
"$make" --no-print-directory -C "$outside/processpool-1.0" dist >/dev/null
diff <(tar -tzf "$build"/processpool-1.0.tar.gz) <(tar -tzf "$outside/processpool-1.0/build/processpool-1.0.tar.gz")
echo 'tarball: ok'

"$make" --no-print-directory -C "$root" BUILD="$2" PREFIX="$prefix" uninstall >/dev/null
[ ! -e "$prefix" ]
echo 'uninstall: ok'
