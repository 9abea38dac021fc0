#include "study/plan/halving.h"

uint32_t halving_epochs(const struct halving *halving, uint32_t rung)
{
  uint64_t epochs = halving->min_epochs;
  if (halving->eta == 0) return CLFIT_EPOCHS_MAX;
  for (; rung > 0 && epochs < CLFIT_EPOCHS_MAX; rung--) epochs *= halving->eta;
  return epochs < CLFIT_EPOCHS_MAX ? (uint32_t)epochs : CLFIT_EPOCHS_MAX;
}

uint32_t halving_last(const struct halving *halving, uint32_t most_epochs)
{
  uint32_t rung = 0;
  while (halving_epochs(halving, rung) < most_epochs) rung++;
  return rung + 1;
}

uint64_t halving_survivors(const struct halving *halving, uint64_t n)
{
  return n / halving->eta + (n % halving->eta != 0);
}

double halving_work(const struct halving *halving, const struct axes *axes, const clfit_network *base)
{
  const uint32_t most = axes_largest(axes, "epochs", base->epochs);
  uint32_t epochs = halving_epochs(halving, 0);
  uint64_t networks = axes->count;
  double before = axes_work(axes, base, epochs), work = before;
  for (uint32_t rung = 1; epochs < most; rung++) {
    epochs = halving_epochs(halving, rung);
    networks = halving_survivors(halving, networks);
    double all = axes_work(axes, base, epochs);
    work += (all - before) * (double)networks / (double)axes->count;
    before = all;
  }
  return work;
}
