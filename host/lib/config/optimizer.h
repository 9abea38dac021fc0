/* The table of optimizers on the host, made from the list in kernels/update.h; the option parser, the record and the
 * engine use it. */
#ifndef CLFIT_HOST_OPTIMIZER_H
#define CLFIT_HOST_OPTIMIZER_H

#include "clfit.h"

struct optimizer {
  const char *name; /* as the kernels' SETS_NAME and update_NAME have it */
  uint32_t sets;    /* sets of planes of a network: the parameters, and what the optimizer keeps in addition */
  const char *const *set_names; /* [sets], the first one "value" */
};

/* optimizer < clfit_optimizer_count(). */
const struct optimizer *clfit_optimizer_get(clfit_optimizer optimizer);

#endif
