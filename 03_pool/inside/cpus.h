/*
 * cpus.h: how many processors this process may use.
 */
#ifndef CPUS_H
#define CPUS_H

/*
 * The processors of the affinity mask or, if that is less, the quota of processor time of this
 * process's control group and of the groups above it (containers have one), rounded up. At
 * least 1.
 */
int cpus_allowed(void);

/* The quota alone, rounded up, as found in the files below root/proc and root/sys. `root` is "" on
 * a real system. 0: there is no quota. */
int cpus_quota(const char *root);

#endif
