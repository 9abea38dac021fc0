/* Which losses the reference keeps, the same for all trainers. */
#ifndef CLFIT_HOST_REFERENCE_LOSSES_H
#define CLFIT_HOST_REFERENCE_LOSSES_H

#include "network.h"

/* Stores the loss of the epoch that has just ended as a pair (high, low), if losses_kept (CLFIT_LOSSES_...) asks for
 * it. first_epoch: epochs completed before this call of the trainer. losses: CLFIT_EVERY_CAPACITY or
 * CLFIT_MILESTONE_CAPACITY pairs. */
void clfit_keep_loss(const struct network_progress *at, uint32_t losses_kept, uint32_t first_epoch, float *losses);

#endif
