/*
 * driver.c: see driver.h.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "filter.h"

static struct sockaddr_un judge;
static socklen_t judge_size;
static bool fork_is_forbidden;
static int forks_left = -1; /* any number */

/* Without the judge there is nothing to do: a program that closed the descriptors gets no verdict. */
static _Noreturn void lost(const char *what)
{
    fprintf(stderr, "lost contact with the judge: %s: %s\n", what, strerror(errno));
    _exit(97);
}

static int connect_to_judge(void)
{
    int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connection < 0)
        lost("socket");
    while (connect(connection, (struct sockaddr *)&judge, judge_size) != 0)
        if (errno != EINTR)
            lost("connect");
    return connection;
}

void driver_exchange(struct message *message)
{
    ssize_t count;
    int connection = connect_to_judge();
    message->descriptor = connection;
    do
        count = send(connection, message, sizeof *message, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    if (count != sizeof *message)
        lost("send");
    do
        count = recv(connection, message, sizeof *message, 0);
    while (count < 0 && errno == EINTR);
    if (count != sizeof *message)
        lost("receive");
    close(connection);
}

long driver_ask(int kind, long first, long second)
{
    struct message message = {.kind = kind, .value = {first, second}};
    driver_exchange(&message);
    return message.value[0];
}

static void forbid_fork(void)
{
    fork_is_forbidden = true;
    if (filter_forks() != 0)
        lost("forbid fork");
}

void driver_let_fail(long cue)
{
    if (cue == CUE_NO_FORK)
        forbid_fork();
    if (cue == CUE_TWO_FORKS)
        forks_left = 2;
    if (cue == CUE_NO_PIPE && filter_pipes() != 0)
        lost("forbid pipe");
}

pid_t exercise_fork(void)
{
    if (forks_left == 0 && !fork_is_forbidden)
        forbid_fork();
    forks_left -= forks_left > 0;
    return fork();
}

static void ignore(int signal_number)
{
    (void)signal_number;
}

void driver_interruptible(int signal_number)
{
    /* Without SA_RESTART. */
    struct sigaction action = {.sa_handler = ignore};
    if (sigaction(signal_number, &action, NULL) != 0)
        lost("sigaction");
}

int main(int argc, char **argv)
{
    if (argc != 2 || strlen(argv[1]) > sizeof judge.sun_path - 2) {
        fprintf(stderr, "This program is run by the judge: make exercise-NN.\n");
        return 2;
    }
    /* A name that starts with a zero byte is in no file system. */
    judge.sun_family = AF_UNIX;
    memcpy(judge.sun_path + 1, argv[1], strlen(argv[1]));
    judge_size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[1]));

    struct message message = {.kind = KIND_READY};
    for (;;) {
        driver_exchange(&message);
        if (message.kind == KIND_END)
            break;
        driver_act(&message);
        message.kind = KIND_ANSWER;
    }
    fflush(stdout);
    if (fork_is_forbidden) /* the leak sanitizer could not start its helper */
        _exit(0);
    return 0;
}
