/* What a training that is not plain gradient descent has beside it: sets of planes and counters. */
#ifndef CLFIT_HOST_BATCHES_H
#define CLFIT_HOST_BATCHES_H

#include "clfit.h"
#include "network.h"

/* Samples of a batch, 1 .. clfit_network_trained. */
uint32_t clfit_network_batch(const clfit_network *network);

/* Whether the training has steps with the operations of plain gradient descent, and no gradient of a batch. */
bool clfit_network_has_plain_steps(const clfit_network *network);

/* Whether the record has the set "gradient" or the set "kept". */
bool clfit_network_keeps_gradient(const clfit_network *network);
bool clfit_network_keeps_best(const clfit_network *network);

/* Numbers at the end of a record: CLFIT_COUNTER_COUNT, or 0 for plain gradient descent. */
uint32_t clfit_counter_count(const clfit_network *network);

/* The task of a network as kernels have it. */
struct batch_task clfit_batch_task(const clfit_network *network);

/* Counters, as the record and as the kernels have them. */
void clfit_counters_write(const struct batch_progress *at, float *counters);
struct batch_progress clfit_counters_read(const float *counters);

/* Whether counters can be those of a training of this network that has completed `epoch` epochs: numbers in their
 * ranges. */
bool clfit_counters_are_possible(const clfit_network *network, uint32_t epoch, const float *counters);

#endif
