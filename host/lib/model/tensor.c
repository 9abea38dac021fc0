#include "model/tensor.h"

#include <stdio.h>

struct tensor clfit_tensor_of(const char *set, int plane, uint32_t hidden)
{
  const bool column = plane == PLANE_W1 || plane == PLANE_B1;
  struct tensor tensor = {.rows = column ? hidden : 1, .columns = plane == PLANE_W2 ? hidden : 1};
  snprintf(tensor.name, sizeof tensor.name, "%s%s%s", set, *set ? "." : "", clfit_plane_names[plane]);
  return tensor;
}

uint32_t clfit_tensor_count(const clfit_state *state)
{
  const struct optimizer *optimizer = clfit_optimizer_get(state->network.optimizer);
  return PLANE_COUNT * clfit_set_count(&state->network) +
         (state->precise ? PLANE_COUNT * optimizer->precise_sets + 1 : 0);
}

static struct tensor get_scalars(const clfit_state *state, const struct optimizer *optimizer)
{
  return (struct tensor){.name = TENSOR_SCALARS,
                         .rows = 1,
                         .columns = optimizer->precise_scalars,
                         .precise = state->precise + clfit_sets_size(optimizer->precise_sets, state->network.hidden)};
}

struct tensor clfit_tensor_get(const clfit_state *state, uint32_t index)
{
  const struct optimizer *optimizer = clfit_optimizer_get(state->network.optimizer);
  const uint32_t hidden = state->network.hidden, set = index / PLANE_COUNT, sets = clfit_set_count(&state->network);
  const int plane = (int)(index % PLANE_COUNT);
  const size_t begin = clfit_plane_begin(plane, hidden);
  struct tensor tensor;
  if (set == sets + optimizer->precise_sets) return get_scalars(state, optimizer);
  if (set < sets) {
    tensor = clfit_tensor_of(set ? clfit_set_name(&state->network, set) : "", plane, hidden);
    tensor.values = state->parameters + clfit_sets_size(set, hidden) + begin;
  } else {
    tensor = clfit_tensor_of(optimizer->precise_names[set - sets], plane, hidden);
    tensor.precise = state->precise + clfit_sets_size(set - sets, hidden) + begin;
  }
  return tensor;
}
