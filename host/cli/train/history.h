/* The losses of every epoch: --history FILE.csv, header `epoch,train_loss` or, with samples held out,
 * `epoch,train_loss,held_loss`. Rows are written while the training goes on; the file takes its name at the end. What a
 * picture shows of them is thinned out, so that memory does not grow with the number of epochs. */
#ifndef CLFIT_CLI_HISTORY_H
#define CLFIT_CLI_HISTORY_H

#include "cli/io/output.h"

/* Losses that are kept for a picture at most; of more, every second, fourth ... is. A picture draws far fewer. */
#define HISTORY_CURVE_MAX (1u << 17)

/* The rows since the last gap. */
struct history_curve {
  double *losses, *held; /* [count], NaN where not finite; allocated if kept */
  size_t count;
  uint32_t first_epoch, step; /* epoch of losses[i]: first_epoch + i*step */
};

struct history {
  const char *path; /* NULL: there is none */
  bool open;        /* output is */
  bool has_held;    /* the third column */
  bool resumed;     /* it goes on with the rows of an earlier one */
  uint32_t last_epoch;
  struct output output;
  struct history_curve curve;
};

/* Begins a history that is going to be at a path, with the rows of the file that is there up to an epoch; 0: it is
 * going to be replaced. No file, or no regular one: no rows. held: samples are held out. curve: keep it for a picture.
 * CLFIT_ERROR_ARGUMENT: the file is no history; the message has its line. Release with history_clear. */
clfit_status history_begin(struct history *history, const char *path, uint32_t last_epoch, bool held, bool curve,
                           clfit_error *error);

/* Abandons a file that is still open. Accepts a zeroed struct. */
void history_clear(struct history *history);

/* Appends losses of n epochs from first_epoch on. held NULL: not known. A failed write is told in the end. */
void history_append(struct history *history, uint32_t first_epoch, size_t n, const double *losses, const double *held);

/* Has the disk have all of it; what is left for history_end is the name. Without a history they do nothing. */
clfit_status history_prepare(struct history *history, clfit_error *error);
clfit_status history_end(struct history *history, clfit_error *error);

#endif
