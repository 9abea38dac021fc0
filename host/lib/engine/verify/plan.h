/*
 * Plans: networks that are trained together on a device and on the reference.
 * Everything in this folder uses the public header only, as a user's program would, and errors.
 */
#ifndef CLFIT_HOST_VERIFY_PLAN_H
#define CLFIT_HOST_VERIFY_PLAN_H

#include "clfit.h"

/* Networks in a plan. */
#define PLAN_CAPACITY 64u
/* Samples of each data set. */
#define PLAN_SAMPLES 1000u

/* Data sets of every population that verifies: a polynomial; the same with large x, and here and there so large an x or
 * y that errors and gradients become infinite; and samples of the polynomial of which some are held out. Beside them
 * the first one with weights, for a population of its own. */
enum { DATA_USUAL, DATA_WILD, DATA_HELD, DATA_COUNT = DATA_HELD + 4 };

/* Samples of data set DATA_HELD + i, and how many are held out. */
struct held_samples {
  uint32_t count, held;
};
struct held_samples clfit_plan_held(uint32_t i);

struct plan {
  uint32_t count;
  clfit_network networks[PLAN_CAPACITY];
  uint32_t data[PLAN_CAPACITY];
  uint32_t steps;  /* to train; no network has more */
  bool to_the_end; /* steps are as many as the longest needs */
  uint64_t seed;   /* a random plan's; else 0 */
};

/* Steps that the longest network of a plan has. */
uint32_t clfit_plan_most_steps(const struct plan *plan);

/* ---- plans of groups ----------------------------------------------------------------------------------------- */

/* Networks with the same number of neurons, activation and optimizer and different seeds, rates, numbers of samples and
 * tolerances. */
struct group {
  uint32_t hidden;
  clfit_activation activation;
  clfit_optimizer optimizer;
  uint32_t count;   /* networks, 1 .. PLAN_CAPACITY */
  uint32_t samples; /* most samples in an epoch, 1 .. PLAN_SAMPLES */
  uint32_t epochs;  /* most epochs */
};

void clfit_plan_group(const struct group *group, struct plan *plan);

/* ---- random plans -------------------------------------------------------------------------------------------- */

/* Rules of training through gradients: programs of batch.cl. */
#define PLAN_RULES 7u

/* Networks that are trained by one rule: a random combination of all training options each. The seed decides all. */
void clfit_plan_random(uint64_t seed, uint32_t rule, clfit_activation activation, uint32_t count, struct plan *plan);

/* Knuth's MMIX generator, whose high bits are random. count: 1 .. 2^31. */
uint32_t clfit_plan_below(uint64_t *random, uint32_t count);

/* ---- samples ------------------------------------------------------------------------------------------------- */

/* data[DATA_COUNT]; weighted: the samples of DATA_USUAL with weights, of which every fifth is 0. Free each, also after
 * a failure. */
clfit_status clfit_plan_data(clfit_data **data, clfit_data **weighted, clfit_error *error);

#endif
