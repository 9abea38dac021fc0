/*
 * The specification of training in plain C: what every device must reproduce to the last bit. It shares numerics.h and
 * the structs of network.h with the kernels, but has its own loops and its own bookkeeping.
 */
#ifndef CLFIT_HOST_REFERENCE_H
#define CLFIT_HOST_REFERENCE_H

#include "clfit.h"
#include "network.h"

/*
 * Trains one network by plain gradient descent, by at most `steps` samples. record: the parameters. x, y:
 * [task->samples], the network's samples (task->first is not used). losses_kept: CLFIT_LOSSES_..., the epochs whose
 * losses are stored as pairs (high, low) in `losses`, which has capacity for CLFIT_EVERY_CAPACITY or
 * CLFIT_MILESTONE_CAPACITY pairs.
 */
void clfit_reference_train(const struct network_task *task, clfit_activation activation,
                           struct network_progress *progress, float *record, const float *x, const float *y,
                           uint32_t steps, uint32_t losses_kept, float *losses);

/* The prediction at x, in the strict order; a: [hidden], receives the activations. parameters: set 0 of the record. */
float clfit_reference_forward(uint32_t hidden, clfit_activation activation, const float *parameters, float x, float *a);

/* slope: [hidden], receives the derivatives of the activations a at x. */
void clfit_reference_slopes(uint32_t hidden, clfit_activation activation, const float *parameters, float x,
                            const float *a, float *slope);

/* A step of plain gradient descent on a sample with the error e. */
void clfit_reference_plain_step(uint32_t hidden, float rate, float *parameters, const float *a, const float *slope,
                                float x, float e);

/* z[k]: the prediction at x[k], k < n. parameters: set 0 of the record. */
void clfit_reference_evaluate(uint32_t hidden, clfit_activation activation, const float *parameters, size_t n,
                              const float *x, float *z);

#endif
