# roster.sh: the trees of a class. Sourced by grade.sh and similar.sh, after common.sh.
#   EXERCISES_TREES  trees, separated by white space
#   ROSTER           or a file with a tree in each line, and after a tab the student's name; or,
#                    with zero bytes between them, trees of any name
# shellcheck shell=bash
: "${EXERCISES_TREES:=}" "${ROSTER:=}"
class=$BUILD/class

# Trees and names, each with a number, in $class/trees: a file for each, so that a name may hold
# anything.
read_roster() {
    local one count=0 names=()
    rm -rf -- "$class/trees" && mkdir -p -- "$class/trees" || exit 2
    if [ -n "$ROSTER" ]; then
        [ -r "$ROSTER" ] || {
            echo "ROSTER: that file can't be read." >&2
            exit 2
        }
        if [ "$(tr -d '\0' <"$ROSTER" | wc -c)" != "$(wc -c <"$ROSTER")" ]; then
            mapfile -d '' -t names <"$ROSTER"
        else
            mapfile -t names < <(sed '1s/^\xef\xbb\xbf//' "$ROSTER" | tr -d '\r' | grep -vE '^[[:space:]]*(#|$)')
        fi
    else
        read -r -d '' -a names <<<"$EXERCISES_TREES"
    fi
    for one in "${names[@]}"; do
        count=$((count + 1))
        printf '%s' "${one%%$'\t'*}" >"$class/trees/$(printf %04d "$count")"
        printf '%s' "${one##*$'\t'}" >"$class/trees/$(printf %04d "$count").name"
    done
    if [ "$count" -eq 0 ]; then
        echo 'Which trees? make grade-class DIRS="one two three", or ROSTER=file' >&2
        exit 2
    fi
}

indices() { find "$class/trees" -name '[0-9]*' ! -name '*.name' -exec basename {} \; | sort; }

# A name that starts with a dash is a name.
read_tree() {
    IFS= read -r -d '' tree <"$class/trees/$1"
    case $tree in -*) tree=./$tree ;; esac
}
