/*
 * The progress of one training, on stderr: on a terminal one line that is overwritten; otherwise a new line from time
 * to time, and none in a run of less than two seconds.
 */
#ifndef CLFIT_CLI_PROGRESS_H
#define CLFIT_CLI_PROGRESS_H

#include "clfit.h"

struct progress_line {
  bool shown, terminal, drawn; /* drawn: the terminal shows a line of progress */
  double start, next;          /* seconds */
  uint64_t first_steps;        /* trained before this run */
};

/* Whether standard error is a terminal on which a line can be overwritten. */
bool progress_overwrites(void);

void progress_begin(struct progress_line *line, bool quiet, uint64_t first_steps);
void progress_update(struct progress_line *line, const clfit_network *network, const clfit_progress *progress);

/* Whether it is time to show something again. */
bool progress_is_due(struct progress_line *line);

/* Shows a text in the line of the progress. */
void progress_show(struct progress_line *line, const char *text);

/* "1:05", "2:00:00", from 100 days on "3.5 years" */
void progress_print_duration(char *text, size_t size, double seconds);

/* Removes the line from a terminal. */
void progress_end(struct progress_line *line);

#endif
