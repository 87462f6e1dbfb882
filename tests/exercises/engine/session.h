/*
 * session.h: the engine's own view of a run of the learner's program. For judges: judge.h.
 */
#ifndef SESSION_H
#define SESSION_H

#include "judge.h"

void session_prepare(int program);
struct session *session_begin(
    enum output output);                      /* the program is ready for its first cue */
void session_finish(struct session *session); /* end it; it must end well, and alone */
void session_kill(void);                      /* end it, from anywhere */
void session_drain(struct session *session);  /* what it has printed so far */
void session_show_output(void);

#endif
