/* Files that the program writes itself: a new file beside the named one, which then takes its name, so that a failure
 * leaves what was there. */
#ifndef CLFIT_CLI_OUTPUT_H
#define CLFIT_CLI_OUTPUT_H

#include "clfit.h"

#include <stdio.h>

struct output {
  FILE *stream;
  const char *path; /* the caller's; NULL: standard output */
  char *place;      /* with links followed; NULL where it is written directly: standard output, a device, a pipe */
  char *temporary;  /* the new file beside the place */
};

/* Opens a file; path "-" or NULL is standard output. An interruption waits until it is committed. */
clfit_status output_open(struct output *output, const char *path, clfit_error *error);

/* Ends the file, and checks that everything got there. Call it right after a write that failed: errno says why. */
clfit_status output_commit(struct output *output, clfit_error *error);

/* Leaves what was there: removes what has been written. */
void output_abandon(struct output *output);

/* True if two paths lead to the same file, whether it exists or not. */
bool output_same_file(const char *a, const char *b);

#endif
