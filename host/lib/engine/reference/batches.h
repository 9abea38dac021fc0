/*
 * The specification of training through gradients in plain C: what every device must reproduce to the last bit. It
 * shares numerics.h, permutation.h and the structs of network.h with the kernels, but has its own loops, rules and
 * bookkeeping. docs/arithmetic.md has the formulas.
 */
#ifndef CLFIT_HOST_REFERENCE_BATCHES_H
#define CLFIT_HOST_REFERENCE_BATCHES_H

#include "clfit.h"
#include "network.h"

/* What a record holds, each [clfit_parameter_count(hidden)]. */
struct batch_record {
  float *value;
  float *first, *second; /* the other sets of the optimizer in its order; NULL: it has none */
  float *gradient;       /* NULL: batches have one sample */
  float *kept;           /* NULL: no patience */
};

/* Names the sets of a record of the network that a task describes. */
struct batch_record clfit_reference_batch_record(const struct network_task *task, clfit_optimizer optimizer,
                                                 float *record);

/* Trains one network by at most `steps` samples. plain_steps: clfit_network_has_plain_steps(). x, y: [task->samples
 * + task->batches.held]. losses: twice the pairs of clfit_reference_train, first those of the samples trained on,
 * then those of the samples held out. */
void clfit_reference_train_batches(const struct network_task *task, clfit_activation activation,
                                   clfit_optimizer optimizer, bool plain_steps, struct network_progress *progress,
                                   float *record, const float *x, const float *y, uint32_t steps, uint32_t losses_kept,
                                   float *losses);

#endif
