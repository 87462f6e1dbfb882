# text.bash: for text.bats: each function looks for one kind of fault in one README, prints
# what it finds, and fails if it found something.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

ALL_READMES=(README.md 0?_*/README.md 03_pool/inside/README.md)
CHAPTERS=(0?_*)

# Every page of the tree but the glossary.
PAGES=("${ALL_READMES[@]}" 03_pool/inside/FORK.md 06_errors/YOUR_PROGRAM.md 06_errors/far/README.md
    tests/*.md tests/*/*.md 0?_*/exercises/*/README.md)

# The sources of the chapters, and the front page's example.
SOURCES=(0?_*/*.[ch] 0?_*/inside/*.[ch] tests/text/example.c)

complain() {
    echo "$1: $2"
    return 1
}

# The blocks of a README, as files in $blocks.
take_apart() {
    blocks=$BATS_TEST_TMPDIR/blocks
    rm -rf "$blocks"
    mkdir "$blocks"
    awk -v dir="$blocks" -f tests/text/blocks.awk "$1"
}

note_of() { cat "${1%.*}.note" 2>/dev/null || true; }

# contains FILE TEXT: TEXT is whole lines of FILE.
contains() {
    local file
    file=$'\n'$(<"$1")$'\n'
    [[ $file == *$'\n'"$2"$'\n'* ]]
}

# ---- Quotes ----------------------------------------------------------------------------

# Every block of C stands so, whole lines, in one source file of the chapters; unless a
# comment says that it is "not in the sources", and why.
quotes_are_verbatim() {
    local block source found bad=0
    take_apart "$1"
    for block in "$blocks"/*.c; do
        [ -e "$block" ] || continue
        [[ $(note_of "$block") == "not in the sources: "?* ]] && continue
        found=
        for source in "${SOURCES[@]}"; do
            if contains "$source" "$(<"$block")"; then found=$source; fi
        done
        [ -n "$found" ] || { complain "$1" "in no source file: $(<"$block")" || bad=1; }
    done
    return $bad
}

# A block of text that is "from: FILE" stands there, in a comment.
comments_are_verbatim() {
    local block source bad=0
    take_apart "$1"
    for block in "$blocks"/*.text; do
        [ -e "$block" ] || continue
        source=$(note_of "$block")
        source=${source#from: }
        if ! [ -f "$source" ]; then
            complain "$1" "a block of text, and not said from where: $(<"$block")" || bad=1
            continue
        fi
        contains <(sed -E 's/^ \* ?//' "$source") "$(<"$block")" ||
            complain "$1" "not in $source: $(<"$block")" || bad=1
    done
    return $bad
}

# ---- Runs ------------------------------------------------------------------------------

# What differs from run to run: numbers, addresses, which tasks fail by chance, how far a
# future has come, the bars of a timeline, a shell's own words on its jobs, and ps' N, for a
# process with low priority.
shape() {
    sed -E -e '/^(bash|.*\.sh): line [0-9]+: .*(Killed|Terminated)/d' \
        -e 's/\<([DRSTZ])N\>/\1/g' \
        -e "/^submitted: /s/state=[a-z]+/state=any/" \
        -e 's/0x[0-9a-f]+/N/g; s/[0-9]+/N/g; s/ +(N( |$))/ \1/g' \
        -e "/--seed/,/^\\$/!s/'Failed with OW!!'/N/g" |
        sed -E -e 's/^ +//' \
            -e 's/^(program|(worker|task) +N)( +[=N.*X ]*)?$/\1 BAR/' \
            -e 's/^[ |]+$/AXIS/; s/^N m?s( +N(\.N)?)*$/LABELS/' \
            -e 's/ <defunct>//; s/ +/ /g; s/ ([SZ])N / \1 /' # SN: of a nice shell
}

# The shape of a transcript, "$ command" and its output, with the lines of each output in
# the order of the alphabet: processes side by side print in whatever order.
transcript_shape() {
    shape | awk '/^\$ / { command++ } { print command + 0 ($0 ~ /^\$ / ? "a" : "b") "\t" $0 }' |
        LC_ALL=C sort
}

# run_console FILE DIRECTORY: run the commands of a console block there, print a transcript.
run_console() {
    awk '
        /^\$ / { flush(); command = substr($0, 3); behind = NR; next }
        /^> / && NR == behind + 1 { command = command "\n" substr($0, 3); behind = NR }
        END { flush() }
        function flush(    quoted) {
            if (command == "") return
            quoted = command
            gsub(/\047/, "\047\\\047\047", quoted)
            print "printf \"%s\\n\" \047$ " quoted "\047"
            print command
        }' "$1" >"$BATS_TEST_TMPDIR/commands"
    # As if typed by hand, not as a part of the make that may run these tests.
    run_program -t 120 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CFLAGS \
        -u CPPFLAGS -u LDFLAGS -u WERROR -u V -u FILTER -u FILES -u BUILD NO_COLOR=1 \
        LC_ALL=C.UTF-8 bash -c 'cd "$1" && exec bash "$2" 2>&1' bash "$2" "$BATS_TEST_TMPDIR/commands"
    output=${output//$'\r'/} # of a terminal
}

# Commands are written for build/; the tests may have built elsewhere.
elsewhere() {
    [ "$BUILD" = build ] && cat && return
    sed "s,\<build/,$BUILD/,g; s,^\(\$ make\)\>,\1 --no-print-directory BUILD=$BUILD,"
}

# changed_copy DIFF DIRECTORY: a copy of what is in the repository, with the change that a block of
# diff shows.
changed_copy() {
    mkdir "$2"
    cp -r Makefile LICENSE README.md 0?_* "$2"
    chmod -R u+w "$2"
    mkdir "$2/build"
    patch -s -d "$2" -p0 --fuzz=0 <"$1"
}

# transcript BLOCK DIRECTORY: run its commands; the transcript lands in BLOCK.real.
transcript() {
    local BATS_TEST_TMPDIR=$1.run
    rm -rf "$BATS_TEST_TMPDIR"
    mkdir "$BATS_TEST_TMPDIR"
    [ "$2" = . ] || rm -rf "$2"/build/* # what an earlier attempt built there
    run_console "$1" "$2"
    echo "$output" >"$1.real"
}

# is_real BLOCK: what it printed has the shape of what is shown; else $difference says in what they
# differ.
is_real() {
    local shown real
    shown=$(transcript_shape <"$1")
    real=$(transcript_shape <"$1.real")
    if grep -q '^[0-9]*b	\.\.\.$' <<<"$shown"; then
        # All that is shown is there, and no complaint of the shell.
        if grep -qE 'No such file|not found' <<<"$real"; then
            difference=$real
            return 1
        fi
        real=$(LC_ALL=C comm -12 <(grep -v 'b	\.\.\.$' <<<"$shown") <(echo "$real"))
        shown=$(grep -v 'b	\.\.\.$' <<<"$shown")
    fi
    difference="shown and real differ: $(diff <(echo "$shown") <(echo "$real"))"
    [ "$shown" = "$real" ]
}

# The tools that the blocks' commands need and not every system has. A diff is applied by patch.
tools_of_runs() {
    local block
    for block in "$blocks"/*; do
        case ${block##*.} in
        diff) echo patch ;;
        console) [[ $(note_of "$block") == "not run: "?* ]] || grep '^[$>] ' "$block" || true ;;
        esac
    done | grep -oE '\<(patch|ps|pgrep|pkill|pstree|script|taskset)\> ?' | tr -d ' ' | sort -u || true
}

# The commands of every console block run, and what they print has the shape of what is shown.
# "..." stands for lines left out. A block of diff above it is a change to be made before.
#
# Most of the time the commands sleep, so the blocks run side by side, four at a time. What is not
# real then is tried again, alone, up to twice: some of the commands kill a process "0.1 s later",
# which on a busy machine may be too early or too late. A text that is wrong is wrong three times.
runs_are_real() {
    local block base where diff='' bad=0 running=0
    local -A run_in=()
    take_apart "$1"
    # shellcheck disable=SC2046 # each tool is a word
    need_tools $(tools_of_runs)
    mkdir -p "$BUILD"
    for block in "$blocks"/*; do
        base=${block##*.}
        if [ "$base" = diff ]; then diff=$block; fi
        [ "$base" = console ] || continue
        [[ $(note_of "$block") == "not run: "?* ]] && continue
        where=.
        if [ -n "$diff" ]; then
            where=$block.copy
            if ! changed_copy "$diff" "$where"; then
                complain "$1" "this change can't be made: $(<"$diff")" || bad=1
                diff=
                continue
            fi
            diff=
            cp "$block" "$block.here"
        else
            elsewhere <"$block" >"$block.here"
        fi
        run_in[$block.here]=$where
    done
    for block in "${!run_in[@]}"; do
        [ $((running++)) -lt 4 ] || wait -n || true
        transcript "$block" "${run_in[$block]}" &
    done
    wait
    for block in "${!run_in[@]}"; do
        is_real "$block" && continue
        for _ in 1 2; do
            transcript "$block" "${run_in[$block]}"
            is_real "$block" && continue 2
        done
        complain "$1" "$difference" || bad=1
    done
    return $bad
}

# Commands can be pasted: no prompt within one. A shell would take "> " for "write to a file".
can_be_pasted() {
    local block bad=0
    take_apart "$1"
    for block in "$blocks"/*.console; do
        [ -e "$block" ] || continue
        run -0 awk '/^\$ / { on = 1; next } /^> / && on { print; next } { on = 0 }' "$block"
        [ -z "$output" ] || complain "$1" "can't be pasted: $output" || bad=1
    done
    return $bad
}

# Every picture has a source beside it, or is a timeline, and has an alternative text.
pictures_are_told() {
    local picture bad=0
    while read -r picture; do
        [[ $picture == *"]("* && $picture != "![]("* ]] || complain "$1" "no words for $picture" || bad=1
    done < <(tr '\n' ' ' <"$1" | grep -oE '!\[[^]]*\]\([^)]*\)')
    for picture in "$(dirname "$1")"/*.svg; do
        [ -e "$picture" ] || continue
        [[ $picture == */timeline.svg || -e ${picture%.svg}.dot || -e ${picture%.svg}.gp ]] ||
            complain "$1" "no source of $picture" || bad=1
        grep -qF "](${picture##*/})" <(tr '\n' ' ' <"$1") || complain "$1" "not shown: $picture" || bad=1
    done
    return $bad
}

