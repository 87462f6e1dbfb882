/*
 * uv.c: a pool in libuv's loop.
 */
#include <uv.h>

#include "loops.h"

static void readable(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    if (!dispatch())
        uv_poll_stop(handle);
}

int main(void)
{
    uv_poll_t handle;
    begin();
    uv_poll_init(uv_default_loop(), &handle, descriptor());
    uv_poll_start(&handle, UV_READABLE, readable);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return end();
}
