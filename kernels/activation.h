/*
 * The activation of the hidden layer. Build options choose it (-DSTAGES=STAGES_tanh -DACTIVATE=activate_tanh
 * -DSLOPE=slope_tanh); without them it is the strict sigmoid.
 */
#ifndef CLFIT_ACTIVATION_H
#define CLFIT_ACTIVATION_H

#include "numerics.h"

#ifndef STAGES
#define STAGES STAGES_sigmoid
#define SLOPE  slope_sigmoid
#endif
#ifndef ACTIVATE
#define ACTIVATE activate_sigmoid /* all stages at once */
#endif

/* Whether SLOPE uses its second argument. */
#define USES_Z_OF(slope) USES_Z_##slope
#define USES_Z(slope)    USES_Z_OF(slope)
#define SLOPE_USES_Z     USES_Z(SLOPE)

/* A loop that is unrolled; count is a constant. */
#define EACH(i, count) __attribute__((opencl_unroll_hint(count))) for (uint i = 0; i < (count); i++)
/* A loop that must not be unrolled, to keep the code small. */
#define NOT_UNROLLED __attribute__((opencl_unroll_hint(1)))

#endif
