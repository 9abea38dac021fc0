/*
 * Bookkeeping of a training, the same for every mapping: counting samples and epochs, and adding up the loss. All
 * functions take and return values; none has pointers to private memory.
 *
 * An epoch's sum of squared errors is a sum of blocks of CLFIT_LOSS_BLOCK samples, each added from +0 in sample order
 * by the mapping (q = fma(e, e, q)) and moved here into the pair (loss_high, loss_low) by Knuth's TwoSum.
 */
#ifndef CLFIT_PROGRESS_H
#define CLFIT_PROGRESS_H

#include "network.h"

static inline struct network_progress end_block(struct network_progress at)
{
  float sum = at.loss_high + at.block_loss;
  float back = sum - at.loss_high;
  float error = (at.loss_high - (sum - back)) + (at.block_loss - back);
  at.loss_high = sum;
  at.loss_low = at.loss_low + error;
  at.block_loss = 0.0f;
  return at;
}

/* The tolerance is checked here, at the end of an epoch, so that the division into launches has no influence. It is
 * checked before the number of epochs: a training that meets the tolerance in its last epoch is stopped, not done, and
 * does not go on when it is given more epochs. */
static inline struct network_progress end_epoch(struct network_task task, struct network_progress at)
{
  float change = (at.loss_high - at.last_loss_high) + (at.loss_low - at.last_loss_low);
  at.epoch += 1;
  at.sample = 0;
  at.last_loss_high = at.loss_high;
  at.last_loss_low = at.loss_low;
  at.loss_high = 0.0f;
  at.loss_low = 0.0f;
  if (at.epoch > 1 && fabs(change) < task.loss_tolerance)
    at.status = CLFIT_STOPPED;
  else if (at.epoch == task.epochs)
    at.status = CLFIT_DONE;
  return at;
}

/* Counts `steps` more samples, at most steps_to_boundary of them (order.h). */
static inline struct network_progress count_steps(struct network_task task, struct network_progress at, uint steps)
{
  at.sample += steps;
  if (at.sample == task.samples) return end_epoch(task, end_block(at));
  return at.sample % CLFIT_LOSS_BLOCK == 0 ? end_block(at) : at;
}

/* Index of an epoch in the list of milestones 1, 2, 3, 4, 6, 8, 12, 16 ...; CLFIT_MILESTONE_CAPACITY if it is not a
 * milestone. */
static inline uint milestone_index(uint epoch)
{
  const uint k = 31 - clz(epoch); /* 2^k <= epoch */
  if (epoch == 1u << k) return k ? 2 * k - 1 : 0;
  return epoch == 3u << (k - 1) ? 2 * k : CLFIT_MILESTONE_CAPACITY;
}

/* Pairs of losses that a slot has memory for, if `losses_kept` (CLFIT_LOSSES_...) asks for some. */
static inline uint loss_capacity(uint losses_kept)
{
  return losses_kept == CLFIT_LOSSES_EVERY ? CLFIT_EVERY_CAPACITY : CLFIT_MILESTONE_CAPACITY;
}

/* Place among them of the epoch that has just ended; loss_capacity or more: it is not kept. */
static inline uint loss_index(uint losses_kept, uint first_epoch, uint epoch)
{
  if (losses_kept == CLFIT_LOSSES_NONE) return CLFIT_EVERY_CAPACITY;
  return losses_kept == CLFIT_LOSSES_EVERY ? epoch - 1 - first_epoch : milestone_index(epoch);
}

/* Stores the loss of the epoch that has just ended if `losses_kept` asks for it. losses: [slots][capacity] pairs (high,
 * low). */
static inline void store_loss(global float *losses, uint losses_kept, uint slot, uint first_epoch,
                              struct network_progress at)
{
  const uint index = loss_index(losses_kept, first_epoch, at.epoch), capacity = loss_capacity(losses_kept);
  if (index >= capacity) return;
  const size_t pair = (size_t)slot * capacity + index;
  losses[2 * pair] = at.last_loss_high;
  losses[2 * pair + 1] = at.last_loss_low;
}

#endif
