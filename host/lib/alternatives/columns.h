/* The columns of the table of alternatives that any curve has. */
#ifndef CLFIT_HOST_COLUMNS_H
#define CLFIT_HOST_COLUMNS_H

#include "alternatives/points.h"

/* The kinds of rows of one data set. */
struct comparison {
  struct points rows;     /* all with a positive weight */
  struct points sampled;  /* some of them, on which a fit is tried first */
  struct points fine;     /* means of cells: tables and splines are fitted to them, and they are the data's points */
  struct points coarse;   /* fewer cells, for polynomial and rational function */
  size_t distinct;        /* different x */
  double max_error, rmse; /* the bounds; INFINITY: none */
  size_t bytes;
  bool bounded;
};

/* Checks options and data, and prepares the rows. Release with clfit_comparison_clear. */
clfit_status clfit_comparison_create(struct comparison *comparison, size_t n, const double *x, const double *y,
                                     const double *weights, const clfit_alternatives_options *options,
                                     clfit_error *error);
void clfit_comparison_clear(struct comparison *comparison);

/* A row without a fit. */
void clfit_alternative_clear(clfit_alternative *row, const char *kind);

/* The errors of a curve; INFINITY where a value is not finite. */
void clfit_curve_errors(const struct points *points, clfit_curve curve, void *context, double *rmse, double *max_error);

/* Fills rmse, max_error, monotone, departure and met. */
void clfit_alternative_measure(const struct comparison *comparison, clfit_curve curve, void *context,
                               clfit_alternative *row);

#endif
