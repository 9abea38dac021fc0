/* The samples as the other files of the library see them. */
#ifndef CLFIT_HOST_DATA_H
#define CLFIT_HOST_DATA_H

#include "clfit.h"

struct clfit_data {
  size_t count;
  double *x, *y;            /* [count]; one allocation holds all four */
  float *x_float, *y_float; /* [count] */
  double low, high;         /* of samples that a target gave: the domain; else both 0 */
  clfit_scaling scaling;    /* all 0: none, as after their creation */
};

/* clfit_data_read_csv with another limit than CLFIT_SAMPLES_MAX. */
clfit_status clfit_data_read_csv_most(const char *path, const char *x_column, const char *y_column, size_t most,
                                      clfit_data **data, clfit_error *error);

#endif
