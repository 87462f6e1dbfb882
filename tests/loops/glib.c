/*
 * glib.c: a pool in GLib's main loop.
 */
#include <glib-unix.h>

#include "loops.h"

static gboolean readable(gint descriptor, GIOCondition condition, gpointer loop)
{
    (void)descriptor, (void)condition;
    if (dispatch())
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

int main(void)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    begin();
    g_unix_fd_add(descriptor(), G_IO_IN, readable, loop);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
    return end();
}
