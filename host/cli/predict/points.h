/* Where predict evaluates a model. */
#ifndef CLFIT_CLI_POINTS_H
#define CLFIT_CLI_POINTS_H

#include "cli/options/options.h"

struct points {
  size_t count;
  const double *x;       /* [count], finite in float32 */
  const double *y;       /* [count], measured; NULL unless they came from --data */
  const double *weights; /* [count] of --weight-column; NULL: all 1 */
  double *own_x;         /* to be freed; NULL where data holds x */
  clfit_data *data;      /* of --x and --data */
};

/* Makes the points that one of --grid, --x and --data names; if none does, those of a grid. learnt: what the network
 * was trained on, whose columns are looked for in those files. Release with points_close, also a zeroed struct. */
clfit_status points_open(struct points *points, const struct options *options, const clfit_source *learnt,
                         const struct grid *otherwise, clfit_error *error);
void points_close(struct points *points);

#endif
