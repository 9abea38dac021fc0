/* Which networks' parameters are stored: the best N so far, in a heap with the worst of them on top. */
#ifndef CLFIT_STUDY_KEEP_H
#define CLFIT_STUDY_KEEP_H

#include "clfit.h"

#define KEEP_ALL UINT32_MAX

struct kept {
  double value; /* smaller is better */
  uint64_t id;
};

struct keep {
  uint32_t limit;    /* KEEP_ALL, 0: none */
  struct kept *heap; /* [count], the worst first */
  uint32_t count, capacity;
};

/* Offers a network with a finite value. *kept: it is among the best now; *evicted: *out no longer is. The outcome of
 * many offers does not depend on their order: of equal values the lower id is better. */
clfit_status keep_offer(struct keep *keep, uint64_t id, double value, bool *kept, bool *evicted, uint64_t *out,
                        clfit_error *error);
void keep_clear(struct keep *keep);

#endif
