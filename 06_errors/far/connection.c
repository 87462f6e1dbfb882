/*
 * connection.c: tasks to the job server, again and again if need be.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "inside.h"

#define PAUSE 0.2 /* seconds between two attempts to connect */

/* Everything that was sent and has no answer is to be sent again, in the old order. When
 * the connection ends, the job server takes it that no client waits for those jobs any more. */
static void disconnect(struct far *far)
{
    gearman_client_free(far->client);
    far->client = NULL;
    far->connect_at = demo_clock() + PAUSE;
    far->in_flight = far->in_transit = 0;
    while (!is_empty(&far->sent)) {
        struct link *last = far->sent.previous;
        take_out(last);
        put_last(far->to_send.next, last);
        future_in(last)->begun = 0;
        if (future_in(last)->forgotten)
            end_future(future_in(last), FUTURE_CANCELLED);
    }
}

static bool connect_to_server(struct far *far)
{
    if (far->client != NULL)
        return true;
    if (demo_clock() < far->connect_at)
        return false;
    far->client = gearman_client_create(NULL);
    if (far->client == NULL)
        return false;
    if (far->is.server != NULL) {
        gearman_client_remove_servers(far->client);
        gearman_client_add_servers(far->client, far->is.server);
    } else if (getenv("GEARMAN_SERVERS") == NULL) {
        gearman_client_add_server(far->client, "localhost", 0);
    }
    gearman_client_add_options(far->client, GEARMAN_CLIENT_NON_BLOCKING);
    gearman_client_add_options(far->client, GEARMAN_CLIENT_FREE_TASKS);
    hear_answers(far->client);
    return true;
}

static bool send_one(struct far *far, struct far_future *future)
{
    gearman_return_t returned;
    char id[ID_SIZE + 12];
    snprintf(id, sizeof id, future->own_id ? "%s" : "%s.%d", future->id, future->tries);
    gearman_client_add_task(far->client, NULL, future, future->function, id,
                            future->argument, future->argument_size, &returned);
    future->times_sent++;
    return returned == GEARMAN_SUCCESS;
}

/* Send no more until the job server has confirmed the others, to keep their order. */
static bool can_send(const struct far *far)
{
    return far->in_transit == 0 && far->in_flight < far->is.window &&
           !is_empty(&far->to_send);
}

/*
 * Fill the window. libgearman sends its tasks in reverse order, so they are given to it in
 * reverse.
 */
static bool send_some(struct far *far)
{
    bool works = true;
    struct link *last = &far->to_send;
    size_t room = can_send(far) ? far->is.window - far->in_flight : 0, count = 0;
    for (; count < room && last->next != &far->to_send; count++)
        last = last->next;
    for (struct link *link = last; works && link != &far->to_send; link = link->previous)
        works = send_one(far, future_in(link));
    far->in_flight += count;
    far->in_transit += count;
    for (; count > 0; count--)
        move_first(&far->to_send, &far->sent);
    return works;
}

void step(struct far *far)
{
    if (!connect_to_server(far))
        return;
    bool works = true;
    do {
        works = send_some(far);
        gearman_return_t returned = gearman_client_run_tasks(far->client);
        works = works && (returned == GEARMAN_SUCCESS || returned == GEARMAN_IO_WAIT);
    } while (works && can_send(far));
    if (!works)
        disconnect(far);
}

void doze(struct far *far, double seconds)
{
    if (seconds <= 0)
        return;
    if (far->client == NULL || far->in_flight == 0) {
        demo_sleep(seconds < PAUSE ? seconds : PAUSE);
        return;
    }
    gearman_client_set_timeout(far->client, (int)(seconds * 1e3) + 1);
    gearman_return_t returned = gearman_client_wait(far->client);
    if (returned != GEARMAN_SUCCESS && returned != GEARMAN_TIMEOUT)
        disconnect(far);
}

/* Patience is counted from the last answer, or from when a task that still runs had begun. */
double patient_until(const struct far *far)
{
    double since = far->heard;
    for (const struct link *link = far->sent.next; link != &far->sent;
         link = link->next) {
        double begun = ((const struct far_future *)(const void *)link)->begun;
        if (begun != 0 && begun < since)
            since = begun;
    }
    return since + far->is.patience;
}

static void lose_those_without_answer(struct far *far)
{
    char why[96];
    snprintf(why, sizeof why, "no answer for %.9g s, %d times", far->is.patience,
             far->is.tries);
    for (struct link *link = far->to_send.next, *next; link != &far->to_send;
         link = next) {
        next = link->next;
        if (far->silences >= far->is.tries || future_in(link)->tries >= far->is.tries)
            end_as_lost(future_in(link), why);
    }
    if (far->silences >= far->is.tries)
        far->silences = 0;
}

/*
 * Send everything again over a new connection. A task that has waited too long gets a new id:
 * under the old one it would join the job that is stuck. The others keep their ids, and join their
 * old jobs if those still exist.
 */
void lose_patience(struct far *far)
{
    double now = demo_clock(), since = now - far->is.patience;
    bool silent = far->heard <= since;
    for (struct link *link = far->sent.next; link != &far->sent; link = link->next) {
        struct far_future *future = future_in(link);
        if (silent || (future->begun != 0 && future->begun <= since))
            future->tries++;
    }
    disconnect(far);
    far->heard = now;
    if (silent)
        far->silences++;
    lose_those_without_answer(far);
}
