/*
 * The arguments of the training kernels, the same for every mapping: host and kernels are made of this one list.
 *
 * FIRST(name, type), then NEXT(name, type) for each further one. Behind them come the buffers of the optimizer's sets
 * (update.h), four for each set: W1, B1, W2 and B2, laid out as the mapping says.
 */
#ifndef CLFIT_ARGUMENTS_H
#define CLFIT_ARGUMENTS_H

#define CLFIT_TRAIN_ARGUMENTS(FIRST, NEXT)                                                                             \
  FIRST(tasks, global const struct network_task *restrict) /* [slots] */                                               \
  NEXT(progress, global struct network_progress *restrict) /* [slots] */                                               \
  NEXT(x_all, global const float *restrict)                /* all samples */                                           \
  NEXT(y_all, global const float *restrict)                                                                            \
  NEXT(losses, global float *restrict) /* [slots][capacity] pairs, as keep says */                                     \
  NEXT(keep, uint)                     /* CLFIT_KEEP_... */                                                            \
  NEXT(stride, uint)                   /* neurons a slot has room for in W1, B1 and W2 */                              \
  NEXT(steps, uint)                    /* samples to train, at most */                                                 \
  NEXT(units, uint)                    /* slots or, in packed, packs of them */

#ifdef __OPENCL_VERSION__
#include "update.h"

#define FIRST_ARGUMENT(name, type) type name
#define NEXT_ARGUMENT(name, type)  , type name

/* PLANE and SCALAR: of what type a mapping's W1, B1 and W2, and its B2, are arrays. */
#define SET_ARGUMENTS(set)                                                                                             \
  , global PLANE *restrict w1_##set, global PLANE *restrict b1_##set, global PLANE *restrict w2_##set,                 \
      global SCALAR *restrict b2_##set

#define TRAIN_ARGUMENTS CLFIT_TRAIN_ARGUMENTS(FIRST_ARGUMENT, NEXT_ARGUMENT) SETS(SET_ARGUMENTS)
#endif

#endif
