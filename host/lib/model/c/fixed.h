/* A network in whole numbers. */
#ifndef CLFIT_MODEL_C_FIXED_H
#define CLFIT_MODEL_C_FIXED_H

#include "model/c/c_export.h"

/*
 * With t(z) = tanh(z), or max(z, 0) of relu (a sigmoid is 1/2 + 1/2 tanh(z/2)), for code c:
 *
 *     z_j = w[j][0] c + w[j][1]                                 with z_bits bits after the point
 *     sum = bias + over all j: w[j][2] t(z_j)                   with sum_bits bits after the point, in output codes
 *
 * t has t_bits bits after the point. tanh of |z| is interpolated between three neighbours of a table, whose step is
 * 2^-step_bits; the place between them has place_bits bits. Narrow: all in int32_t; wide: all in int64_t.
 */
struct c_fixed {
  bool wide;
  uint32_t in_bits, out_bits;
  int z_bits, t_bits, sum_bits, step_bits, place_bits;
  int64_t (*weights)[3]; /* [hidden] */
  int64_t bias;
  uint32_t *table; /* [entries]; NULL of relu */
  uint32_t entries;
  uint32_t code_min, code_max; /* others count as the nearer of these */
  double x_min, x_step, y_min, y_step;
  double error;   /* largest difference from the model over every code */
  double allowed; /* what it must be below */
};

size_t clfit_c_fixed_weight_bytes(const struct c_fixed *fixed, uint32_t hidden);

/* The exported function, as it is computed there. */
uint32_t clfit_c_fixed_value(const struct c_fixed *fixed, uint32_t hidden, uint32_t code);

/* Finds the smallest one that is near enough to the model. CLFIT_ERROR_UNSUPPORTED: there is none. Free weights and
 * table with clfit_c_fixed_clear. */
clfit_status clfit_c_fixed_find(const struct c_export *export, struct c_fixed *fixed, clfit_error *error);
void clfit_c_fixed_clear(struct c_fixed *fixed);

#endif
