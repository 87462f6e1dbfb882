/*
 * far.c: see far.h.
 */
#include "far.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"
#include "inside.h"

size_t far_wait(struct far *far, double timeout)
{
    double now = demo_clock(), end_at = timeout < 0 ? INFINITY : now + timeout;
    size_t before = far->outstanding;
    step(far);
    while (far->outstanding == before && before > 0 && now < end_at) {
        double lost_at = patient_until(far);
        if (now >= lost_at)
            lose_patience(far);
        else
            doze(far, (lost_at < end_at ? lost_at : end_at) - now);
        step(far);
        now = demo_clock();
    }
    return far->outstanding;
}

struct far *far_open(const struct far_options *options)
{
    struct far *far = calloc(1, sizeof *far);
    if (far == NULL)
        return NULL;
    if (options != NULL)
        far->is = *options;
    if (far->is.window == 0)
        far->is.window = 64;
    if (far->is.patience <= 0)
        far->is.patience = 30;
    if (far->is.tries <= 0)
        far->is.tries = 3;
    far->to_send.next = far->to_send.previous = &far->to_send;
    far->sent.next = far->sent.previous = &far->sent;
    char machine[12] = "";
    gethostname(machine, sizeof machine - 1);
    snprintf(far->run, sizeof far->run, "%s.%d.%llx", machine, (int)getpid(),
             (unsigned long long)(demo_clock() * 1e3));
    signal(SIGPIPE, SIG_IGN);
    return far;
}

static void drop_all(struct link *list)
{
    while (!is_empty(list)) {
        struct link *link = list->next;
        take_out(link);
        give_back(future_in(link));
    }
}

void far_close(struct far *far)
{
    if (far == NULL)
        return;
    gearman_client_free(far->client);
    drop_all(&far->to_send);
    drop_all(&far->sent);
    free(far);
}

struct far_future *far_submit_as(struct far *far, const char *id, const char *function,
                                 const void *argument, size_t argument_size,
                                 size_t result_size)
{
    if (far == NULL || function == NULL || (argument == NULL && argument_size > 0) ||
        (id != NULL && strlen(id) >= ID_SIZE)) {
        errno = EINVAL;
        return NULL;
    }
    struct far_future *future = calloc(1, sizeof *future + argument_size);
    if (future == NULL)
        return NULL;
    future->far = far;
    future->function = function;
    future->status = FUTURE_TIMEOUT;
    future->own_id = id != NULL;
    if (id != NULL)
        strcpy(future->id, id);
    else
        snprintf(future->id, sizeof future->id, "%s.%lu", far->run, far->number++);
    if (argument_size > 0)
        memcpy(future->argument, argument, argument_size);
    future->argument_size = argument_size;
    future->result_size = result_size;
    if (far->outstanding++ == 0)
        far->heard = demo_clock();
    put_last(&far->to_send, &future->link);
    if (far->in_flight < far->is.window)
        step(far);
    return future;
}

struct far_future *far_submit(struct far *far, const char *function, const void *argument,
                              size_t argument_size, size_t result_size)
{
    return far_submit_as(far, NULL, function, argument, argument_size, result_size);
}

enum future_status far_result(struct far_future *future, double timeout, void *result)
{
    if (future == NULL || isnan(timeout)) {
        errno = EINVAL;
        return FUTURE_MISUSE;
    }
    double end_at = timeout < 0 ? INFINITY : demo_clock() + timeout, left = timeout;
    if (future->status == FUTURE_TIMEOUT)
        step(future->far);
    while (future->status == FUTURE_TIMEOUT && left != 0) {
        far_wait(future->far, left);
        left = end_at > demo_clock() ? end_at - demo_clock() : 0;
    }
    if (future->status == FUTURE_OK && result != NULL)
        memcpy(result, future->content, future->result_size);
    return future->status;
}

int far_returned(const struct far_future *future)
{
    return future != NULL && future->status == FUTURE_FAILED ? future->returned : 0;
}

const char *far_error(const struct far_future *future)
{
    if (future == NULL)
        return "no future";
    if (future->status == FUTURE_OK)
        return NULL;
    if (future->status == FUTURE_TIMEOUT)
        return "not ended yet";
    return future->content != NULL ? future->content : "no memory for the answer";
}

const char *far_node(const struct far_future *future)
{
    return future->node;
}

int far_times_sent(const struct far_future *future)
{
    return future->times_sent;
}

void far_free(struct far_future *future)
{
    if (future == NULL)
        return;
    if (future->status != FUTURE_TIMEOUT)
        give_back(future);
    else
        future->forgotten = true;
}
