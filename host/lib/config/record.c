#include "config/record.h"

const char *const clfit_plane_names[PLANE_COUNT] = {
    [PLANE_W1] = "W1", [PLANE_B1] = "B1", [PLANE_W2] = "W2", [PLANE_B2] = "B2"};

size_t clfit_parameter_count(uint32_t hidden)
{
  return clfit_sets_size(1, hidden);
}

size_t clfit_record_count(const clfit_network *network)
{
  return clfit_sets_size(clfit_set_count(network), network->hidden);
}

size_t clfit_precise_count(const clfit_network *network)
{
  const struct optimizer *optimizer = clfit_optimizer_get(network->optimizer);
  return clfit_sets_size(optimizer->precise_sets, network->hidden) + optimizer->precise_scalars;
}
