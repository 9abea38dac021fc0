/*
 * What host and device share about a network in training: structs with only 4-byte members, so that every compiler
 * gives them the same layout, and the constants of the order of summation.
 */
#ifndef CLFIT_NETWORK_H
#define CLFIT_NETWORK_H

#include "update.h"

#ifdef __OPENCL_VERSION__
#define CLFIT_UINT uint
#define CLFIT_INT  int
#else
#include <stdint.h>
#define CLFIT_UINT uint32_t
#define CLFIT_INT  int32_t
#endif

/* Number of partial sums: neuron j is added to partial sum j mod 32 on every device, and the partial sums are added as
 * a tree: for stride 16, 8, 4, 2, 1: sum[i] += sum[i + stride]. */
#define CLFIT_PARTIAL_SUMS 32

/* After this many samples of an epoch, and after its last one, the running sum of squared errors moves into the pair
 * (loss_high, loss_low) by TwoSum. */
#define CLFIT_LOSS_BLOCK 64

/* Which losses a kernel stores, and for how many epochs each slot has memory (one pair of floats (high, low) each). */
#define CLFIT_LOSSES_NONE 0u
/* every epoch that ends in the launch; the host limits the steps of a launch so that they fit */
#define CLFIT_LOSSES_EVERY       1u
#define CLFIT_LOSSES_MILESTONES  2u /* epochs 2^k and 3*2^k since the network was taken */
#define CLFIT_EVERY_CAPACITY     16384
#define CLFIT_MILESTONE_CAPACITY 62

/* Status of a network's training. */
#define CLFIT_TRAINING 0u
#define CLFIT_DONE     1u /* all epochs are trained */
#define CLFIT_STOPPED  2u /* an epoch changed the sum of squared errors by less than loss_tolerance */
#define CLFIT_DIVERGED 3u /* an error was not finite; epoch and sample say which */

/* The constants of a network, as long as it occupies its slot. */
struct network_task {
  CLFIT_UINT hidden;    /* 1 .. 4096 */
  CLFIT_UINT samples;   /* in an epoch, 1 .. 2^27 */
  CLFIT_UINT epochs;    /* to train, 1 .. 2^31 - 1 */
  CLFIT_UINT first;     /* index of its first sample in the device's x and y */
  float loss_tolerance; /* (float)(2*samples*tol): stop when the sum of squared errors moves by less; 0: never */
#define CLFIT_NUMBER(name) float name;
  CLFIT_UPDATE_NUMBERS(CLFIT_NUMBER) /* the rate and other numbers that optimizers use (update.h) */
#undef CLFIT_NUMBER
};

#ifdef __OPENCL_VERSION__
#define CLFIT_NUMBER(name) task.name,
static inline struct numbers_float numbers_of(struct network_task task)
{
  struct numbers_float numbers = {CLFIT_UPDATE_NUMBERS(CLFIT_NUMBER)};
  return numbers;
}
#undef CLFIT_NUMBER
#endif

/* Changes with every step. Kept between launches, and part of a network's state (clfit_state). */
struct network_progress {
  CLFIT_UINT status; /* CLFIT_TRAINING ... */
  CLFIT_UINT epoch;  /* epochs completed */
  CLFIT_UINT sample; /* samples trained of the epoch under way */
  float block_loss;  /* sum of squared errors since the last block ended */
  float loss_high;   /* of this epoch, without block_loss */
  float loss_low;
  float last_loss_high; /* of the last completed epoch */
  float last_loss_low;
};

#endif
