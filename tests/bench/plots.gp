# plots.gp: draws DIRECTORY/NAME.dat as DIRECTORY/NAME.svg; report.py calls it.
set terminal svg size 800,520 dynamic font 'sans,13' background rgb 'white'
set output directory.'/'.plot_name.'.svg'
data = directory.'/'.plot_name.'.dat'
set key outside right noenhanced
set grid
set logscale xy
set format x '10^{%L}'
set format y '10^{%L}'

if (plot_name eq 'workers') {
    set title 'Small tasks: throughput and the number of workers'
    set xlabel 'workers'; set ylabel 'tasks per second'
    set xtics (1, 2, 4, 8, 16, 32, 64); set format x '%g'
}
if (plot_name eq 'growth') {
    set title 'Small tasks: the cost of one as their number grows'
    set xlabel 'tasks'; set ylabel 'ns per task'
}
if (plot_name eq 'size') {
    set title 'Throughput and the work in a task'
    set xlabel 'work in a task, ns'; set ylabel 'tasks per second'
}
if (plot_name eq 'result') {
    set title 'A result, from written by the worker to readable by the program'
    set xlabel 'size, bytes'; set ylabel 'µs'
}
if (plot_name eq 'memory') {
    set title 'Memory'
    set xlabel 'bytes for each waiting task'; set ylabel 'KiB for each worker'
}
# The pool's own lines are thick; when the eight colours are used again, lines are dashed.
do for [i=0:count-1] {
    set style line i+1 linecolor i%8+1 dashtype i/8+1 linewidth (i < 3 ? 3 : 1.3) \
        pointtype i+1
}
plot for [i=0:count-1] data index i using 1:2 title columnheader(1) \
    with linespoints linestyle i+1
