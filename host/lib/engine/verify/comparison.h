/* Comparing what a device hands back with what the reference does, bit for bit. */
#ifndef CLFIT_HOST_VERIFY_COMPARISON_H
#define CLFIT_HOST_VERIFY_COMPARISON_H

#include "engine/verify/trial.h"

/* Counts values and differing bits in result, and describes the first difference: the mapping, the network's
 * configuration, the value. */
void clfit_outcome_compare(clfit_verification *result, const char *mapping, const struct plan *plan,
                           const struct outcome *got, const struct outcome *want);

#endif
