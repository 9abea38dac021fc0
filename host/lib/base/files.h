/* Writing a file so that a failure leaves what was there: everything goes to a new file beside it, which then takes its
 * name. */
#ifndef CLFIT_HOST_FILES_H
#define CLFIT_HOST_FILES_H

#include "clfit.h"

#include <stdio.h>

/* A file being written. */
struct new_file {
  FILE *stream;
  char *path;      /* as the caller named it */
  char *place;     /* the name to take: path with symbolic links followed, so that they stay links */
  char *temporary; /* beside place; NULL where path is no regular file (/dev/null, a FIFO) and is written directly */
};

/* Opens the new file for writing. A file that is there keeps its permissions, a new one gets those of the umask. "-" is
 * standard output, also when it is a file. CLFIT_ERROR_FILE names the path and the system's reason. */
clfit_status clfit_new_file_open(struct new_file *file, const char *path, clfit_error *error);

/* Flushes, closes and renames; on failure (a full disk) removes the new file. */
clfit_status clfit_new_file_commit(struct new_file *file, clfit_error *error);

/* Closes and removes the new file. Does nothing after a commit, a failed open, or on a zeroed struct. */
void clfit_new_file_abandon(struct new_file *file);

/* CLFIT_ERROR_FILE, "cannot VERB PATH: " and what the system calls that errno; ENOMEM is CLFIT_ERROR_MEMORY. */
clfit_status clfit_fail_file(clfit_error *error, const char *verb, const char *path, int number);

#endif
