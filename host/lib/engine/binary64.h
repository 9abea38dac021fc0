/* The strict arithmetic in binary64 on the host: its operations, and whether this machine computes them right. */
#ifndef CLFIT_HOST_BINARY64_H
#define CLFIT_HOST_BINARY64_H

#include "clfit.h"
#include "selftest64.h"

/* One operation of the self-test; `expression` says what of a, b and c it computes. */
struct operation64 {
  const char *expression;
  double (*compute)(double a, double b, double c);
};

#define OPERATION64_INDEX(name, expression) OPERATION64_##name,
enum { CLFIT_OPERATIONS64(OPERATION64_INDEX) OPERATION64_COUNT };
#undef OPERATION64_INDEX

/* In the order of CLFIT_OPERATIONS64, which is that of the kernel's results. */
extern const struct operation64 clfit_operations64[OPERATION64_COUNT];

/* Compares results of this machine with known ones, bit for bit: rounding to nearest in binary64 and not in a wider
 * format, fma with one rounding, gradual underflow, division, square root, and every function of binary64.h.
 * CLFIT_ERROR_INEXACT names the first that differs. Takes microseconds. */
clfit_status clfit_binary64_check(clfit_error *error);

#endif
