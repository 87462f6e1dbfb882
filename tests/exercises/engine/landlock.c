/*
 * landlock.c: see landlock.h.
 */
#include "landlock.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "places.h"

/* Older headers do not have these. The numbers are the same for all machines. */
#define CREATE_RULESET 444
#define ADD_RULE       445
#define RESTRICT_SELF  446
#define ASK_VERSION    1u
#define PATH_BENEATH   1

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIRECTORY = 1 << 3,
    MAKE_CHARACTER_DEVICE = 1 << 6,
    MAKE_BLOCK_DEVICE = 1 << 11,
    FIRST_RIGHTS = (1 << 13) - 1, /* of the first version */
    REFER = 1 << 13,              /* version 2: to link and rename across directories */
    TRUNCATE = 1 << 14,           /* version 3 */
    SCOPE_SIGNAL = 1 << 1         /* version 6 */
};

#define FOR_FILES ((uint64_t)(EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE))
#define TO_READ   ((uint64_t)(EXECUTE | READ_FILE | READ_DIRECTORY))
#define TO_WRITE                                                                         \
    ((uint64_t)((FIRST_RIGHTS | REFER | TRUNCATE) &                                      \
                ~(EXECUTE | MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE)))

struct ruleset {
    uint64_t files, network, scope;
};

/* What is open as `file`, and all below it, may be used so. */
static void allow_file(int rules, const struct ruleset *all, int file, uint64_t rights)
{
    struct stat status;
    struct __attribute__((packed)) {
        uint64_t rights;
        int32_t file;
    } rule = {rights & all->files, file};
    if (fstat(file, &status) == 0 && !S_ISDIR(status.st_mode))
        rule.rights &= FOR_FILES;
    (void)!syscall(ADD_RULE, rules, PATH_BENEATH, &rule, 0);
}

/* What is not there needs no rule. */
static void allow(int rules, const struct ruleset *all, const char *path, uint64_t rights)
{
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0)
        return;
    allow_file(rules, all, file, rights);
    close(file);
}

bool landlock_enter(const char *const writable[], int program)
{
    long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
    struct ruleset all = {.files = FIRST_RIGHTS | (version >= 2 ? REFER : 0) |
                                   (version >= 3 ? TRUNCATE : 0),
                          .scope = version >= 6 ? SCOPE_SIGNAL : 0};
    int rules = version < 1 ? -1 : (int)syscall(CREATE_RULESET, &all, sizeof all, 0);
    if (rules < 0)
        return false;
    for (size_t i = 0; system_places[i] != NULL; i++)
        allow(rules, &all, system_places[i], TO_READ);
    allow(rules, &all, "/proc", TO_READ);
    for (size_t i = 0; devices[i] != NULL; i++)
        allow(rules, &all, devices[i], READ_FILE | WRITE_FILE | TRUNCATE);
    for (size_t i = 0; writable[i] != NULL; i++)
        allow(rules, &all, writable[i], TO_WRITE);
    if (program >= 0)
        allow_file(rules, &all, program, EXECUTE | READ_FILE);
    bool good = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                syscall(RESTRICT_SELF, rules, 0) == 0;
    close(rules);
    return good;
}
