/* The table of activations on the host; the option parser, the reference, the stability limit and the exports use it.
 * */
#ifndef CLFIT_HOST_ACTIVATION_H
#define CLFIT_HOST_ACTIVATION_H

#include "clfit.h"

#include <stdbool.h>

/* What an operator takes beside the result of the one before it (the first: the argument). */
enum onnx_second { ONNX_ALONE, ONNX_ARGUMENT, ONNX_NUMBER };

/* An operator of ONNX, of opset 9 or before. */
struct onnx_step {
  const char *operation; /* NULL: the end */
  enum onnx_second second;
  float number;
};
#define ONNX_STEPS_MAX 6

/* What bounds the difference between two ways of computing a value in float32; a unit is 2^-24. */
struct activation_error {
  double slope; /* the largest |slope| */
  bool bounded; /* |value| is at most 1; else at most |z| + offset */
  double offset;
  double units; /* largest error of a value in units, times that bound of the value */
};

struct activation {
  const char *name;                          /* as the kernels' activate_NAME and slope_NAME have it */
  const char *alias;                         /* another name that people type; NULL if none */
  float (*value)(float z);                   /* the strict arithmetic of kernels/numerics.h */
  float (*slope)(float a, float z);          /* its derivative at z, given a = value(z) */
  clfit_operations operations;               /* of one value; for comparisons with other curves */
  struct onnx_step onnx[ONNX_STEPS_MAX + 1]; /* that compute it in an exported graph */
  struct activation_error error;
  bool needs_reciprocal, needs_exp; /* the exported C function calls these */
};

/* activation < clfit_activation_count(). */
const struct activation *clfit_activation_get(clfit_activation activation);

#endif
