#!/usr/bin/env bats
# The texts: what they quote is in the sources, what they show is what the programs print,
# what they name exists.

load helpers

readmes=(README.md 0?_*/README.md)

# blocks FILE LANGUAGE: the fenced blocks of that language, each ended by a zero byte.
blocks() {
    awk -v language="$2" '
        /^```/ && inside { inside = 0; printf "%s%c", text, 0; next }
        $0 == "```" language { inside = 1; text = ""; next }
        /^```/ { other = !other }
        inside { text = text $0 "\n" }' "$1"
}

for_each_readme() {
    local readme
    for readme in "${readmes[@]}"; do
        [ -f "$readme" ] || continue
        echo "in $readme:"
        "$1" "$readme"
    done
}

quotes() {
    local dir block sources
    dir=$(dirname "$1")
    sources=$(find "$dir" -name build -prune -o -name '*.[ch]' -exec cat {} +)
    while IFS= read -r -d '' block; do
        if [[ $sources != *"${block%$'\n'}"* ]]; then
            printf 'not in the sources of %s:\n%s' "$dir" "$block"
            return 1
        fi
    done < <(blocks "$1" c)
}

@test "README: quoted C stands so in a source file of the chapter" { for_each_readme quotes; }

# Numbers, addresses and the order of lines differ from run to run, and so does how far a task
# is when it was just submitted.
shape() {
    sed -E -e '/^submitted: /s/state=(running|finished)/state=pending/' \
        -e 's/0x[0-9a-f]+/ADDRESS/g' -e 's/[0-9]+/N/g' | sort
}

shows() {
    local program block
    # <!-- output of: PROGRAM ARGUMENTS --> and then a block.
    while read -r -a program; do
        block=$(awk -v mark="<!-- output of: ${program[*]} -->" '
            $0 == mark { found = 1; next }
            found && /^```/ { if (inside) exit; inside = 1; next }
            found && inside' "$1")
        [ -n "$block" ]
        run_program "$BUILD/${program[0]}" "${program[@]:1}"
        expect_equal "$(shape <<<"$output")" "$(shape <<<"$block")"
    done < <(sed -n 's/^<!-- output of: \(.*\) -->$/\1/p' "$1")
}

@test "README: shown output has the shape of real output" { for_each_readme shows; }

links() {
    local target
    while read -r target; do
        if ! [ -e "$(dirname "$1")/${target%%#*}" ]; then
            echo "no such file: $target"
            return 1
        fi
    done < <(grep -oE '\]\([^)]+\)' "$1" | sed -E 's/^\]\((.*)\)$/\1/' | grep -v '^https\?:')
}

@test "README: links lead somewhere" { for_each_readme links; }

@test "README: every make target that is named exists" {
    targets=$(env -u MAKEFLAGS make -npq 2>/dev/null | sed -n 's/^\.PHONY: //p' | tr ' ' '\n')
    named=$(cat "${readmes[@]}" 2>/dev/null | grep -oE '(^    |`)make [a-z0-9_-]+' | awk '{ print $2 }' |
        sort -u)
    [ "$(wc -l <<<"$named")" -ge 8 ]
    expect_equal "$(grep -vxF -f <(echo "$targets") <<<"$named")" ""
}

sections() {
    [ "$1" = README.md ] && return
    expect_equal "$(sed -n 's/^## //p' "$1" | tr '\n' ',')" \
        "Goal,New here,Run it,How it works,Python beside C,Try it,Exercises,"
}

@test "README: every chapter has the same sections" { for_each_readme sections; }
