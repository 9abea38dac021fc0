/* Writing a model as a C header: what the files of this folder share. */
#ifndef CLFIT_MODEL_C_EXPORT_H
#define CLFIT_MODEL_C_EXPORT_H

#include "clfit.h"

/* A model being written. */
struct c_export {
  const clfit_model *model;
  const clfit_export_options *options;
  clfit_scaling scaling;          /* complete */
  float low, high;                /* the range of x; NaN: unknown */
  double learnt_low, learnt_high; /* the same without the options; NaN: unknown */
  clfit_figures figures;          /* of the double function over options->data; NaN: unknown */
  FILE *stream;
};

/* Whether x and y have another unit than the network. */
bool clfit_c_scales_x(const struct c_export *export);
bool clfit_c_scales_y(const struct c_export *export);

/* The float function's constants: x becomes ((x - offset[0]) - offset[1]) * slope, z becomes fma(z, factor, bias). */
struct c_float_scaling {
  float offset[2], slope, factor, bias;
};
struct c_float_scaling clfit_c_float_scaling(const clfit_scaling *scaling); /* a complete one */

/* Whether the float function has its constants, and the double one no denormal product. */
bool clfit_c_can_scale(const clfit_scaling *scaling);

/* By how much the float function may differ from the double one within the range, if it scales; NaN: unknown. */
double clfit_c_float_error(const struct c_export *export);

/* What the exported functions return: y[i], i < n, for x[i] held to the range if options->clamp; NaN for NaN. */
void clfit_c_values(const struct c_export *export, size_t n, const float *x, float *y);
void clfit_c_values_double(const struct c_export *export, size_t n, const double *x, double *y);

/* Finds range and figures. CLFIT_ERROR_ARGUMENT: a parameter is not finite, the name is none, or --clamp without a
 * range. */
clfit_status clfit_c_prepare(struct c_export *export, const clfit_model *model, const clfit_export_options *options,
                             FILE *stream, clfit_error *error);

/* Prints the comment at the head of the file. fixed: of the fixed-point function, or NULL. */
struct c_fixed;
void clfit_c_print_comment(const struct c_export *export, const struct c_fixed *fixed);

/* The whole header with the fixed-point function; *added is how far it is from the model at most. */
clfit_status clfit_c_write_fixed(const struct c_export *export, double *added, clfit_error *error);

#endif
