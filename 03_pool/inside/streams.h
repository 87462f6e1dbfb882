/*
 * streams.h: stdio's buffers where a process is copied, and where the copy ends. No function here
 * waits longer than 20 ms for the lock of a stream: the thread that holds it may be blocked for
 * hours, in fgets() for example, or may not exist in this process. And none touches a stream that
 * is read: to flush it would move the place in a file that several processes share.
 */
#ifndef STREAMS_H
#define STREAMS_H

/* What one fork() has to remember. */
struct streams {
    _Bool threads; /* this process has several */
    _Bool held;    /* the lock of stdout, over the fork */
};

/* Before fork(): print what is buffered, as far as no other thread holds the stream. */
struct streams streams_before_fork(void);

/* After fork(), in the program and in the child. The child drops what is still buffered there:
 * the program will print it. */
void streams_in_parent(struct streams streams);
void streams_in_child(struct streams streams);

/* At a worker's end: print what tasks left in the buffers. */
void streams_at_end(void);

#endif
