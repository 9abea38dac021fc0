/*
 * What host and devices share about least squares by Levenberg-Marquardt: the constants, the layout of a network's
 * values on a device, and the decision at the end of an iteration. docs/least-squares.md is the specification; the
 * reference (host/lib/engine/reference/least_squares.c) implements it with code of its own.
 */
#ifndef CLFIT_LEVENBERG_MARQUARDT_H
#define CLFIT_LEVENBERG_MARQUARDT_H

#include "network.h"

/* The largest hidden layer: the matrix of normal equations has (3H + 1)^2 / 2 values for each network. */
#define LM_HIDDEN_MAX 64

#define LM_DAMPING_FIRST 0.01 /* of the first step */
#define LM_DAMPING_LOWER 0.2  /* factor after an accepted step */
#define LM_DAMPING_RAISE 4.0  /* factor after a rejected step */
#define LM_DAMPING_MIN   1e-15
#define LM_DAMPING_MAX   1e12 /* beyond: the training stops */
/* Added to the damping where W2 and B2 are solved for: bounds the rounding error of the loss. */
#define LM_OUTPUT_RIDGE 1e-8
/* The training has converged when that many accepted steps in a row lower the loss by no more than this part of it. */
#define LM_SMALL_CHANGE 1e-6
#define LM_SMALL_STEPS  5.0
/* It also ends when the squared cosine of the angle between the errors and each column of J is at most this. */
#define LM_SMALL_SQUARED_COSINE 1e-20

/* Why a training stopped; in network_progress.sample, which has no other meaning here. */
#define LM_GOES_ON        0u
#define LM_LOSS_TOLERANCE 1u /* --tol */
#define LM_CONVERGED      2u /* the loss does not fall any more */
#define LM_FLAT           3u /* the gradient is zero within rounding */
#define LM_DAMPED         4u /* no step lowers the loss: the damping exceeds LM_DAMPING_MAX */

/* Float64 values of a network between two iterations that are not per parameter. */
enum {
  LM_KNOWN,      /* 1: loss, gradient and matrix are those of the accepted parameters; 0: they must be computed */
  LM_LOSS,       /* weighted sum of squared errors at the accepted parameters */
  LM_DAMPING,    /* of the next step */
  LM_PROJECTION, /* damping with which W2 and B2 of the accepted parameters were solved for */
  LM_SMALL,      /* accepted steps in a row with a small change */
  LM_SCALARS
};

/* Parameters of a network, rounded up to an even number: the matrix is processed in tiles of two by two. */
#define LM_PARAMETERS(hidden) (3u * (hidden) + 1u)
#define LM_PADDED(hidden)     ((LM_PARAMETERS(hidden) + 1u) / 2u * 2u)
#define LM_OUTPUTS(hidden)    ((hidden) + 1u) /* W2 and B2, the last parameters */

/* The values that a network keeps on the device, in two buffers. `vectors` is what is taken and given: the accepted
 * parameters; the same before W2 and B2 were solved for, from which everything else can be computed again; the largest
 * diagonal of the matrix so far; LM_SCALARS scalars. `normal` can be computed again: the gradient, and the matrix in
 * tiles. */
#define LM_VECTORS(hidden) (3u * LM_PARAMETERS(hidden) + LM_SCALARS)
#define LM_TILES(hidden)   (LM_PADDED(hidden) / 2u * (LM_PADDED(hidden) / 2u + 1u) / 2u)
#define LM_NORMAL(hidden)  (LM_PADDED(hidden) + 4u * LM_TILES(hidden))

/* Samples whose derivatives are computed before they are added to the matrix: so many that a tile of sums is loaded and
 * stored seldom, so few that a block stays in the fastest cache (packed); enough work for a work-group (team). */
#define LM_PACKED_BLOCK 8u
#define LM_TEAM_BLOCK   32u

#define LM_PACKED_LANES 8u  /* networks that a work-item of packed trains */
#define LM_TEAM_SIZE    32u /* work-items of team that train a network */

/* What a work-item (packed) or a work-group (team) needs while it works on a network: the trial parameters, the same
 * with W2 and B2 solved for, their gradient and matrix, the Cholesky factor by rows with the reciprocals of its
 * diagonal, the step, the scale of each parameter, and a block of derivatives, plain and weighted, and of errors; a
 * work-item also the values of the networks in its lanes. */
#define LM_FACTOR(hidden)  (LM_PARAMETERS(hidden) * (LM_PARAMETERS(hidden) + 1u) / 2u)
#define LM_SCRATCH(hidden, block)                                                                                      \
  (4u * LM_PADDED(hidden) + LM_NORMAL(hidden) + LM_FACTOR(hidden) + 2u * (block)*LM_PADDED(hidden) + (block))
#define LM_PACKED_SCRATCH(hidden) (LM_VECTORS(hidden) + LM_NORMAL(hidden) + LM_SCRATCH(hidden, LM_PACKED_BLOCK))

#ifdef __OPENCL_VERSION__
#include "progress.h"

/* One network at the end of an iteration. */
struct lm_point {
  struct network_progress at;
  double known, loss, damping, projection, small;
  bool accepted; /* the trial becomes the network's parameters */
};

static inline struct lm_point lm_stop(struct lm_point point, uint reason)
{
  point.at.status = CLFIT_STOPPED;
  point.at.sample = reason;
  return point;
}

/* The loss of an epoch as the pair in which all trainings keep it. */
static inline struct lm_point lm_end_epoch(struct lm_point point)
{
  point.at.epoch += 1;
  point.at.last_loss_high = (float)point.loss;
  point.at.last_loss_low =
      point.at.last_loss_high < INFINITY ? (float)(point.loss - (double)point.at.last_loss_high) : 0.0f;
  return point;
}

/*
 * Decides about a trial whose loss has been computed. solved: the normal equations had a solution; flat: the gradient
 * at the trial is zero within rounding. The first iteration evaluates the initial parameters and takes no step. A
 * network that was taken in the middle of its training has its loss and matrix computed again, which is no iteration.
 */
static inline struct lm_point lm_decide(struct network_task task, struct lm_point point, double loss, bool solved,
                                        bool flat)
{
  const bool first = point.known == 0.0, fresh = first && point.at.epoch == 0;
  const double before = point.loss, change = before - loss;
  point.accepted = first || (solved && loss < before);
  point.known = 1.0;
  if (point.accepted) point.loss = loss;
  if (first && !fresh) return point;
  if (fresh && !(loss < INFINITY)) {
    point.at.status = CLFIT_DIVERGED;
    return point;
  }
  point = lm_end_epoch(point);
  if (!fresh && point.accepted) {
    point.projection = point.damping;
    point.small = change <= LM_SMALL_CHANGE * before ? point.small + 1.0 : 0.0;
  }
  if (!fresh) point.damping *= point.accepted ? LM_DAMPING_LOWER : LM_DAMPING_RAISE;
  if (point.damping < LM_DAMPING_MIN) point.damping = LM_DAMPING_MIN;
  if (point.accepted && flat) return lm_stop(point, LM_FLAT);
  if (!fresh && point.accepted && change < (double)task.loss_tolerance) return lm_stop(point, LM_LOSS_TOLERANCE);
  if (point.small >= LM_SMALL_STEPS) return lm_stop(point, LM_CONVERGED);
  if (point.damping > LM_DAMPING_MAX) return lm_stop(point, LM_DAMPED);
  if (point.at.epoch == task.epochs) point.at.status = CLFIT_DONE;
  return point;
}
#endif

#endif
