/*
 * symbol.h: which function an address of code belongs to.
 */
#ifndef SYMBOL_H
#define SYMBOL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write "function()" to name or, if it is not the program's own, "function() of library.so". Names
 * of static functions are known if the file has not been stripped. False, and an empty name:
 * unknown.
 */
bool symbol_name(const void *address, char *name, size_t size);

#endif
