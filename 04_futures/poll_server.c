/*
 * poll_server.c: one thread, many connections, and a pool for what takes long. poll() waits for
 * all of them at once.
 *
 *     build/04_futures/poll_server                  serves one client, a child of its own
 *     build/04_futures/poll_server --port 4000      serves all that connect, until Ctrl-C
 *
 * A client sends numbers, one on each line. For each the server answers how many primes there are
 * up to that number, as soon as it is known: small numbers overtake large ones. The primes are
 * counted in the pool, so the server itself is always free. The pool's descriptor tells poll()
 * that there is an answer, and pool_dispatch() then calls answer().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"
#include "future.h"
#include "program.h"

#define MOST_CLIENTS 100

struct client {
    bool used, writes; /* it may send more */
    int socket, unanswered;
    char line[24];
    size_t length;
};

struct question {
    struct client *client;
    long number;
};

static struct pool *pool;
static struct client clients[MOST_CLIENTS];

/* The task, in a worker. */
static int count_primes(void *argument, void *result)
{
    long most = *(long *)argument, count = 0;
    for (long number = 2; number <= most; number++) {
        long divisor = 2;
        while (divisor * divisor <= number && number % divisor != 0)
            divisor++;
        count += divisor * divisor > number;
    }
    *(long *)result = count;
    return 0;
}

/* A client that sends no more is let go when it has its last answer. */
static void let_go_if_done(struct client *client)
{
    if (!client->writes && client->unanswered == 0) {
        close(client->socket);
        client->used = false;
    }
}

/* Never waits. A client is cut off when the answers that it does not read fill the socket. */
static void tell(struct client *client, const char *text)
{
    ssize_t length = (ssize_t)strlen(text);
    if (send(client->socket, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) == length)
        return;
    client->writes = false;
    shutdown(client->socket, SHUT_RDWR);
}

/* The callback, in the server. */
static void answer(struct future *future, void *argument)
{
    struct question *question = argument;
    struct client *client = question->client;
    long *primes = future_value(future);
    char text[64];
    if (primes != NULL)
        snprintf(text, sizeof text, "%ld: %ld\n", question->number, *primes);
    else
        snprintf(text, sizeof text, "%ld: %s\n", question->number,
                 future_status_name(future_status(future)));
    tell(client, text);
    client->unanswered--;
    let_go_if_done(client);
    future_free(future);
    free(question);
}

static void ask(struct client *client, long number)
{
    struct question *question = malloc(sizeof *question);
    if (question != NULL)
        *question = (struct question){client, number};
    struct future *future =
        future_submit(pool, count_primes, &number, sizeof number, sizeof number);
    if (question == NULL || future == NULL ||
        future_on_end(future, answer, question) != 0)
        demo_fail("cannot ask the pool");
    client->unanswered++;
}

static void read_questions(struct client *client)
{
    char text[512];
    ssize_t length = read(client->socket, text, sizeof text);
    for (ssize_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            client->line[client->length] = '\0';
            ask(client, strtol(client->line, NULL, 10));
            client->length = 0;
        } else if (client->length + 1 < sizeof client->line) {
            client->line[client->length++] = text[i];
        }
    }
    if (length <= 0)
        client->writes = false;
    let_go_if_done(client);
}

static void let_in(int listener)
{
    int socket = accept(listener, NULL, NULL);
    for (int i = 0; socket >= 0 && i < MOST_CLIENTS; i++)
        if (!clients[i].used) {
            clients[i] = (struct client){.used = true, .writes = true, .socket = socket};
            return;
        }
    if (socket >= 0)
        close(socket); /* too many */
}

static int listen_on(long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int reuse = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 ||
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0)
        demo_fail("cannot listen on port %ld", port);
    printf("listening on port %ld\n", port);
    fflush(stdout);
    return listener;
}

static bool has_clients(void)
{
    for (int i = 0; i < MOST_CLIENTS; i++)
        if (clients[i].used)
            return true;
    return false;
}

/* Without a listener (-1), until the last client has its answers. */
static void serve(int listener)
{
    struct pollfd waits[MOST_CLIENTS + 2];
    waits[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    waits[1] = (struct pollfd){.fd = pool_descriptor(pool), .events = POLLIN};
    while (listener >= 0 || has_clients()) {
        for (int i = 0; i < MOST_CLIENTS; i++) /* poll() ignores -1 */
            waits[i + 2] = (struct pollfd){
                .fd = clients[i].used && clients[i].writes ? clients[i].socket : -1,
                .events = POLLIN};
        if (poll(waits, MOST_CLIENTS + 2, -1) < 0 && errno != EINTR)
            demo_fail("cannot wait");
        for (int i = 0; i < MOST_CLIENTS; i++)
            if (waits[i + 2].fd >= 0 && waits[i + 2].revents != 0)
                read_questions(&clients[i]);
        if (waits[1].revents != 0 && pool_dispatch(pool) < 0)
            demo_fail("%s", pool_broken(pool));
        if (waits[0].revents != 0)
            let_in(listener);
    }
}

/* A child that asks two questions and prints what it is told. */
static pid_t fork_client(void)
{
    static const char questions[] = "2000000\n100\n";
    char text[512];
    ssize_t length;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        demo_fail("cannot make a pair of sockets");
    pid_t pid = fork();
    if (pid < 0)
        demo_fail("cannot fork a client");
    if (pid > 0) {
        close(pair[1]);
        clients[0] = (struct client){.used = true, .writes = true, .socket = pair[0]};
        return pid;
    }
    close(pair[0]);
    printf("asks: 2000000, then 100\n");
    fflush(stdout);
    if (write(pair[1], questions, sizeof questions - 1) < 0)
        _exit(1);
    shutdown(pair[1], SHUT_WR);
    while ((length = read(pair[1], text, sizeof text)) > 0)
        if (write(STDOUT_FILENO, text, (size_t)length) != length)
            _exit(1);
    _exit(0);
}

int main(int argc, char **argv)
{
    long port = 0, workers = 2;
    int status = 0;
    demo_start(argc, argv, "Count primes for clients: small numbers overtake large ones.",
               (struct demo_option[]){
                   {"port", &port, 1, 65535, "listen there, on this machine only"},
                   {"workers", &workers, 1, POOL_MAX_WORKERS, "worker processes"},
                   {.name = NULL}});
    /* First: the pool's processes keep open whatever was open when they were forked. */
    pool =
        pool_open_with(&(struct pool_options){.workers = (int)workers, .event_loop = 1});
    if (pool == NULL)
        demo_fail("cannot open a pool");
    pid_t child = port == 0 ? fork_client() : 0;
    serve(port == 0 ? -1 : listen_on(port));
    if (child > 0)
        waitpid(child, &status, 0);
    pool_close(pool);
    return demo_end() != 0 || status != 0;
}
