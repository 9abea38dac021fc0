/* The losses of every epoch: --history FILE.csv, header `epoch,train_loss` or, with samples held out,
 * `epoch,train_loss,held_loss`. */
#ifndef CLFIT_CLI_HISTORY_H
#define CLFIT_CLI_HISTORY_H

#include "clfit.h"

struct history {
  uint32_t *epochs; /* [count], rising, from 1 */
  double *losses;   /* [count], NaN where not finite */
  double *held;     /* the same of the samples held out; only if has_held */
  bool has_held;
  size_t count, capacity;
};

void history_clear(struct history *history);

/* Appends losses of n epochs from first_epoch on. held NULL: no samples are held out. */
clfit_status history_append(struct history *history, uint32_t first_epoch, size_t n, const double *losses,
                            const double *held, clfit_error *error);

/* Reads the rows of an existing file up to an epoch. No file, or no regular one: no rows. CLFIT_ERROR_FORMAT: it is no
 * history; the message has its line. */
clfit_status history_read(struct history *history, const char *path, uint32_t last_epoch, clfit_error *error);
clfit_status history_write(const struct history *history, const char *path, clfit_error *error);

/* Index of the first row from which on no epoch is missing. */
size_t history_unbroken(const struct history *history);

#endif
