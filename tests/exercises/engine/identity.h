/*
 * identity.h: which users take part in a judgement.
 *
 * Where root grades, two user ids that no account has take part. The learner's program runs as
 * the student. The judge has the student's id as its effective one, so that it may look into the
 * program's processes and end them; its real and saved ids are its own, so that the program may
 * not signal, trace or limit the judge. Where another user grades, there is only that user.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
    bool separate; /* two ids of their own; else the caller's */
    uid_t judge, student;
};

/* Reserve two ids until this process ends. */
struct identity identity_choose(void);

/* -1: not permitted, errno set. */
int identity_become_judge(const struct identity *identity);
int identity_become_student(const struct identity *identity);

/* Remove what the student left outside of namespaces: processes, files in the directories that
 * every user may write to, System V shared memory, semaphores and queues. Does nothing unless the
 * ids are separate. */
void identity_clean_up(const struct identity *identity);

#endif
