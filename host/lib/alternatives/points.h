/* The rows that curves are fitted to and compared with. */
#ifndef CLFIT_HOST_POINTS_H
#define CLFIT_HOST_POINTS_H

#include "clfit.h"

/* Pairs with weights, in the order of x. */
struct points {
  size_t n;
  double *x, *y, *w; /* [n] each, one block of memory that begins at x */
};

/* Allocates n points; false: no memory. Release with clfit_points_clear. */
bool clfit_points_create(struct points *points, size_t n);
void clfit_points_clear(struct points *points);

/* A copy of the rows with a positive weight, in the order of x. */
clfit_status clfit_points_sort(struct points *points, size_t n, const double *x, const double *y, const double *weights,
                               clfit_error *error);

/* Number of different x. */
size_t clfit_points_distinct(const struct points *points);

/* Replaces rows of equal x by their weighted mean and, where more than `limit` are left, those of a cell: of at most
 * 2/limit of the range of x and 2/limit of the rows. What the curve's bend adds to the mean of a cell is taken off. */
bool clfit_points_thin(const struct points *points, size_t limit, struct points *thin);

/* At most `limit` of the rows, equally spaced in their order. */
bool clfit_points_choose(const struct points *points, size_t limit, struct points *chosen);

#endif
