/*
 * What happens between two epochs of a training by batch.cl: the factor of the rate, and whether the training ends.
 * docs/arithmetic.md has the formulas.
 */
#ifndef CLFIT_SCHEDULE_H
#define CLFIT_SCHEDULE_H

#include "network.h"
#include "numerics.h"
#include "progress.h"

/* (1 + cos(pi epoch / total)) / 2 = sin(pi/2 w)^2 with w = 1 - epoch / total. The polynomial of the sine has a relative
 * error of 2^-24.7 over [0, 1]. */
INLINE real cosine_factor(real epoch, real total)
{
  const real w = FMA(-epoch, reciprocal(total), 1.0f), square = w * w;
  real sine = FMA(0x1.3e1420p-13f, square, -0x1.32531ep-8f);
  sine = FMA(sine, square, 0x1.4668f0p-4f);
  sine = FMA(sine, square, -0x1.4abbc4p-1f);
  sine = FMA(sine, square, 0x1.921fb6p+0f);
  sine = sine * w;
  return sine * sine;
}

INLINE real warmup_factor(real epoch, real span)
{
  const real factor = (epoch + 1.0f) * reciprocal(span);
  return factor < 1.0f ? factor : (real)(1.0f);
}

/* The rate's factor in an epoch (from 0) of `total`; product: the running product of schedules that have one. The
 * comparisons are those of integers: kind is the same type as real's bits. */
INLINE real schedule_factor(bits kind, real epoch, real total, real span, real product)
{
  const real cosine = cosine_factor(epoch, total), warmup = warmup_factor(epoch, span);
  const real other = kind == CLFIT_SCHEDULE_COSINE ? cosine : product;
  return kind == CLFIT_SCHEDULE_WARMUP ? warmup : other;
}

/* The running product after an epoch has ended, at.epoch counting it. */
static inline float next_product(struct batch_task task, struct network_progress at)
{
  const float product = at.epoch > 1 ? at.batches.factor : 1.0f;
  const bool multiplies =
      task.schedule == CLFIT_SCHEDULE_GEOMETRIC ||
      (task.schedule == CLFIT_SCHEDULE_STEP && task.schedule_epochs && at.epoch % task.schedule_epochs == 0);
  const float next = multiplies ? product * task.schedule_factor : product;
  return fabs(next) < CLFIT_MOMENT_LEAST ? 0.0f : next;
}

/* A sum of squared errors is smaller than another one; false if one of them is not a number. */
static inline bool is_smaller(float high, float low, float other_high, float other_low)
{
  return (high - other_high) + (low - other_low) < 0.0f;
}

struct loss_pair {
  float high, low;
};

static inline struct loss_pair loss_of(struct network_progress at, uint figure)
{
  struct loss_pair loss = {at.last_loss_high, at.last_loss_low};
  if (figure == CLFIT_FIGURE_ALL) {
    loss.high = at.batches.all_high;
    loss.low = at.batches.all_low;
  }
  if (figure == CLFIT_FIGURE_HELD) {
    loss.high = at.batches.held_high;
    loss.low = at.batches.held_low;
  }
  return loss;
}

struct epoch_end {
  struct network_progress at;
  bool better; /* the loss that patience looks at is the smallest so far */
};

static inline struct network_progress stop_training(struct network_progress at, uint reason)
{
  at.status = CLFIT_STOPPED;
  at.sample = reason;
  return at;
}

/* Ends an epoch whose last sample has been trained; all_... and held_... are up to date. An end by a small loss comes
 * before one by a small change, that before one by patience, and that before the last epoch. */
static inline struct epoch_end end_batch_epoch(struct network_task task, struct network_progress at)
{
  struct epoch_end end = {at, false};
  end.at = end_epoch(task, at); /* progress.h: counts, the tolerance, the last epoch */
  const bool small_change = end.at.status == CLFIT_STOPPED;
  const struct loss_pair watched = loss_of(end.at, task.batches.patience_on);
  const struct loss_pair stopping = loss_of(end.at, task.batches.stop_on);
  end.at.batches.factor = next_product(task.batches, end.at);
  if (task.batches.patience) {
    const struct batch_progress *best = &end.at.batches;
    const bool first = best->best_epoch == 0 && watched.high + watched.low < INFINITY;
    end.better = first || (best->best_epoch > 0 &&
                           is_smaller(watched.high, watched.low, best->best_high, best->best_low));
    if (end.better) {
      end.at.batches.best_high = watched.high;
      end.at.batches.best_low = watched.low;
      end.at.batches.best_epoch = end.at.epoch;
    }
  }
  if (task.batches.stop_loss > 0.0f && is_smaller(stopping.high, stopping.low, task.batches.stop_loss, 0.0f))
    end.at = stop_training(end.at, CLFIT_STOPPED_BY_LOSS);
  else if (small_change)
    end.at = stop_training(end.at, CLFIT_STOPPED_BY_TOLERANCE);
  else if (task.batches.patience && end.at.epoch - end.at.batches.best_epoch >= task.batches.patience)
    end.at = stop_training(end.at, CLFIT_STOPPED_BY_PATIENCE);
  return end;
}

#endif
