/* The one table of optimizers: parser, record and engine look here. A row comes from kernels/update.h. */
#ifndef CLFIT_HOST_OPTIMIZER_H
#define CLFIT_HOST_OPTIMIZER_H

#include "clfit.h"

struct optimizer {
  const char *name;             /* as the kernels' SETS_NAME and update_NAME have it */
  uint32_t sets;                /* of planes that a network has: the parameters, and what is kept beside them */
  const char *const *set_names; /* [sets], the first one "value" */
};

/* optimizer < clfit_optimizer_count(). */
const struct optimizer *clfit_optimizer_get(clfit_optimizer optimizer);

#endif
