/*
 * demo.h: what the programs of chapters 3 to 6 share, and what is not their point: options,
 * messages, a clock. The pool itself does not use it.
 */
#ifndef DEMO_H
#define DEMO_H

/* One option with a number: --name N, within [least, most]. Without one, a flag, if both
 * are 0: --name sets *value to 1. The last option of a list has no name. */
struct demo_option {
    const char *name;
    long *value; /* as it is before is the default */
    long least, most;
    const char *help;
};

/*
 * Read the options. --help prints them and ends the program with status 0; an unknown
 * option, a bad number or any other argument prints a message and ends it with status 2.
 */
void demo_start(int argc, char **argv, const char *what,
                const struct demo_option *options);

/* Print "NAME: message: strerror(errno)" to stderr, without the last part if errno is 0, and
 * end the program with status 1. (An attribute, because cppcheck does not know _Noreturn.) */
__attribute__((noreturn, format(printf, 1, 2))) void demo_fail(const char *format, ...);

/* For the end of main(): 0 if all that was printed could be written, else as demo_fail(). */
int demo_end(void);

/* Seconds on a clock that setting the time of day does not affect; a sleep that a signal
 * doesn't shorten. */
double demo_clock(void);
void demo_sleep(double seconds);

#endif
