#include "engine/reference/losses.h"

/* Index of an epoch in 1, 2, 3, 4, 6, 8, 12 ..., or CLFIT_MILESTONE_CAPACITY if it is not in the list. Found by a loop,
 * on purpose not by the kernels' formula, so that tests compare two methods. */
static uint32_t milestone_index(uint32_t epoch)
{
  uint64_t power; /* 2^k; the milestones are 2^k and 3*2^(k-1) */
  uint32_t index;
  if (epoch == 1) return 0;
  for (power = 2, index = 1; power <= epoch; power *= 2, index += 2) {
    if (epoch == power) return index;
    if (epoch == power / 2 * 3) return index + 1;
  }
  return CLFIT_MILESTONE_CAPACITY;
}

void clfit_keep_loss(const struct network_progress *at, uint32_t losses_kept, uint32_t first_epoch, float *losses)
{
  uint32_t index = losses_kept == CLFIT_LOSSES_EVERY ? at->epoch - 1 - first_epoch : milestone_index(at->epoch);
  if (losses_kept == CLFIT_LOSSES_NONE || (losses_kept == CLFIT_LOSSES_MILESTONES && index == CLFIT_MILESTONE_CAPACITY))
    return;
  losses[2 * index] = at->last_loss_high;
  losses[2 * index + 1] = at->last_loss_low;
}
