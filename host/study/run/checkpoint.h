/* A network in training by a worker, and the format of its checkpoint: everything that is needed to continue the
 * training. */
#ifndef CLFIT_STUDY_CHECKPOINT_H
#define CLFIT_STUDY_CHECKPOINT_H

#include "clfit.h"

struct training_job {
  uint64_t id;
  clfit_network configuration;
  uint32_t slot;
  uint32_t data;   /* index of its samples in the population */
  uint32_t epochs; /* epoch at which to stop for now (the end of a rung) */
  uint64_t steps;  /* trained up to the last launch */
  double seconds;  /* its share of the duration of the launches, divided by work (hidden steps) */
  double *losses;  /* [loss_count] losses of the milestones before the population took it; NULL if there are none */
  uint32_t loss_count;
};

/* Size of a checkpoint. */
size_t checkpoint_size(const struct training_job *job, const clfit_state *state);
void checkpoint_write(const struct training_job *job, const clfit_state *state, unsigned char *bytes);

/* Reads a checkpoint into *job and *state, which must be a fresh state with the epochs to train to. CLFIT_ERROR_FORMAT:
 * the checkpoint is damaged, or of a newer version of clfit. */
clfit_status checkpoint_read(struct training_job *job, clfit_state *state, size_t size, const unsigned char *bytes,
                             clfit_error *error);

/* Appends the milestones of which the population has stored losses since it took the network. */
clfit_status training_job_add_losses(struct training_job *job, const clfit_milestones *milestones, clfit_error *error);

void training_job_clear(struct training_job *job);

#endif
