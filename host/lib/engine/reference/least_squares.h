/*
 * The specification of training by least squares (Levenberg-Marquardt) in plain C: what every device must reproduce to
 * the last bit. It shares binary64.h and the constants of least_squares.h with the kernels, but has its own loops and
 * its own decisions. docs/least-squares.md has the formulas.
 */
#ifndef CLFIT_HOST_REFERENCE_LEAST_SQUARES_H
#define CLFIT_HOST_REFERENCE_LEAST_SQUARES_H

#include "clfit.h"
#include "network.h"

/* Samples of a network, as they are trained with. */
struct weighted_samples {
  const float *x, *y;
  const float *weights; /* NULL: all 1 */
};

/* The numbers at one point of the parameter space, as computed in one pass over the samples. */
struct normal_equations {
  double loss;      /* weighted sum of squared errors */
  double *gradient; /* [P]: J'W(z - y) */
  double *matrix;   /* [P (P + 1) / 2]: the lower triangle of J'WJ by rows */
};

/* A network between two iterations. P = 3*hidden + 1 parameters in the order of the record. */
struct least_squares {
  double *value;     /* [P], the accepted parameters */
  double *base;      /* [P], the same before W2 and B2 were solved for: the rest can be computed again from them */
  double *diagonal;  /* [P], the largest diagonal of the matrix at accepted parameters so far */
  double damping;    /* of the next step */
  double projection; /* damping with which W2 and B2 of `value` were solved for */
  double small;      /* accepted steps in a row with a small change */
  bool known;        /* `accepted` holds what belongs to `value`; else it is computed again */
  struct normal_equations accepted, trial;
  double *trial_base, *trial_value, *step; /* [P] */
  double *factor;                          /* [P (P + 1) / 2], a Cholesky factor by rows */
  double *derivatives;                     /* [P], of one sample */
  double *memory;                          /* all arrays */
};

/* Allocates the arrays for a hidden layer, with all values 0. Release with clfit_least_squares_free. */
clfit_status clfit_least_squares_create(uint32_t hidden, struct least_squares *network, clfit_error *error);
void clfit_least_squares_free(struct least_squares *network);

/* Trains one network by at most `steps` iterations; arguments as those of clfit_reference_train. */
void clfit_reference_least_squares(const struct network_task *task, clfit_activation activation,
                                   struct network_progress *at, struct least_squares *network,
                                   const struct weighted_samples *samples, uint32_t steps, uint32_t losses_kept,
                                   float *losses);

#endif
