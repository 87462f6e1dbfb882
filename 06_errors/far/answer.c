/*
 * answer.c: how a future ends: with a node's answer, or without one.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "inside.h"

void give_back(struct far_future *future)
{
    free(future->content);
    free(future);
}

void end_future(struct far_future *future, enum future_status status)
{
    future->status = status;
    take_out(&future->link);
    future->far->outstanding--;
    if (future->forgotten)
        give_back(future);
}

void end_as_lost(struct far_future *future, const char *why)
{
    future->content = strdup(why);
    end_future(future, FUTURE_LOST);
}

/* Do not trust the answer: it may come from a node that was built from other sources. */
static void read_reply(struct far_future *future, const char *reply, size_t size)
{
    int status, begin = 0;
    char line[REPLY_LINE + 1] = {0};
    memcpy(line, reply, size < REPLY_LINE ? size : REPLY_LINE);
    if (sscanf(line, "%d %d %63[^\n]%n", &status, &future->returned, future->node,
               &begin) != 3 ||
        line[begin] != '\n' || status < FUTURE_OK || status > FUTURE_BROKEN ||
        status == FUTURE_TIMEOUT) {
        end_as_lost(future, "an answer that makes no sense");
        return;
    }
    size -= (size_t)begin + 1;
    if (status == FUTURE_OK && size != future->result_size) {
        end_as_lost(future,
                    "a result of another size: is the node built from other sources?");
        return;
    }
    future->content = malloc(size + 1);
    if (future->content == NULL) {
        end_future(future, FUTURE_LOST);
        return;
    }
    memcpy(future->content, reply + begin + 1, size);
    future->content[size] = '\0';
    end_future(future, (enum future_status)status);
}

/* The job server starts the jobs of one function in the order in which they came. So when one
 * has ended, those that were sent before it have begun. */
static void note_begun(struct far *far, const struct far_future *ended)
{
    for (struct link *link = far->sent.next; link != &ended->link; link = link->next) {
        struct far_future *future = future_in(link);
        if (future->begun == 0 && strcmp(future->function, ended->function) == 0)
            future->begun = far->heard;
    }
}

static struct far_future *answered(gearman_task_st *task)
{
    struct far_future *future = gearman_task_context(task);
    struct far *far = future->far;
    far->in_flight--;
    far->silences = 0;
    far->heard = demo_clock();
    note_begun(far, future);
    return future;
}

static gearman_return_t created(gearman_task_st *task)
{
    struct far_future *future = gearman_task_context(task);
    future->far->in_transit--;
    return GEARMAN_SUCCESS;
}

static gearman_return_t completed(gearman_task_st *task)
{
    read_reply(answered(task), gearman_task_data(task), gearman_task_data_size(task));
    return GEARMAN_SUCCESS;
}

static gearman_return_t failed(gearman_task_st *task)
{
    end_as_lost(answered(task), "given up: each node that took it died or fell silent");
    return GEARMAN_SUCCESS;
}

void hear_answers(gearman_client_st *client)
{
    gearman_client_set_created_fn(client, created);
    gearman_client_set_complete_fn(client, completed);
    gearman_client_set_fail_fn(client, failed);
}
