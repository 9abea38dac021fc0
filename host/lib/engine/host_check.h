/* Whether this machine, and this build of the library, computes the strict arithmetic on the host. */
#ifndef CLFIT_HOST_HOST_CHECK_H
#define CLFIT_HOST_HOST_CHECK_H

#include "clfit.h"

/*
 * Compares results of the host with known ones, bit for bit: gradual underflow, rounding to nearest, single and double
 * precision, fma, the activations, the sum of losses with its rounding error, the tolerance at its boundary, NaN and
 * infinite errors, and initial parameters. Without it a host that computes wrongly would agree with itself, and devices
 * would be refused for its mistakes. CLFIT_ERROR_INEXACT names the first result that differs, or says that the host
 * flushes denormal numbers. The calling thread is checked, as the processor's modes are a thread's own. Takes some 50
 * microseconds.
 */
clfit_status clfit_host_check(clfit_error *error);

/*
 * Trains a few small networks with the reference and compares the digests of their parameters with known ones.
 * CLFIT_ERROR_INEXACT names the first that differs. Takes milliseconds.
 */
clfit_status clfit_anchors_check(clfit_error *error);

#endif
