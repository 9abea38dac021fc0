/* Whether this machine, and this build of the library, computes the strict arithmetic on the host: clfit_host_check,
 * which is public, and digests. */
#ifndef CLFIT_HOST_HOST_CHECK_H
#define CLFIT_HOST_HOST_CHECK_H

#include "clfit.h"

/*
 * Trains a few small networks with the reference and compares the digests of their parameters with known ones.
 * CLFIT_ERROR_INEXACT names the first that differs. Takes milliseconds.
 */
clfit_status clfit_anchors_check(clfit_error *error);

#endif