# ---- Names -----------------------------------------------------------------------------

# The anchors that code-hosting pages make from headings.
anchors() {
    sed -n 's/^#\{1,6\} //p' "$1" | tr '[:upper:]' '[:lower:]' |
        sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

links_lead_somewhere() {
    local link target file anchor bad=0
    while read -r link; do
        case $link in
        https://*) continue ;;
        http://*) complain "$1" "not https: $link" || bad=1 ;;
        esac
        target=${link%%#*} anchor=
        [[ $link != *#* ]] || anchor=${link#*#}
        file=$1
        [ -z "$target" ] || file=$(dirname "$1")/$target
        if ! [ -e "$file" ]; then
            complain "$1" "no such file: $link" || bad=1
        elif [ -n "$anchor" ]; then
            [ ! -d "$file" ] || file=$file/README.md
            anchors "$file" | grep -qxF -e "$anchor" ||
                complain "$1" "no such heading: $link" || bad=1
        fi
    done < <(prose "$1" | grep -oE '\]\([^) ]+\)|src="[^"]+"|srcset="[^"]+"' |
        sed -E 's/^\]\((.*)\)$/\1/; s/^src(set)?="(.*)"$/\2/')
    return $bad
}

# The text without its blocks; what is indented by four is a block, too.
prose() { awk '/^```/ { inside = !inside; next } !inside && !/^    /' "$1"; }

# A name() in the text is called or defined in the sources, or is in the list of those that
# belong to others.
functions_exist() {
    local name bad=0
    while read -r name; do
        grep -qE "\<${name//./\\.}\(" "${SOURCES[@]}" || grep -qxF "$name" tests/text/names_of_others ||
            complain "$1" "there is no $name()" || bad=1
    done < <(prose "$1" | grep -oE '`[^`]+`' | grep -oE '[A-Za-z_][A-Za-z_0-9.]*\(\)' |
        sed 's/()$//' | sort -u)
    return $bad
}

# A `CONSTANT_NAME`, a `field_name` or `pointer->field` in the text is a word of the sources, or a
# program, or in the list of others' names.
names_exist() {
    local name bad=0
    while read -r name; do
        grep -qw -e "${name##*>}" "${SOURCES[@]}" Makefile || grep -qxF -e "$name" tests/text/names_of_others ||
            complain "$1" "there is no name $name" || bad=1
    done < <(prose "$1" | grep -oE '`[A-Za-z0-9_]+(->[a-z_]+)?`' | tr -d '`' | grep -E '_|->' | sort -u)
    return $bad
}

# The diagrams of a task's states, if there are any, have the states of task.h, and the same steps
# by the same processes as the table: "A B process".
diagrams_are_real() {
    local drawn told
    take_apart "$1"
    [ -e "$(echo "$blocks"/*.mermaid)" ] || return 0
    drawn=$(grep -oE '\<[A-Z]{3,}\>' "$blocks"/*.mermaid | sort -u)
    told=$(grep -oE '^    TASK_[A-Z]+\>' 03_pool/task.h | sed 's/.*TASK_//' | sort -u)
    [ "$drawn" = "$told" ] || complain "$1" "states: $(diff <(echo "$drawn") <(echo "$told"))" || return 1
    drawn=$(sed -n 's/^ *\([A-Z]*\) --> \([A-Z]*\): \([a-z]*\)$/\1 \2 \3/p' "$blocks"/*.mermaid | sort)
    told=$(awk -F '|' '/^\| .*→/ {
        split($3, process, /[ ,]+/)
        split($2, side, "→")
        from = split(side[1], left, "`")
        to = split(side[2], right, "`")
        for (i = 2; i <= from; i += 2)
            for (j = 2; j <= to; j += 2) print left[i], right[j], process[2]
    }' "$1" | sort)
    [ "$drawn" = "$told" ] || complain "$1" "steps: $(diff <(echo "$drawn") <(echo "$told"))"
}

# A `file.c` in the text is there: beside the text, or as a path from the top.
files_exist() {
    local name bad=0
    while read -r name; do
        [ -e "$(dirname "$1")/$name" ] || [ -e "$name" ] || complain "$1" "there is no $name" || bad=1
    done < <(prose "$1" | grep -oE '`[A-Za-z0-9_/.]+\.(c|h|sh|bats|awk|mk|pml|py|gp)`' | tr -d '`' |
        sort -u)
    return $bad
}

targets_exist() {
    local name bad=0
    [ -n "${targets:-}" ] ||
        targets=$(env -u MAKEFLAGS make -npq 2>/dev/null | sed -n 's/^\.PHONY: //p' | tr ' ' '\n')
    while read -r name; do
        grep -qxF -e "$name" <<<"$targets" || complain "$1" "there is no make $name" || bad=1
    done < <(grep -oE '(^    |`|^\$ |[&;] *)make [a-z0-9_-]+($|[^/a-z0-9_-])' "$1" |
        sed -E 's/.*make ([a-z0-9_-]+).*/\1/' | sort -u)
    return $bad
}

# Tests that the text names by FILTER='...' are there.
tests_exist() {
    local name bad=0
    while read -r name; do
        grep -qE "^@test \".*$name" tests/*.bats || complain "$1" "there is no test '$name'" || bad=1
    done < <(grep -oE "FILTER='[^']+'" "$1" | sed "s/.*='//; s/'\$//")
    return $bad
}

# Options that the text names belong to one of the programs, or to a program of others.
options_exist() {
    local name bad=0
    [ -n "${options:-}" ] || options=$(
        for program in "$BUILD"/0?_*/*; do
            if [ -f "$program" ] && [ -x "$program" ]; then "$program" --help; fi
        done | grep -oE -- '--[a-z-]+' | sort -u
    )
    while read -r name; do
        grep -qxF -e "$name" <<<"$options" || grep -qxF -e "$name" tests/text/names_of_others ||
            complain "$1" "no program has the option $name" || bad=1
    done < <(prose "$1" | grep -oE '`[^`]+`' | grep -oE -- '--[a-z][a-z-]*' | sort -u)
    return $bad
}

# "New here" has at most five terms a row; each stands in the text again, where it is explained.
few_terms() {
    local row term bad=0
    while read -r row; do
        [ "$(tr -cd , <<<"$row" | wc -c)" -lt 5 ] || complain "$1" "six terms or more: $row" || bad=1
    done < <(sed -n '/^## New here/,/^## Run it/s/^| *\(.*\) |$/\1/p' "$1" | grep -v '^-' |
        sed 's/(\([a-z_]*\.[ch]\))//g; s/ *| */. /')
    while read -r term; do
        sed '1,/^## Run it/d' "$1" | tr '\n' ' ' | grep -qiwF -e "$term" ||
            complain "$1" "never explained: $term" || bad=1
    done < <(sed -n '/^## New here/,/^## Run it/s/^|.* | \(.*\) |$/\1/p' "$1" | grep -vE '^(-|new terms)|: ' |
        tr ',' '\n' | sed -E 's/\([^)]*\)//; s/^ +| +$//g; s/[`*]//g; s/ and /\n/')
    return $bad
}

# ---- The glossary ----------------------------------------------------------------------

# Its terms, one a line.
glossary_terms() { sed -n 's/^| \(\*\*.*\*\*[^|]*\) |.*/\1/p' "$1" | grep -oE '\*\*[a-z][^*]*\*\*' | tr -d '*'; }

# The text has a link to it.
leads_to_glossary() {
    local link
    link=$(prose "$1" | grep -oE '\]\([./]*GLOSSARY\.md\)' | head -n 1 | sed 's/^](\(.*\))$/\1/')
    [[ -n $link && $(dirname "$1")/$link -ef GLOSSARY.md ]] || complain "$1" "no way to the glossary"
}

# Each term is used in the sources, the tests or a text.
terms_are_used() {
    local term bad=0
    while read -r term; do
        cat "${SOURCES[@]}" "${PAGES[@]}" tests/*/*.[ch] tests/make.bats | grep -qiE "(\<|_)$term(s|ed)?(\>|_)" ||
            complain "$1" "not used: $term" || bad=1
    done < <(glossary_terms "$1")
    return $bad
}

# A row of a table that says what a term of the glossary is: "| term | the ... |".
defines_no_term() {
    local found
    found=$(grep -iE "^\| \**($(glossary_terms GLOSSARY.md | paste -sd '|'))\** \| (an?|the|what|how|which) " "$1" |
        grep -vE '^\|[^|]+\|[^|]+\|[^|]+\|' || true)
    [ -z "$found" ] || complain "$1" "defined again: $found"
}

# ---- Form ------------------------------------------------------------------------------

# The sections in their order. None is empty.
sections_are_there() {
    local dir wanted real empty
    dir=$(basename "$(dirname "$1")")
    wanted="Goal,New here,Run it,How it works,Python beside C,Try it,Exercises,"
    real=$(sed -n 's/^## //p' "$1" | tr '\n' ',')
    [ "$real" = "$wanted" ] || complain "$1" "its sections are $real, not $wanted" || return 1
    empty=$(awk '/^## / { if (name != "" && !filled) print name; name = $0; filled = 0; next }
        /[^ ]/ { filled = 1 } END { if (!filled) print name }' "$1")
    [ -z "$empty" ] || complain "$1" "an empty section: $empty"
}

# The way to the chapter before and the one behind, at both ends.
ways_lead_on() {
    local dir number before behind i way bad=0
    dir=$(basename "$(dirname "$1")")
    for i in "${!CHAPTERS[@]}"; do
        if [ "${CHAPTERS[i]}" = "$dir" ]; then number=$i; fi
    done
    before=${CHAPTERS[number - 1]} behind=${CHAPTERS[number + 1]:-}
    [ "$number" -gt 0 ] || before=
    for way in "$(sed -n '3,/^$/p' "$1")" "$(tac "$1" | sed '/^$/q')"; do
        [[ $way == *"[contents](../README.md)"* ]] || complain "$1" "no way to the contents" || bad=1
        for i in "${CHAPTERS[@]}"; do
            if [ "$i" = "$before" ]; then
                grep -qE "\[← [0-9]\. [^]]+\]\(\.\./$i/\)" <<<"$way" || complain "$1" "no way back" || bad=1
            elif [ "$i" = "$behind" ]; then
                grep -qE "\[[0-9]\. [^]]+ →\]\(\.\./$i/\)" <<<"$way" || complain "$1" "no way on" || bad=1
            elif [[ $way == *"(../$i/)"* ]]; then
                complain "$1" "a way to $i" || bad=1
            fi
        done
    done
    return $bad
}

# Lines of at most 100 characters, but for tables and blocks; no blanks at their ends, no
# tabs; of all the characters beyond ASCII only these.
form_is_good() {
    local found
    found=$(awk '/^```/ { inside = !inside } !inside && !/^[|<]/ && length($0) > 100' "$1")
    [ -z "$found" ] || complain "$1" "too long: $found" || return 1
    found=$(grep -nE '[[:space:]]$|	' "$1" || true)
    [ -z "$found" ] || complain "$1" "blanks at the end, or a tab: $found" || return 1
    found=$(sed 's/[←→·…×–≥≤µé₂ö½]//g' "$1" | LC_ALL=C grep -n '[^ -~]' || true)
    [ -z "$found" ] || complain "$1" "not a plain character: $found" || return 1
    # Words that promise, and words that make a reader feel slow.
    # A robust lock is a term, where it is one.
    local words='simply|obviously|of course|trivially|blazing|blazingly|seamless|seamlessly|powerful|awesome|elegant|lightning|easily|clearly|please note|in order to|utilize|leverage'
    grep -q PTHREAD_MUTEX_ROBUST "$1" || words+='|robust'
    found=$(prose "$1" | grep -niwE "$words" || true)
    [ -z "$found" ] || complain "$1" "a word that says nothing: $found" || return 1
    found=$(prose "$1" | tr '\n' ' ' | grep -oiE '\b([a-z]+) \1\b' | grep -viE '^(that that|had had)$' || true)
    [ -z "$found" ] || complain "$1" "a word twice: $found"
}
