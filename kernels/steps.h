/*
 * The activation of the hidden layer, by its steps: programs name them by options (-DREDUCE=reduce_tanh ...); without
 * any it is the strict sigmoid.
 */
#ifndef CLFIT_STEPS_H
#define CLFIT_STEPS_H

#include "numerics.h"

#ifndef REDUCE
#define REDUCE reduce_sigmoid
#define RATIO  ratio_sigmoid
#define SLOPE  slope_sigmoid
#endif
#ifndef ACTIVATE
#define ACTIVATE activate_sigmoid /* all three steps */
#endif
#ifndef QUOTIENT
#define QUOTIENT quotient
#endif

/* A loop that is unrolled; count is a constant. */
#define EACH(i, count) __attribute__((opencl_unroll_hint(count))) for (uint i = 0; i < (count); i++)

#endif
