/* Connects to the judge again and again and says nothing. */
#include "run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int run_child(int (*work)(void))
{
    char line[256] = "";
    struct sockaddr_un judge = {.sun_family = AF_UNIX};
    int file = open("/proc/self/cmdline", O_RDONLY);
    if (read(file, line, sizeof line - 1) < 0)
        return 0;
    close(file);
    const char *name = line + strlen(line) + 1;
    memcpy(judge.sun_path + 1, name, strlen(name));
    socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
    for (int k = 0; k < 5; k++)
        if (fork() == 0) {
            for (int i = 0; i < 200; i++)
                connect(socket(AF_UNIX, SOCK_SEQPACKET, 0), (struct sockaddr *)&judge,
                        size);
            for (;;)
                pause();
        }
    for (;;)
        wait(NULL);
    return work();
}
