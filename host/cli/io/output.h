/* The files that the program writes, each a clfit_output, and their removal should a signal end the program
 * meanwhile. */
#ifndef CLFIT_CLI_OUTPUT_H
#define CLFIT_CLI_OUTPUT_H

#include "clfit.h"

struct output {
  clfit_output file;   /* write to file.stream */
  struct output *next; /* in the list of those that are open */
};

/* clfit_output_check, whose trial leaves nothing if a signal ends the program meanwhile. */
clfit_status output_check(const char *path, clfit_error *error);

/* Opens a file; path NULL or "-" is standard output. Opened or not, the struct stays where it is until output_end. */
clfit_status output_open(struct output *output, const char *path, clfit_error *error);

/* Ends a file that output_open has opened: commits it, or, after a failure of what was to be written, abandons it.
 * Returns that failure, else what the commit returns. */
clfit_status output_end(struct output *output, clfit_status written, clfit_error *error);

/* Whether a path is "-", standard output; NULL: no. */
bool output_is_standard(const char *path);

/* Whether a path names something that is no file but, for instance, a FIFO, which takes what is written only while
 * somebody reads. NULL and "-": no. */
bool output_is_special(const char *path);

/* Between these two the names of several files change, which belong together: the program does not end for a signal
 * there, unless it takes longer than a second. */
void output_begin_names(void);
void output_end_names(void);

/* Removes files that are not complete, and makes other threads wait that open or end a file: the process is about to
 * end. Called by the thread that waits for signals. Takes a second at most. */
void output_discard_all(void);

#endif
