# timeline.gp: timelines side by side, as SVG. Run by make pictures:
#
#     gnuplot -e "tables = 'a.tsv b.tsv'; titles = 'a|b'; seconds = 1.1" timeline.gp >a.svg
#
# The tables are from timeline.awk with table=1. No background, and colours that can be read on
# white and on a dark page: each has a contrast of 3 or more with both.

grey = "#797979"
count = words(tables)
rows = int(system("awk 'BEGIN { most = 0 } $1 > most { most = $1 } END { print most }' " . tables))

height = 80 + 22 * (rows + 1)

unit = seconds < 0.1 ? 1000 : 1
most = seconds * unit

set terminal svg size 860, height font "sans-serif,13" noenhanced
set datafile separator "\t"
set border 1 linecolor rgb grey
set grid xtics linetype 1 linewidth 0.4 linecolor rgb grey
set tics scale 0 textcolor rgb grey
set xrange [0:most]
set xtics nomirror
set yrange [rows + 0.6:-0.6]
set style fill solid 1.0 noborder
unset key

colour(kind) = kind eq "done" ? 0x2f74b5 : kind eq "wait" ? 0x9a7b1f : 0xd1443c
# The program's waits are a thin line, what the workers do is a bar.
half(kind) = kind eq "wait" ? 0.1 : 0.36
# A bar that is too short to be seen is made a little longer.
least = most / 150.0
end(from, to) = (to - from < least ? from + least : to) - most / 500
label(kind, from, to, what) = kind eq "wait" || to - from < most / 25 ? "" : what

# The i-th of several titles, with bars between them.
title(i) = system("echo '" . titles . "' | cut -d '|' -f " . i)

set multiplot layout 1, count spacing 0.03 \
    margins 0.09, 0.985, 52.0 / height, 1 - 28.0 / height
set format y "%s"
eval(system("awk -F '\t' '!seen[$1]++ { printf \"set ytics add ('\\''%s'\\'' %d); \", $6, $1 }' " . word(tables, 1)))
do for [i = 1:count] {
    table = word(tables, i)
    set title title(i) textcolor rgb grey offset 0, -0.6
    set xlabel (unit == 1 ? "seconds" : "milliseconds") . (i == 1 ? "; thin line: the program waits" : "") \
        textcolor rgb grey offset 0, 0.5
    plot table using ($2 * unit):1:($2 * unit):(end($2 * unit, $3 * unit)):($1 - half(strcol(4))):($1 + half(strcol(4))):(colour(strcol(4))) \
            with boxxyerror linecolor rgb variable, \
        table using (($2 + $3) / 2 * unit):1:(label(strcol(4), $2 * unit, $3 * unit, strcol(5))) \
            with labels textcolor rgb "#ffffff" font ",11"
    unset ytics
}
unset multiplot
