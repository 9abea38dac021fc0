/* A network in training by a worker, and the format of its checkpoint: everything that is needed to continue the
 * training. */
#ifndef CLFIT_STUDY_FLIGHT_H
#define CLFIT_STUDY_FLIGHT_H

#include "clfit.h"

struct flight {
  uint64_t id;
  clfit_network configuration;
  uint32_t slot;
  uint32_t data;   /* index of its samples in the population */
  uint32_t epochs; /* epoch at which to stop for now (the end of a rung) */
  uint64_t steps;  /* as of the last launch */
  double seconds;  /* its share of the duration of the launches, divided by work (hidden steps) */
  double *earlier; /* [earlier_count] losses of the milestones before the population took it; NULL if there are none */
  uint32_t earlier_count;
};

/* Size of a checkpoint. */
size_t flight_size(const struct flight *flight, const clfit_state *state);
void flight_write(const struct flight *flight, const clfit_state *state, unsigned char *bytes);

/* Takes up a checkpoint: *state, which is fresh and has the epochs to train to for now, gets its progress and
 * record. CLFIT_ERROR_FORMAT: damaged, or of a newer clfit. */
clfit_status flight_read(struct flight *flight, clfit_state *state, size_t size, const unsigned char *bytes,
                         clfit_error *error);

/* Appends the milestones of which the population has stored losses since it took the network. */
clfit_status flight_extend(struct flight *flight, const clfit_milestones *milestones, clfit_error *error);

void flight_clear(struct flight *flight);

#endif
