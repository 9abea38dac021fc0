/* From the float64 parameters of a training by least squares to those of the finished network. */
#ifndef CLFIT_HOST_ROUND_NETWORK_H
#define CLFIT_HOST_ROUND_NETWORK_H

#include "engine/reference/least_squares.h"

/*
 * Rounds P = 3*task->hidden + 1 parameters to float32 so that the weighted sum of squared errors of the float32
 * network, computed as a prediction is, stays close to that of the float64 one: W1 and B1 are rounded; the output layer
 * is a linear least-squares problem in the float32 activations, so its values are rounded one by one, the largest
 * first, and the others corrected each time. If simply rounding everything gives a smaller sum, that is the result.
 * value, record: [P] in the order of the record. CLFIT_ERROR_MEMORY: record is as it was.
 */
clfit_status clfit_round_network(const struct network_task *task, clfit_activation activation,
                                 const struct weighted_samples *samples, const double *value, float *record,
                                 clfit_error *error);

#endif
