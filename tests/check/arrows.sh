#!/usr/bin/env bash
# arrows.sh BUILD FILE...: draw the arrows between the files of the library, and fail if one points
# up. FILE... is the library from bottom to top: objects without BUILD/, and the headers that
# have no source. An arrow is a function or variable that one object uses and another defines,
# or a header that a file includes. It must point to a file named before.
#
#     make arrows            fail if an arrow points up
#     make arrows SHOW=1     list them all, with what is used
#
# A chapter may use only the public headers of other chapters: pool.h, pool_options.h, task.h,
# program.h, future.h.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit
build=$1
shift
files=("$@")
public=(03_pool/pool.h 03_pool/pool_options.h 03_pool/task.h 03_pool/program.h 04_futures/future.h)

# "FILE NUMBER KIND NAME": KIND is listed, defines, uses, or includes.
facts() {
    local i file source
    for i in "${!files[@]}"; do
        file=${files[i]}
        echo "$file $i listed -"
        for source in "$file" "${file%.o}".[ch]; do
            # A header stands for itself: task.h is public, and not the header of inside/task.c.
            [[ $source != *.o && -f $source ]] &&
                sed -n "s|^#include \"\(.*\)\"|$file $i includes \1|p" "$source"
        done
        [[ $file == *.o ]] || continue
        nm "$build/$file" | awk -v file="$file" -v i="$i" \
            '{ kind = $(NF - 1) }
            kind ~ /^[TDBRVWC]$/ { print file, i, "defines", $NF }
            kind == "U" { print file, i, "uses", $NF }'
    done
}

facts | awk -v show="${SHOW:-}" -v public="${public[*]}" '
    function chapter(file) { return substr(file, 1, 2) }
    function arrow(from, f, to, t, what) {
        if (from == to) return
        key = from " -> " to
        if (!(key in arrows)) { order[++count] = key; mark[key] = t < f ? "" : "UP: " }
        if (!((key, what) in seen)) arrows[key] = arrows[key] " " what
        seen[key, what] = 1
        if (t >= f) up++
    }
    { line[NR] = $0; number[$1] = $2 }
    $3 == "defines" { owner[$4] = $1 }
    END {
        split(public, names, " ")
        for (i in names) {
            short = names[i]; sub(/.*\//, "", short)
            header[short] = names[i]
            while ((getline text < names[i]) > 0) declared = declared text "\n"
        }
        for (i = 1; i <= NR; i++) {
            split(line[i], part, " ")
            from = part[1]; name = part[4]
            if (part[3] == "includes") {
                # A public header, one without a source, or that of an object in this directory.
                to = header[name]
                directory = from; sub(/[^\/]*$/, "", directory)
                base = name; sub(/\.h$/, ".o", base)
                if (to == "") to = directory name
                if (!(to in number)) to = directory base
                if (!(to in number)) {
                    print "not in the list, or not public: " from " includes " name; wrong++
                } else
                    arrow(from, number[from], to, number[to], name)
            } else if (part[3] == "uses" && name in owner) {
                to = owner[name]
                arrow(from, number[from], to, number[to], name "()")
                if (chapter(from) != chapter(to) && index(declared, name "(") == 0) {
                    print "not public: " from " uses " name " of " to; wrong++
                }
            }
        }
        for (i = 1; i <= count; i++)
            if (show || mark[order[i]] != "")
                print mark[order[i]] order[i] ":" arrows[order[i]]
        printf "%d files, %d arrows, %d up\n", length(number), count, up
        exit up > 0 || wrong > 0 || count == 0
    }'
