/* The samples as the other files of the library see them. */
#ifndef CLFIT_HOST_DATA_H
#define CLFIT_HOST_DATA_H

#include "clfit.h"

#include <stdatomic.h>

struct clfit_data {
  atomic_uint holders; /* the caller who made it, and populations that train with it */
  size_t count;
  double *x, *y;            /* [count] */
  double *weights;          /* [count], or NULL: all 1 */
  float *x_float, *y_float; /* [count] */
  float *weights_float;     /* [count], or NULL */
  clfit_columns *columns;   /* of the file that they were read from, or NULL */
  /* of samples that a target gave: the domain; of those of which some are held out: of x before that; else both 0 */
  double low, high;
  clfit_scaling scaling; /* all 0: none, as after their creation */
  size_t held;           /* the last ones, which are not trained on */
  /* if their order is not that in which they were drawn or read: their digest in that order; else "" */
  char whole_digest[CLFIT_DIGEST_SIZE];
};

/* Makes the samples stay until clfit_data_free has been called once more. */
const clfit_data *clfit_data_hold(const clfit_data *data);

/* Makes a data set of arrays made by malloc, which are its own from here on and are freed if this fails. n is 1 ..
 * CLFIT_SAMPLES_MAX. A NULL for x or y is an allocation that failed; weights may be NULL. */
clfit_status clfit_data_adopt(size_t n, double *x, double *y, double *weights, clfit_data **data, clfit_error *error);

/* Sets y to [count] other values, and y_float to them, rounded; scales nothing. CLFIT_ERROR_ARGUMENT as
 * clfit_data_create; y is then as it was. */
clfit_status clfit_data_replace_y(clfit_data *data, const double *y, clfit_error *error);

/* Computes x_float and y_float by the scaling that data has. CLFIT_ERROR_ARGUMENT: one is not finite then. */
clfit_status clfit_data_apply_scaling(clfit_data *data, clfit_error *error);

/* A copy with more samples at its end, which are held out, and scaled as data is. Both have weights, or none has.
 * Release with clfit_data_free. */
clfit_status clfit_data_append_held(const clfit_data *data, const clfit_data *held, clfit_data **joined,
                                    clfit_error *error);

/* A copy with other weights ([count]), scaled as data is, not by what would follow from the weights. Release with
 * clfit_data_free. CLFIT_ERROR_ARGUMENT as clfit_data_create_weighted. */
clfit_status clfit_data_reweigh(const clfit_data *data, const double *weights, clfit_data **copy, clfit_error *error);

/* What to read, and how. */
struct file_request {
  const char *path;
  const char *x_column, *y_column, *weight_column; /* as clfit_data_read_weighted has them */
  const char *x_like, *y_like; /* taken where there is such a column and none is asked for; NULL: nothing */
  size_t most;                 /* samples that there may be, CLFIT_SAMPLES_MAX or less */
  bool regular;                /* nothing is opened but a regular file, and no message tells what is in it */
  bool x_only;                 /* y is the same column as x */
  bool first_two;              /* of many columns the first two are x and y if none is named so, as in version 0.1.0 */
};

clfit_status clfit_data_read(const struct file_request *request, clfit_data **data, clfit_error *error);

#endif
