/*
 * The specification of training in plain C: what every device must reproduce to the last bit. It shares numerics.h and
 * the structs of network.h with the kernels, but has its own loops and its own bookkeeping.
 */
#ifndef CLFIT_HOST_REFERENCE_H
#define CLFIT_HOST_REFERENCE_H

#include "clfit.h"
#include "network.h"

/*
 * Trains one network by at most `steps` samples. record: canonical, all sets of the optimizer; x, y: its samples, task->samples of them (task->first is not looked at). keep: CLFIT_KEEP_..., which
 * epochs' losses go as pairs (high, low) to losses, which has room for CLFIT_EVERY_CAPACITY or CLFIT_MILESTONE_CAPACITY
 * of them.
 */
void clfit_reference_train(const struct network_task *task, clfit_activation activation, clfit_optimizer optimizer,
                           struct network_progress *progress, float *record, const float *x, const float *y,
                           uint32_t steps, uint32_t keep, float *losses);

/* z[k] = the network's answer at x[k], k < n. parameters: set 0 of its record. */
void clfit_reference_evaluate(uint32_t hidden, clfit_activation activation, const float *parameters, size_t n,
                              const float *x, float *z);

#endif
