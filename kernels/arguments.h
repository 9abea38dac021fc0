/*
 * The arguments of the training kernels, the same for every mapping. The kernels' parameter lists and the host's code
 * that sets the arguments are both generated from this list, so they cannot differ.
 *
 * The first argument is FIRST(name, type), each further one NEXT(name, type); pointers are RESTRICT. After them come
 * the parameters, four buffers: W1, B1, W2 and B2, in the mapping's layout, and in batch.cl as many for each further
 * set of its rule.
 */
#ifndef CLFIT_ARGUMENTS_H
#define CLFIT_ARGUMENTS_H

#define CLFIT_TRAIN_ARGUMENTS(FIRST, NEXT, RESTRICT)                                                                   \
  FIRST(tasks, global const struct network_task *RESTRICT) /* [slots] */                                               \
  NEXT(progress, global struct network_progress *RESTRICT) /* [slots] */                                               \
  NEXT(x_all, global const float *RESTRICT)                /* all samples */                                           \
  NEXT(y_all, global const float *RESTRICT)                                                                            \
  NEXT(losses, global float *RESTRICT) /* [slots][capacity] pairs, as losses_kept says */                              \
  NEXT(losses_kept, uint)              /* CLFIT_LOSSES_... */                                                          \
  NEXT(stride, uint)                   /* neurons per slot in W1, B1 and W2, with padding */                           \
  NEXT(steps, uint)                    /* samples to train, at most */                                                 \
  NEXT(units, uint)                    /* slots or, in packed, packs of them */

#ifdef __OPENCL_VERSION__
#define FIRST_ARGUMENT(name, type) type name
#define NEXT_ARGUMENT(name, type)  , type name

/* PLANE is the element type of a mapping's buffers W1, B1 and W2; SCALAR that of its buffer B2. */
#define TRAIN_ARGUMENTS(RESTRICT)                                                                                      \
  CLFIT_TRAIN_ARGUMENTS(FIRST_ARGUMENT, NEXT_ARGUMENT, RESTRICT)                                                       \
  , global PLANE *RESTRICT w1_all, global PLANE *RESTRICT b1_all, global PLANE *RESTRICT w2_all,                       \
      global SCALAR *RESTRICT b2_all

/* The same, to hand them on to a function. */
#define FIRST_VALUE(name, type) name
#define NEXT_VALUE(name, type)  , name
#define TRAIN_VALUES            CLFIT_TRAIN_ARGUMENTS(FIRST_VALUE, NEXT_VALUE, ), w1_all, b1_all, w2_all, b2_all
#endif

#endif
