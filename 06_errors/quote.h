/*
 * quote.h: file names in messages. A name may hold anything, line ends and the terminal's
 * control sequences too, so a message shows it as a shell would want to have it typed.
 */
#ifndef QUOTE_H
#define QUOTE_H

#include <stdio.h>

/* Print the name: as it is, 'quoted', "quoted" or, for bytes that can't be printed in the
 * locale, 'a'$'\n''b'. That is what GNU's programs do in their messages. */
void print_quoted(const char *name, FILE *stream);

#endif
