#!/usr/bin/env bash
# check.sh BUILD: check the texts with tools that are not on every machine. All of them are needed:
# a check that is left out has not passed.
set -u
build=$1
work=$build/text
failed=0
rm -rf "$work"
mkdir -p "$work"

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    failed=1
}

need() {
    command -v "$1" >/dev/null || {
        fail "no $1 (package $2)"
        return 1
    }
}

# Neither the order of lines is compared nor what differs from run to run.
shape() { sed -E "s/'Failed with [^']*'/N/g; s/[0-9]+(\.[0-9]+)?/N/g; s/ += +/=/" "$1" | sort; }

# Each block of Python runs; if a comment says so, it prints what the program in C prints.
check_python() {
    local readme block like name
    for readme in 0?_*/README.md; do
        name=$work/${readme%/README.md}
        mkdir -p "$name"
        awk -v dir="$name" -f tests/text/blocks.awk "$readme"
        for block in "$name"/*.python; do
            [ -e "$block" ] || {
                fail "$readme has no Python"
                continue
            }
            if ! timeout 60 python3 "$block" >"$block.out" </dev/null; then
                fail "$readme: this Python does not run: $block"
                continue
            fi
            like=$(sed -n 's/^prints as //p' "${block%.python}.note" 2>/dev/null)
            [ -n "$like" ] || continue
            # shellcheck disable=SC2086 # a program and its arguments
            "$build"/$like >"$block.like" </dev/null
            diff <(shape "$block.like") <(shape "$block.out") ||
                fail "$readme: this Python does not print what $like prints: $block"
        done
    done
}

check_spelling() {
    # Check the spelling of all texts, comments included.
    git ls-files | grep -E '\.(md|c|h|sh|bash|bats|awk|mk|gp|py|pml)$|^Makefile$|^\.ci/run$' |
        xargs codespell --ignore-words tests/text/words || fail 'spelling'
}

# Pictures are drawn; every colour of theirs has a contrast of at least 3 with white and with a
# dark page (#0d1117); white is for what stands on a bar.
check_pictures() {
    local picture
    bash tests/text/pictures.sh "$build" "$work/pictures" || fail 'no pictures'
    for picture in "$work"/pictures/*/*.svg 0?_*/*.svg; do
        [ "$(grep -c '<title>' "$picture")" -eq 1 ] || fail "$picture: one title"
        awk -f tests/text/contrast.awk "$picture" || fail "$picture"
    done
    [ "$(find "$work/pictures" -name '*.svg' | wc -l)" -eq "$(git ls-files '0*.svg' | wc -l)" ] ||
        fail 'not all pictures were drawn'
}

check_man() {
    local page
    make --no-print-directory BUILD="$build" man >/dev/null 2>"$work/doxygen" || fail 'no man pages'
    [ ! -s "$work/doxygen" ] || fail "doxygen says: $(cat "$work/doxygen")"
    for page in pool pool_options task program future error crash; do
        [ -s "$build/man/man3/$page.h.3" ] || fail "no page for $page.h"
        ! grep -q '/\*\|__attribute__' "$build/man/man3/$page.h.3" || fail "C in the page of $page.h"
    done
    [ "$(cat "$build/man/man3/pool_submit.3")" = '.so man3/pool.h.3' ] || fail 'no page for pool_submit'
    # A page that is another one has it.
    while read -r page; do
        [ -s "$build/man/$page" ] || fail "no $page"
    done < <(sed -n 's/^\.so //p' "$build"/man/man3/* | sort -u)
}

# As the front page says: the library, found by pkg-config.
check_pkg_config() {
    local prefix=$work/usr flags
    make --no-print-directory BUILD="$build" install PREFIX="$(realpath "$work")/usr" >/dev/null ||
        fail 'make install'
    flags=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs processpool)
    # shellcheck disable=SC2086 # several words
    "${CC:-cc}" -o "$work/example" tests/text/example.c $flags
    [ "$("$work/example")" = 144 ] || fail "the example with $flags"
}

need python3 python3 && check_python
need codespell codespell && check_spelling
need gnuplot gnuplot-nox && need dot graphviz && check_pictures
need doxygen doxygen && check_man
need pkg-config pkg-config && check_pkg_config
[ "$failed" -eq 0 ] && echo 'The texts are good.'
