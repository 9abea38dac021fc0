#include "model/tensor.h"

#include <stdio.h>

struct tensor clfit_tensor_of(const char *set, int plane, uint32_t hidden)
{
  const bool column = plane == PLANE_W1 || plane == PLANE_B1;
  struct tensor tensor = {.rows = column ? hidden : 1, .columns = plane == PLANE_W2 ? hidden : 1};
  snprintf(tensor.name, sizeof tensor.name, "%s%s%s", set, *set ? "." : "", clfit_plane_names[plane]);
  return tensor;
}

struct tensor clfit_tensor_get(const clfit_state *state, uint32_t index, const float **values)
{
  const uint32_t hidden = state->network.hidden, set = index / PLANE_COUNT;
  const int plane = (int)(index % PLANE_COUNT);
  const struct optimizer *optimizer = clfit_optimizer_get(state->network.optimizer);
  *values = state->parameters + clfit_sets_size(set, hidden) + clfit_plane_begin(plane, hidden);
  return clfit_tensor_of(set ? optimizer->set_names[set] : "", plane, hidden);
}
