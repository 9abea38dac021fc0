/* The record of a network that is trained by least squares, between the canonical form (clfit_state) and that of a
 * backend; the same for the reference and for OpenCL. */
#ifndef CLFIT_HOST_LM_RECORD_H
#define CLFIT_HOST_LM_RECORD_H

#include "engine/reference/least_squares.h"

/* Where a backend has a network's float64 values, P = 3*hidden + 1. */
struct lm_values {
  double *value, *base, *diagonal; /* [P], as in struct least_squares */
  double *damping, *projection, *small;
};

/* Sets the values of a network that is taken: precise ([clfit_precise_count]) or, where that is NULL, record ([P]),
 * with nothing known of the scales and the first damping. */
void clfit_lm_begin(uint32_t hidden, const float *record, const double *precise, const struct lm_values *to);

/* The way back. */
void clfit_lm_give(uint32_t hidden, const struct lm_values *from, double *precise);

/* After a launch: the float32 record of the parameters, value [P]: rounded each by itself while the training goes on or
 * if it pauses at its last epoch, by clfit_round_network when it has ended. */
clfit_status clfit_lm_end(const struct network_task *task, clfit_activation activation,
                          const struct weighted_samples *samples, const struct network_progress *progress, bool pauses,
                          const double *value, float *record, clfit_error *error);

#endif
