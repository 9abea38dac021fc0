/* The state of successive halving (plan/halving.h) in a study's tables. */
#ifndef CLFIT_STUDY_RUNGS_H
#define CLFIT_STUDY_RUNGS_H

#include "study/plan/halving.h"
#include "study/plan/ranking.h"
#include "study/store/store.h"

/* The rung under way. */
struct rung {
  uint32_t number;         /* from 0 */
  uint64_t networks, left; /* networks of the rung, and those of them that have not reached its end yet */
};

/* all: networks of the sweep, which make rung 0; most_epochs: of any of them. CLFIT_ERROR_FORMAT: the study's rungs
 * cannot be, and a sweep would wait for networks that never come. */
clfit_status rungs_read(struct store *store, const struct halving *halving, uint64_t all, uint32_t most_epochs,
                        struct rung *rung, clfit_error *error);

/* Ends a rung whose networks all have a row: the best of them, as far as they have epochs left, make the next one; the
 * others' checkpoints go. One transaction. *rung becomes the next one. */
clfit_status rungs_next(struct store *store, const struct halving *halving, const struct column *ranking,
                        struct rung *rung, clfit_error *error);

/* How many networks have ended, which may go on to another rung not counted; how many of them diverged; and the sum of
 * hidden*steps over all rows: the epochs that an end spared were no part of its rung. */
clfit_status rungs_count(struct store *store, uint64_t *networks, uint64_t *diverged, double *work, clfit_error *error);

/* Calls back for every network with first <= id < end of a rung from 1 on that has not trained that many epochs yet. */
clfit_status rungs_each_waiting(struct store *store, uint32_t number, uint32_t epochs, uint64_t first, uint64_t end,
                                void (*call)(void *context, uint64_t id), void *context, clfit_error *error);

#endif
