/* Writing a model as a C header: what the files of this folder share. */
#ifndef CLFIT_MODEL_C_EXPORT_H
#define CLFIT_MODEL_C_EXPORT_H

#include "clfit.h"

/* y = fma(network((x - x_offset) / x_factor rounded to float32), y_factor, y_offset); {1, 0, 1, 0}: no scaling. */
struct c_scaling {
  double x_factor, x_offset, y_factor, y_offset;
};

/* A model being written. */
struct c_export {
  const clfit_model *model;
  const clfit_export_options *options;
  struct c_scaling scaling;
  float low, high;       /* the range of x; NaN: unknown */
  clfit_figures figures; /* of the double function over options->data, in the range; NaN: unknown */
  FILE *stream;
};

bool clfit_c_is_scaled(const struct c_export *export);

/* What the exported functions return: z[i], i < n, for x[i] held to the range if options->clamp; NaN for NaN. */
void clfit_c_values(const struct c_export *export, size_t n, const float *x, float *y);
void clfit_c_values_double(const struct c_export *export, size_t n, const double *x, double *y);

/* Finds range and figures. CLFIT_ERROR_ARGUMENT: a parameter is not finite, the name is none, or --clamp without a
 * range. */
clfit_status clfit_c_prepare(struct c_export *export, const clfit_model *model, const clfit_export_options *options,
                             FILE *stream, clfit_error *error);

/* Prints the comment at the head of the file. */
void clfit_c_print_comment(const struct c_export *export);

#endif
