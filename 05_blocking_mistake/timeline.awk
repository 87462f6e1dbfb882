# timeline.awk: draw the workers of a pool over time, from the trace that it wrote.
# Run by timeline.sh; POSIX awk. Variables that may be set with -v:
#
#   title   the first line's first word
#   by      "task": a row for each task; otherwise one for each worker
#   colour  1: with the terminal's colours
#   table   1: no drawing, but the numbers, for gnuplot: row, start, end, kind, label, row name
#
# The trace has an event on each line (03_pool/inside/trace.c), in no order of time.

function text(key,    at, rest) {
    at = index($0, "\"" key "\":\"")
    if (at == 0) return ""
    rest = substr($0, at + length(key) + 4)
    return substr(rest, 1, index(rest, "\"") - 1)
}

function number(key,    at) {
    at = index($0, "\"" key "\":")
    return at == 0 ? 0 : substr($0, at + length(key) + 3) + 0
}

function add_bar(row, start, duration, kind, label) {
    bars++
    bar_row[bars] = row
    bar_start[bars] = start / 1e6
    bar_end[bars] = (start + duration) / 1e6
    bar_kind[bars] = kind
    bar_label[bars] = label
    if (bar_end[bars] > total) total = bar_end[bars]
}

/"name":"process_name"/ { pool = substr($0, index($0, "\"args\"")); sub(/.*"name":"/, "", pool); sub(/".*/, "", pool) }

/"name":"thread_name"/ {
    name = substr($0, index($0, "\"args\""))
    sub(/.*"name":"/, "", name)
    sub(/".*/, "", name)
    track = number("tid")
    if (by != "task" || track == 0) row_name[track] = name
    if (track > last_row && by != "task") last_row = track
}

/"ph":"X"/ {
    track = number("tid")
    label = text("name")
    sub(/^task /, "", label)
    if (by == "task" && track != 0) {
        row_name[label + 1] = "task " label
        if (label + 1 > last_row) last_row = label + 1
        add_bar(label + 1, number("ts"), number("dur"), text("cat"), track)
    } else
        add_bar(track, number("ts"), number("dur"), text("cat"), label)
}

/"name":"closed"/ { if (number("ts") / 1e6 > total) total = number("ts") / 1e6 }

# ---- Drawing ---------------------------------------------------------------------------

function put(row, column, char, style) {
    cell[row, column] = char
    cell_style[row, column] = style
}

function draw_wait(i,    column) {
    for (column = first[i]; column <= last[i]; column++)
        put(bar_row[i], column, ".", "wait")
}

# Two tasks that begin in one column: a star. A death is always seen.
function draw_task(i,    row, column, label, style) {
    row = bar_row[i]
    label = bar_label[i]
    style = "task" drawn[row]++ % 2
    if (length(label) > last[i] - first[i] + 1) label = ""
    for (column = first[i]; column <= last[i]; column++)
        if (cell[row, column] != "X") put(row, column, "=", style)
    for (column = 1; column <= length(label); column++)
        put(row, first[i] + column - 1, substr(label, column, 1), style)
    if ((row, first[i]) in begun) put(row, first[i], "*", style)
    begun[row, first[i]] = 1
    if (bar_kind[i] != "done") {
        dead[row, last[i]] = 1
        deaths++
    }
    if ((row, first[i]) in dead) put(row, first[i], "X", "death")
    if ((row, last[i]) in dead) put(row, last[i], "X", "death")
}

# From start to end, tasks in the order of their start: an insertion sort will do.
function sort_bars(    i, j, k) {
    for (i = 1; i <= bars; i++) {
        for (j = i; j > 1 && bar_start[order[j - 1]] > bar_start[i]; j--)
            order[j] = order[j - 1]
        order[j] = i
    }
}

function draw_row(row,    column, line, style, now) {
    line = ""
    now = ""
    for (column = 0; column < width; column++) {
        style = (row, column) in cell ? cell_style[row, column] : ""
        if (colour && style != now) {
            line = line "\033[0" (style != "" ? ";" paint[style] : "") "m"
            now = style
        }
        line = line ((row, column) in cell ? cell[row, column] : " ")
    }
    if (colour && now != "") line = line "\033[0m"
    line = pad(row_name[row], margin) line
    if (!colour) sub(/ +$/, "", line)
    print line
}

function pad(string, length_wanted) { return sprintf("%-" length_wanted "s", string) }

# At most eight ticks, 1, 2 or 5 of something apart.
function draw_axis(    unit, step, factor, at, column, ticks, labels, label) {
    unit = total < 0.05 ? 1000 : 1
    step = 0.001
    for (factor = 0; total * unit / step > 8; factor++)
        step *= factor % 3 == 1 ? 2.5 : 2
    for (at = 0; at <= total * unit; at += step) {
        column = int(at / unit / total * (width - 1) + 0.5)
        ticks = pad(ticks, column) "|"
        label = sprintf("%g", at) (at == 0 ? (unit == 1 ? " s" : " ms") : "")
        if (column + length(label) <= width) labels = pad(labels, column) label
    }
    print pad("", margin) ticks
    print pad("", margin) labels
}

function draw(    i, row, column) {
    width = 80 - margin
    paint["task0"] = "30;46"
    paint["task1"] = "30;42"
    paint["wait"] = "33"
    paint["death"] = "97;41"
    sort_bars()
    for (i = 1; i <= bars; i++) {
        first[i] = int(bar_start[i] / total * width)
        last[i] = int(bar_end[i] / total * width - 0.5)
        if (first[i] >= width) first[i] = width - 1
        if (last[i] < first[i]) last[i] = first[i]
    }
    for (i = 1; i <= bars; i++)
        if (bar_kind[order[i]] == "wait") draw_wait(order[i])
        else draw_task(order[i])
    printf "%s: a %s, %.2f s\n", title, pool, total
    for (row = 0; row <= last_row; row++)
        if (row in row_name) draw_row(row)
    draw_axis()
    print "  (5=== " (by == "task" ? "worker 5 at work" : "task 5") "   ... the program waits" \
        (deaths ? "   X the worker died" : "") ")"
}

END {
    if (bars == 0 || total == 0) {
        print "timeline: no tasks in the trace" > "/dev/stderr"
        exit 1
    }
    margin = by == "task" ? 9 : 11
    if (table)
        for (i = 1; i <= bars; i++)
            print bar_row[i] "\t" bar_start[i] "\t" bar_end[i] "\t" bar_kind[i] "\t" bar_label[i] "\t" row_name[bar_row[i]]
    else
        draw()
}
