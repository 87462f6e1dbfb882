/*
 * play.h: the engine's own view of a run of the learner's program. For judges: judge.h.
 */
#ifndef PLAY_H
#define PLAY_H

#include "judge.h"

void play_prepare(int program);
struct play *play_begin(enum output output); /* the program is ready for its first cue */
void play_finish(struct play *play);         /* end it; it must end well, and alone */
void play_kill(void);                        /* end it, from anywhere */
void play_drain(struct play *play);          /* what it has printed so far */
void play_show_output(void);

#endif
