/* The strict arithmetic in binary64 on the host: its operations, and whether this machine computes them right. */
#ifndef CLFIT_HOST_BINARY64_H
#define CLFIT_HOST_BINARY64_H

#include "clfit.h"
#include "numerics.h"
#include "selftest64.h"

/* One operation of the self-test; `expression` says what of a, b and c it computes. */
struct operation64 {
  const char *expression;
  double (*compute)(double a, double b, double c);
};

#define OPERATION64_INDEX(name, expression) OPERATION64_##name,
#define ACTIVATION64_INDICES(name)          OPERATION64_##name, OPERATION64_slope_##name,
enum {
  CLFIT_OPERATIONS64(OPERATION64_INDEX) /* OPERATION64_ACTIVATIONS of them */
  OPERATION64_ACTIVATIONS,
  OPERATION64_BEFORE = OPERATION64_ACTIVATIONS - 1,
  CLFIT_ACTIVATIONS(ACTIVATION64_INDICES) OPERATION64_COUNT
};
#undef OPERATION64_INDEX
#undef ACTIVATION64_INDICES

/* In the order of CLFIT_OPERATIONS64; then the value and the slope of each activation. */
extern const struct operation64 clfit_operations64[OPERATION64_COUNT];

/* The operations that a program for an activation computes, in the order of the kernel's results: 0 ..
 * SELFTEST64_ROWS - 1. */
#define SELFTEST64_ROWS ((size_t)OPERATION64_ACTIVATIONS + 2)
const struct operation64 *clfit_selftest64_operation(clfit_activation activation, size_t row);

/* Compares results of this machine with known ones, bit for bit: rounding to nearest in binary64 and not in a wider
 * format, fma with one rounding, gradual underflow, division, square root, and every function of binary64.h.
 * CLFIT_ERROR_INEXACT names the first that differs. Takes microseconds. */
clfit_status clfit_binary64_check(clfit_error *error);

#endif
