/*
 * The order in which a network takes its samples: which one comes n-th after a pause, and where a launch may pause. The
 * kernels ask here and nowhere else; the reference has a function of its own.
 */
#ifndef CLFIT_ORDER_H
#define CLFIT_ORDER_H

#include "network.h"

/* Where a network takes its samples from until its next pause. */
struct order {
  uint first; /* index of the first one in the device's x and y */
};

/* From the sample of an epoch on that a network has come to. */
static inline struct order begin_order(struct network_task task, uint sample)
{
  struct order order = {task.first + sample};
  return order;
}

/* Index in the device's x and y of the sample that comes n-th, n = 0, 1 ... */
static inline uint sample_index(struct order order, uint n)
{
  return order.first + n;
}

/* Whether two networks take the same samples. */
static inline bool same_order(struct order one, struct order other)
{
  return one.first == other.first;
}

/* Number of steps until progress must be updated: to the end of the loss block, the epoch or the launch, whichever is
 * first. At least 1. */
static inline uint steps_to_pause(struct network_task task, struct network_progress at, uint steps)
{
  uint block = CLFIT_LOSS_BLOCK - at.sample % CLFIT_LOSS_BLOCK;
  return min(steps, min(block, task.samples - at.sample));
}

#endif
