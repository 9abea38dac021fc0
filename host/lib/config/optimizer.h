/* The table of optimizers on the host, made from the list in kernels/rule.h and least squares; the option parser, the
 * record and the engine use it. */
#ifndef CLFIT_HOST_OPTIMIZER_H
#define CLFIT_HOST_OPTIMIZER_H

#include "clfit.h"

/* What a step of a training is: which part of the engine trains the network. */
enum trainer {
  TRAINER_GRADIENT,      /* a sample, and after a batch of them a rule of kernels/rule.h */
  TRAINER_LEAST_SQUARES, /* an iteration over all samples, in float64 */
  TRAINER_COUNT
};

struct optimizer {
  const char *name; /* of a TRAINER_GRADIENT as the kernels' SETS_NAME and take_NAME have it */
  enum trainer trainer;
  uint32_t sets; /* sets of planes: the parameters, and what the rule keeps in addition; record.h adds others */
  const char *const *set_names; /* [sets], the first one "value" */
  /* float64 sets of a training under way, and further float64 values that are not per parameter */
  uint32_t precise_sets;
  const char *const *precise_names; /* [precise_sets] */
  uint32_t precise_scalars;
};

/* optimizer < clfit_optimizer_count(). */
const struct optimizer *clfit_optimizer_get(clfit_optimizer optimizer);

#endif
