/* Selects the networks whose parameters are stored: the best N so far, in a binary heap with the worst of them at the
 * root. */
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

/* Offers a network with a finite value. *kept: it is now among the best; *evicted: network *out is no longer among
 * them. The final selection does not depend on the order of the offers: of equal values the lower id is better. */
clfit_status keep_offer(struct keep *keep, uint64_t id, double value, bool *kept, bool *evicted, uint64_t *out,
                        clfit_error *error);
void keep_clear(struct keep *keep);

#endif
