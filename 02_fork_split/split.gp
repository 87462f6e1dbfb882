# split.gp: ten tasks in one process, and in two. Drawn by make pictures.
set terminal svg size 760, 190 font "sans-serif,13" noenhanced
set border 1 linecolor rgb "#797979"
set tics scale 0 textcolor rgb "#797979"
set xrange [0:2.05]
set yrange [3.6:0.4]
set xtics 0.2 nomirror
set xlabel "seconds" textcolor rgb "#797979" offset 0, 0.4
set ytics ("one process" 1, "two: the parent" 2, "two: the child" 3) nomirror
set style fill solid 1.0 noborder
unset key
$bars << END
1 0.0 0
1 0.2 1
1 0.4 2
1 0.6 3
1 0.8 4
1 1.0 5
1 1.2 6
1 1.4 7
1 1.6 8
1 1.8 9
2 0.0 0
2 0.2 1
2 0.4 2
2 0.6 3
2 0.8 4
3 0.0 5
3 0.2 6
3 0.4 7
3 0.6 8
3 0.8 9
END
colour(row) = row == 3 ? 0xd1443c : 0x2f74b5
plot $bars using 2:1:2:($2 + 0.19):($1 - 0.33):($1 + 0.33):(colour($1)) with boxxyerror linecolor rgb variable, \
    $bars using ($2 + 0.095):1:3 with labels textcolor rgb "#ffffff" font ",12"
