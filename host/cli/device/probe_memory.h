/* The files that remember the results of probes, in the folder of PoCL's kernel cache (POCL_CACHE_DIR), else in
 * $XDG_CACHE_HOME/clfit or ~/.cache/clfit. Where nothing can be written nothing is remembered. */
#ifndef CLFIT_CLI_PROBE_MEMORY_H
#define CLFIT_CLI_PROBE_MEMORY_H

#include "cli/device/probe.h"

/* The file for a device (clfit_device_digest) and a kind of probe. NULL: there is no place for it. Free with free(). */
char *probe_memory_path(const clfit_device_info *info, const char *kind);

/* path may be NULL. False: nothing is remembered, or nothing that can be read. */
bool probe_memory_read(const char *path, bool *survived, char reason[PROBE_REASON_SIZE]);
void probe_memory_write(const char *path, bool survived, const char *reason);

#endif
