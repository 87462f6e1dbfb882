/*
 * clock.h: a clock for measuring time. Setting the time of day does not affect it.
 */
#ifndef CLOCK_H
#define CLOCK_H

double seconds_now(void);       /* wall clock */
double cpu_seconds(void);       /* processor time that this process has used */
void sleep_for(double seconds); /* at least so long, signals or not */

#endif
