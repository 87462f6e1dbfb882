/*
 * scene.h: one scene, in a process of its own, and what comes out. The process that starts it is
 * the only author of a verdict: it alone holds the other end of the pipe.
 */
#ifndef SCENE_H
#define SCENE_H

#include "identity.h"
#include "judge.h"

enum verdict {
    NOT_JUDGED,
    PASSED,
    FAILED
};

struct result {
    enum verdict verdict;
    char hint[32];
    char text[2048];     /* printable ASCII in one line */
    char printed[32768]; /* by the program; bytes of any value */
};

static inline bool scene_has_failure(const struct scene *scene)
{
    return scene->setting >= CUE_NO_FORK;
}

/* Run a scene with the program. Ends with everything that the program left ended. */
void scene_run(const struct scene *scene, int program, const struct identity *identity,
               unsigned long seed, struct result *result);

#endif
