/* The state of successive halving (plan/halving.h) in a study's tables. */
#ifndef CLFIT_STUDY_RUNGS_H
#define CLFIT_STUDY_RUNGS_H

#include "study/plan/halving.h"
#include "study/plan/ranking.h"
#include "study/store/store.h"

/* The rung that is being trained. */
struct rung {
  uint32_t number;         /* from 0 */
  uint64_t networks, left; /* networks of the rung, and those of them that have not reached its end yet */
};

/* Finds the rung in training. all: number of networks of the sweep, all of which are in rung 0; most_epochs: the
 * largest number of epochs of any of them. CLFIT_ERROR_FORMAT: the rungs of the study are inconsistent, so that a sweep
 * would wait for ever for networks to end. */
clfit_status rungs_read(struct store *store, const struct halving *halving, uint64_t all, uint32_t most_epochs,
                        struct rung *rung, clfit_error *error);

/* Ends a rung whose networks all have a row: the best of them that have epochs left form the next rung; the checkpoints
 * of the others are deleted. All in one transaction. *rung becomes the next rung. */
clfit_status rungs_next(struct store *store, const struct halving *halving, const struct column *ranking,
                        struct rung *rung, clfit_error *error);

/* The number of networks that have ended, without those that may go on to another rung; how many of them diverged; and
 * the sum of hidden*steps over all rows. */
clfit_status rungs_count(struct store *store, uint64_t *networks, uint64_t *diverged, double *work, clfit_error *error);

/* Calls back for every network with first <= id < end that is in the given rung (at least 1) and has not trained that
 * many epochs yet. */
clfit_status rungs_each_waiting(struct store *store, uint32_t number, uint32_t epochs, uint64_t first, uint64_t end,
                                void (*call)(void *context, uint64_t id), void *context, clfit_error *error);

#endif
