/* No fork(), no copy. */
#include "hello_once.h"

#include <stdio.h>

int hello_once(void)
{
    printf("hello\n");
    introduce("child");
    introduce("parent");
    return 0;
}
