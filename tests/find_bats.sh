#!/usr/bin/env bash
# find_bats.sh BUILD: print the path of a bats, 1.7 or later; fetch one into BUILD with npm,
# without root, if there is none; else say how to get it.
set -u
build=${1:-build}
local_bats=$build/npm/node_modules/bats/bin/bats

new_enough() {
    local version
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version##* }
    [ "$(printf '%s\n' 1.7.0 "$version" | sort -V | head -n 1)" = 1.7.0 ]
}

for bats in "$(command -v bats)" "$local_bats"; do
    if [ -n "$bats" ] && [ -x "$bats" ] && new_enough "$bats"; then
        echo "$bats"
        exit 0
    fi
done

if command -v npm >/dev/null; then
    echo "bats is not installed: fetching it with npm into $build/npm" >&2
    if npm install --silent --no-save --no-audit --no-fund --prefix "$build/npm" bats@1 >&2 &&
        new_enough "$local_bats"; then
        echo "$local_bats"
        exit 0
    fi
    echo "npm could not fetch it." >&2
fi
cat >&2 <<EOF
The tests need bats 1.7 or later. One of these gets it:
    apt-get install bats        (Debian, Ubuntu; as root)
    dnf install bats            (Fedora; as root)
    apk add bats bash           (Alpine; as root)
    brew install bats-core      (Homebrew)
    npm install -g bats         (anywhere with npm)
EOF
exit 1
