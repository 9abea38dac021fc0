/* Pictures of a study. */
#ifndef CLFIT_CLI_RESULTS_PICTURE_H
#define CLFIT_CLI_RESULTS_PICTURE_H

#include "cli/results/results.h"

#include <stdio.h>

enum picture_kind { PICTURE_HEATMAP, PICTURE_BEST, PICTURE_FITS, PICTURE_LOSS };
enum picture_reduce { REDUCE_MEDIAN, REDUCE_MIN, REDUCE_MAX };

/* A growing list of numbers; free(items). */
struct values {
  double *items; /* [n] */
  size_t n, capacity;
};

clfit_status values_append(struct values *values, double value, clfit_error *error);

/* One of them, or between the middle two; they are sorted for it. n > 0. */
double values_reduce(struct values *values, enum picture_reduce how);

/* What to draw. */
struct picture {
  const char *where, *also;   /* as results_query has them */
  const char *rank_by;        /* of best, fits and loss */
  uint32_t limit;             /* networks of fits and loss; 0: a few */
  const char *rows, *cols;    /* of a heatmap: columns of the view */
  const char *value;          /* what its colours show: another one */
  enum picture_reduce reduce; /* how the values of a cell become one */
  bool quiet;                 /* no progress of trainings */
};

/* Each writes a gnuplot script without its terminal. CLFIT_ERROR_ARGUMENT: there is nothing to draw. */
clfit_status picture_heatmap(struct results *results, const struct picture *picture, FILE *script, clfit_error *error);
clfit_status picture_fits(struct results *results, const struct picture *picture, FILE *script, clfit_error *error);
clfit_status picture_loss(struct results *results, const struct picture *picture, FILE *script, clfit_error *error);

/* Draws one as an SVG to a stream. */
clfit_status picture_print_svg(struct results *results, enum picture_kind kind, const struct picture *picture,
                               FILE *stream, clfit_error *error);

/* The ids of the best networks that have ended well, at most `most` of them: ids[*count]. */
clfit_status picture_best_ids(struct results *results, const struct picture *picture, size_t most, uint64_t *ids,
                              size_t *count, clfit_error *error);

/* Draws --plot. */
clfit_status results_draw(struct results *results, const struct options *options, clfit_error *error);

#endif
