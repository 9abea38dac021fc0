/*
 * The activation of the hidden layer: programs name it by options (-DSTEPS=STEPS_tanh ...); without any it is the strict
 * sigmoid.
 */
#ifndef CLFIT_STEPS_H
#define CLFIT_STEPS_H

#include "numerics.h"

#ifndef STEPS
#define STEPS STEPS_sigmoid
#define SLOPE slope_sigmoid
#endif
#ifndef ACTIVATE
#define ACTIVATE activate_sigmoid /* all steps */
#endif

/* A loop that is unrolled; count is a constant. */
#define EACH(i, count) __attribute__((opencl_unroll_hint(count))) for (uint i = 0; i < (count); i++)
/* One that is not, to keep the code small. */
#define NOT_UNROLLED __attribute__((opencl_unroll_hint(1)))

#endif
