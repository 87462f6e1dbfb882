/*
 * symbol.h: which function an address of code belongs to.
 */
#ifndef SYMBOL_H
#define SYMBOL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write to `name` the name of the function at that address: "function()" or, if it is not the
 * program's own, "function() of library.so". Static functions are found unless the file was
 * stripped. False, and an empty name: not known.
 */
bool symbol_name(const void *address, char *name, size_t size);

#endif
