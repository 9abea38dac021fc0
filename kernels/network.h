/*
 * What host and device share about a network in training: structs with only 4-byte members, so that every compiler
 * gives them the same layout, and the constants of the order of summation.
 */
#ifndef CLFIT_NETWORK_H
#define CLFIT_NETWORK_H

#include "rule.h"

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

/* Why a network has stopped, in the place of the sample, which is 0 then; those of least squares follow these numbers
 * (levenberg_marquardt.h). */
#define CLFIT_STOPPED_BY_TOLERANCE 0u
#define CLFIT_STOPPED_BY_LOSS      4u
#define CLFIT_STOPPED_BY_PATIENCE  5u

/* Orders of the samples in an epoch. */
#define CLFIT_SHUFFLE_NONE  0u
#define CLFIT_SHUFFLE_EPOCH 1u /* another permutation in every epoch */
#define CLFIT_SHUFFLE_ONCE  2u /* the same permutation in all epochs */

/* Schedules of the rate: factors of epoch t = 0, 1 ... */
#define CLFIT_SCHEDULE_CONSTANT  0u /* 1 */
#define CLFIT_SCHEDULE_GEOMETRIC 1u /* schedule_factor^t */
#define CLFIT_SCHEDULE_STEP      2u /* schedule_factor^(t / schedule_epochs), rounded down */
#define CLFIT_SCHEDULE_COSINE    3u /* (1 + cos(pi t / epochs)) / 2 */
#define CLFIT_SCHEDULE_WARMUP    4u /* (t + 1) / schedule_epochs, at most 1 */

/* The loss that decides when a training stops: that of the samples as they are trained, of the same samples after the
 * epoch, or of the samples held out. */
#define CLFIT_FIGURE_TRAIN 0u
#define CLFIT_FIGURE_ALL   1u
#define CLFIT_FIGURE_HELD  2u

/* The further constants of a network that is trained by batch.cl. */
struct batch_task {
  CLFIT_UINT batch; /* samples of a batch, 1 .. samples */
  CLFIT_UINT shuffle;
  CLFIT_UINT seed; /* of the order */
  CLFIT_UINT schedule;
  CLFIT_UINT schedule_epochs;
  float schedule_factor;
  CLFIT_UINT held;       /* samples held out, which follow those of the epoch */
  CLFIT_UINT stop_on;    /* CLFIT_FIGURE_..., compared with stop_loss */
  float stop_loss;       /* (float)(2*samples*L): stop when the sum of squared errors is less; 0: never */
  CLFIT_UINT patience;   /* stop after so many epochs without a new smallest loss; 0: never */
  CLFIT_UINT patience_on; /* CLFIT_FIGURE_... */
#define CLFIT_NUMBER(name) float name;
  CLFIT_RULE_NUMBERS(CLFIT_NUMBER)
#undef CLFIT_NUMBER
};

/* The constants of a network, as long as it occupies its slot. */
struct network_task {
  CLFIT_UINT hidden;    /* 1 .. 4096 */
  CLFIT_UINT samples;   /* in an epoch, 1 .. 2^27 */
  CLFIT_UINT epochs;    /* to train, 1 .. 2^31 - 1 */
  CLFIT_UINT first;     /* index of its first sample in the device's x and y */
  float loss_tolerance; /* (float)(2*samples*tol): stop when the sum of squared errors moves by less; 0: never */
  float rate;
  struct batch_task batches;
};

/* What changes in a training by batch.cl beside struct network_progress. All 0 before the first step. */
struct batch_progress {
  float bias1, bias2; /* 1 - beta^t after t steps */
  float factor;       /* of the rate in this epoch, for schedules that multiply; 1 in epoch 0, whatever stands here */
  float all_high, all_low;   /* sum of squared errors of the samples after the last epoch, if it decides something */
  float held_high, held_low; /* of the samples held out, after the last epoch */
  float best_high, best_low; /* smallest sum so far of what patience looks at */
  CLFIT_UINT best_epoch;     /* epochs completed then; 0: none yet */
};

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
  struct batch_progress batches;
};

#endif
