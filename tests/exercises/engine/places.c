/*
 * places.c: see places.h.
 */
#include "places.h"

#include <stddef.h>

const char *const system_places[] = {"/usr",
                                     "/bin",
                                     "/sbin",
                                     "/lib",
                                     "/lib32",
                                     "/lib64",
                                     "/libx32",
                                     "/opt",
                                     "/nix",
                                     "/gnu",
                                     "/sys",
                                     "/etc/ld.so.cache",
                                     "/etc/ld.so.conf",
                                     "/etc/ld.so.conf.d",
                                     "/etc/alternatives",
                                     "/etc/localtime",
                                     NULL};

const char *const devices[] = {"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
                               "/dev/urandom", "/dev/tty",  NULL};
