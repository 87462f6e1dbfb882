/* A small object from which the linker would make a program of two gigabytes. */
#include "run_child.h"

__asm__(".section .data.a,\"aw\",@nobits\n.skip 1900000000\n"
        ".section .data.b,\"aw\",@progbits\n.byte 1\n.text");

int run_child(int (*work)(void))
{
    return work();
}
