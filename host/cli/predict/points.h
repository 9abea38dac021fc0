/* Where predict evaluates a model. */
#ifndef CLFIT_CLI_POINTS_H
#define CLFIT_CLI_POINTS_H

#include "cli/options/options.h"

struct points {
  size_t count;
  const double *x; /* [count], finite in float32 */
  const double *y; /* [count], measured; NULL unless they came from --data */
  double *own_x;   /* to be freed; NULL where data holds x */
  clfit_data *data;
};

/* Makes the points that exactly one of --grid, --x and --data names. */
clfit_status points_open(struct points *points, const struct options *options, clfit_error *error);
void points_close(struct points *points);

#endif
