/* The table of activations on the host; the option parser, the reference, the stability limit and the exports use it.
 * */
#ifndef CLFIT_HOST_ACTIVATION_H
#define CLFIT_HOST_ACTIVATION_H

#include "clfit.h"

struct activation {
  const char *name;                 /* as the kernels' activate_NAME and slope_NAME have it */
  const char *alias;                /* another name that people type; NULL if none */
  float (*value)(float z);          /* the strict arithmetic of kernels/numerics.h */
  float (*slope)(float a, float z); /* its derivative at z, given a = value(z) */
  clfit_operations operations;      /* of one value; for comparisons with other curves */
  const char *onnx_operator;        /* that computes it in an exported graph */
};

/* activation < clfit_activation_count(). */
const struct activation *clfit_activation_get(clfit_activation activation);

#endif
