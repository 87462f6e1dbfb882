/*
 * smoke_test.c: use a pool once in every way while system calls fail: see fail_each_call.sh.
 *
 *     build/tests/stress/smoke_test [STRACE-OPTION...]
 *
 * Exits with status 0 if all worked, 3 if some call failed with an error, and 1 otherwise.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smoke.h"
#include "stress.h"

/* Shared by the traced process and its parent, which is not traced. */
static struct {
    _Atomic bool ready, begin, ended, end;
} * desk;

static void wait_for(_Atomic bool *flag)
{
    while (!atomic_load(flag))
        sleep_for(0.0002);
}

static void use_a_pool(void *unused)
{
    (void)unused;
    /* The C library does some things only once, such as waking the waiters of a pthread_once(),
     * and can't cope with a failure there. Let it do them before strace is attached. */
    CHECK(pool_close(pool_open(1)) == 0, "the pool does not even work without faults");
    atomic_store(&desk->ready, true);
    wait_for(&desk->begin);
    struct pool *pool = pool_open(2);
    if (pool == NULL) {
        note_refusal("pool_open");
    } else {
        smoke_and_close(pool);
    }
    atomic_store(&desk->ended, true);
    wait_for(&desk->end);
    fflush(NULL);
    _exit(was_refused() ? 3 : 0);
}

/* Run strace with these options and wait until it is attached to the process. */
static void attach(char **options, pid_t pid)
{
    char number[20],
        *arguments[32] = {"strace", "-qq", "-f", "-o", "/dev/null", "-p", number};
    size_t count = 7;
    snprintf(number, sizeof number, "%ld", (long)pid);
    while (*options != NULL && count < 31)
        arguments[count++] = *options++;
    pid_t strace = fork();
    if (strace == 0) {
        execvp("strace", arguments);
        _exit(127);
    }
    while (!is_traced(pid)) {
        CHECK(waitpid(strace, NULL, WNOHANG) == 0, "strace does not run");
        sleep_for(0.0005);
    }
}

/* After the pool is closed, the process must hold what it held before. */
static void compare(const struct holdings *before, pid_t child)
{
    struct holdings now = holdings_of(child);
    CHECK(now.descriptors == before->descriptors, "descriptors: %d, then %d",
          before->descriptors, now.descriptors);
    CHECK(now.mappings == before->mappings || getenv("MAPPING_MAY_STAY") != NULL,
          "shared mappings: %d, then %d", before->mappings, now.mappings);
    CHECK(!has_children(child), "it has children");
}

int main(int argc, char **argv)
{
    (void)argc;
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    desk = share(sizeof *desk);
    pid_t child = start_apart(use_a_pool, NULL);
    wait_for(&desk->ready);
    struct holdings before = holdings_of(child);
    if (argv[1] != NULL)
        attach(argv + 1, child);
    atomic_store(&desk->begin, true);
    while (!atomic_load(&desk->ended) && process_state(child) != 'Z')
        sleep_for(0.0005);
    if (atomic_load(&desk->ended))
        compare(&before, child);
    atomic_store(&desk->end, true);
    int status = end_apart(child, 20);
    CHECK(WIFEXITED(status), "it was killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}
