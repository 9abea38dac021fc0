/*
 * What a population hands to a backend and gets back, as the user has it (clfit_state) and as backends have it (struct
 * incoming, the record, struct network_progress).
 */
#ifndef CLFIT_HOST_HANDOVER_H
#define CLFIT_HOST_HANDOVER_H

#include "config/optimizer.h"
#include "engine/backend.h"

enum trainer clfit_trainer_of(const clfit_network *network);

/* Steps of an epoch: samples that are trained on or, with least squares, one. */
uint32_t clfit_epoch_steps(const clfit_network *network);

/* ---- to a backend -------------------------------------------------------------------------------------------- */

/* A state whose status is done goes on training if its configuration now has more epochs than it has completed.
 * Returns CLFIT_TRAINING, CLFIT_DONE ... */
uint32_t clfit_status_to_start_with(const clfit_state *state);

/* Where the counters begin in a record that has some. */
size_t clfit_counters_begin(const clfit_network *network);

/* first: index of the first sample of the network's data set among all samples of the population. The record is the
 * state's own. */
struct incoming clfit_incoming(const clfit_state *state, uint32_t slot, const clfit_data *data, size_t first);

/* A training with patience that has ended has exchanged its parameters for the best ones. If it goes on, it gets back
 * those of its last epoch; and one under way that has no more epochs ends here. *copy: the record that incoming has
 * then, to be freed after it was taken; else NULL. */
clfit_status clfit_incoming_exchange(const clfit_state *state, struct incoming *incoming, float **copy,
                                     clfit_error *error);

/* ---- from a backend ------------------------------------------------------------------------------------------ */

/* An overflow may leave a NaN, whose bits differ between devices; it is replaced by one fixed NaN. */
float clfit_one_nan(float value);

clfit_progress clfit_progress_from(const clfit_network *network, const struct network_progress *progress);

/* The state of a network that is given back; it owns record and precise (NULL: none). */
clfit_state clfit_state_from(const clfit_network *network, clfit_progress progress,
                             const struct batch_progress *batches, float *record, double *precise);

#endif
