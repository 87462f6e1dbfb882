/*
 * smoke_test.c: a whole life of a pool, for a system where calls fail: see fail_each_call.sh.
 *
 * Ends with 0 if all went well, with 3 if something was refused, cleanly; whatever else
 * is wrong ends it with 1.
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

/* Between the life and us, who are not traced. */
static struct {
    _Atomic bool ready, begin, ended, end;
} * desk;

static void wait_for(_Atomic bool *flag)
{
    while (!atomic_load(flag))
        sleep_for(0.0002);
}

static void whole_life(void *unused)
{
    (void)unused;
    /* What the C library does only once, like telling those who wait for a pthread_once(),
     * it does not expect to fail. */
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

/* Have strace attached, with the options that were given. */
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

/* What is there when the life is over, and the pool closed, against what was before. */
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
    pid_t child = start_apart(whole_life, NULL);
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
