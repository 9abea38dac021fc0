/*
 * The order in which a network takes its samples, and where the boundaries of segments are. Between two boundaries, in
 * a segment, a kernel trains without updating progress. Only this header decides both for all kernels; the reference
 * has its own function.
 */
#ifndef CLFIT_ORDER_H
#define CLFIT_ORDER_H

#include "network.h"

/* The samples that a network takes in a segment. */
struct order {
  uint first; /* index in x and y of the segment's first sample */
};

/* The order from a sample of the epoch (0: the first) to the next boundary. */
static inline struct order begin_order(struct network_task task, uint sample)
{
  struct order order = {task.first + sample};
  return order;
}

/* Index in x and y of the n-th sample of the segment, n = 0, 1 ... */
static inline uint sample_index(struct order order, uint n)
{
  return order.first + n;
}

/* Whether two networks take the same samples in this segment. */
static inline bool same_order(struct order one, struct order other)
{
  return one.first == other.first;
}

/* Number of steps to the next boundary: the end of the loss block, of the epoch or of the launch (`steps`),
 * whichever comes first. At least 1. */
static inline uint steps_to_boundary(struct network_task task, struct network_progress at, uint steps)
{
  uint block = CLFIT_LOSS_BLOCK - at.sample % CLFIT_LOSS_BLOCK;
  return min(steps, min(block, task.samples - at.sample));
}

#endif
