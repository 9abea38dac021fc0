/* What one network, or several, answer at some x. */
#ifndef CLFIT_CLI_ANSWERS_H
#define CLFIT_CLI_ANSWERS_H

#include "clfit.h"

struct answers {
  size_t count;
  const double *x; /* [count], the caller's */
  double *z;       /* [count], the answer of one network, or the mean of several */
  /* [count], of several, else NULL: standard deviation (the root of the mean of the squared differences from the mean),
   * smallest and largest answer */
  double *deviation, *low, *high;
  double *next; /* [count], of the network that is being added; NULL for one network */
  uint32_t networks;
};

/* spread: there will be several networks. Release with answers_close, also a zeroed struct. */
clfit_status answers_open(struct answers *answers, size_t count, const double *x, bool spread, clfit_error *error);
void answers_close(struct answers *answers);

/* Adds a network, of several; and ends with the last. */
void answers_add(struct answers *answers, const clfit_state *state, const clfit_scaling *scaling);
void answers_end(struct answers *answers);

#endif
