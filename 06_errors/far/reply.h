/*
 * reply.h: what a node answers: a line of text, and behind it the result's bytes or, if there
 * is none, why, in words. The line has the future's status, what the function returned, and
 * the machine's name:
 *
 *     0 0 node1\n<bytes of the result>
 *     2 -2147483648 node3\nOW!
 */
#ifndef REPLY_H
#define REPLY_H

#define REPLY_LINE 96 /* bytes, at most, of that line */
#define REPLY_NODE 64 /* of the name in it */

#endif
