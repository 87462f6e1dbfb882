/*
 * Promise 6: after pool_close() the program has no more children, descriptors and mappings than
 * before pool_open(). With an argument, this program ends in that way while a pool is open, and
 * its caller looks for surviving processes.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "promise.h"

static int count_entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    CHECK(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* Counts shared mappings only: the heap may add and remove mappings of its own. */
static int count_shared_mappings(void)
{
    char line[1000];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        char mode[8];
        if (sscanf(line, "%*s %7s", mode) == 1 && mode[3] == 's')
            count++;
    }
    fclose(maps);
    return count;
}

static void nothing(void *argument)
{
    (void)argument;
}

static void sleep_long(void *argument)
{
    (void)argument;
    while (pause() != 0)
        continue;
}

static void check_close(void)
{
    int descriptors = count_entries("/proc/self/fd");
    int mappings = count_shared_mappings();
    for (int round = 0; round < 20; round++) {
        struct pool *pool = pool_open(1 + round % 5);
        struct pool *other = pool_open(2);
        CHECK(pool != NULL && other != NULL);
        for (int i = 0; i < 100; i++)
            CHECK(pool_submit(pool, nothing, NULL, 0) == 0);
        CHECK(pool_submit(other, sleep_long, NULL, 0) == 0);
        CHECK(pool_close(pool) == 0);
        CHECK(pool_abort(other) == 1);
    }
    CHECK_FAILS(waitpid(-1, NULL, 0) == -1, ECHILD);
    CHECK(count_entries("/proc/self/fd") == descriptors);
    CHECK(count_shared_mappings() == mappings);
}

static void die(const char *how)
{
    struct pool *pool = pool_open(3);
    CHECK(pool != NULL);
    for (int i = 0; i < 5; i++)
        CHECK(pool_submit(pool, sleep_long, NULL, 0) == 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    if (strcmp(how, "exit") == 0) {
        prctl(PR_SET_NAME, "leaving"); /* for who waits to see it */
        exit(0);
    }
    if (strcmp(how, "wait") == 0)
        for (;;)
            pause();
    raise(atoi(how));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        die(argv[1]);
    check_close();
    puts("ok");
    return 0;
}
