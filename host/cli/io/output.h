/* The files that the program writes, each a clfit_output, and their removal should a signal end the program
 * meanwhile. */
#ifndef CLFIT_CLI_OUTPUT_H
#define CLFIT_CLI_OUTPUT_H

#include "clfit.h"

struct output {
  clfit_output file;   /* write to file.stream */
  struct output *next; /* in the list of those that are open */
};

/* Opens a file; path NULL or "-" is standard output. Opened or not, the struct stays where it is until output_end. */
clfit_status output_open(struct output *output, const char *path, clfit_error *error);

/* Ends a file that output_open has opened: commits it, or, after a failure of what was to be written, abandons it.
 * Returns that failure, else what the commit returns. */
clfit_status output_end(struct output *output, clfit_status written, clfit_error *error);

/* Removes files that are not complete, and makes other threads wait that open or end a file: the process is about to
 * end. Called by the thread that waits for signals. Takes a second at most. */
void output_discard_all(void);

#endif
