#include "config/record.h"

#include <math.h>
#include <string.h>

const char *const clfit_plane_names[PLANE_COUNT] = {
    [PLANE_W1] = "W1", [PLANE_B1] = "B1", [PLANE_W2] = "W2", [PLANE_B2] = "B2"};

size_t clfit_parameter_count(uint32_t hidden)
{
  return clfit_sets_size(1, hidden);
}

size_t clfit_record_count(const clfit_network *network)
{
  return clfit_sets_size(clfit_set_count(network), network->hidden) + clfit_counter_count(network);
}

const char *clfit_set_name(const clfit_network *network, uint32_t set)
{
  const struct record_sets sets = clfit_network_sets(network);
  if (set < sets.own) return clfit_optimizer_get(network->optimizer)->set_names[set];
  return (int)set == sets.gradient ? "gradient" : "kept";
}

bool clfit_sets_are_possible(const clfit_network *network, const float *record)
{
  const size_t size = clfit_parameter_count(network->hidden);
  bool possible = true;
  for (uint32_t set = 0; set < clfit_set_count(network); set++) {
    if (strcmp(clfit_set_name(network, set), "square") != 0) continue;
    for (size_t i = 0; i < size; i++) possible = possible && !(record[set * size + i] < 0.0f);
  }
  return possible;
}

void clfit_record_exchange(const clfit_network *network, float *record)
{
  const size_t size = clfit_parameter_count(network->hidden);
  float *kept = record + (size_t)clfit_network_sets(network).kept * size;
  for (size_t i = 0; i < size; i++) {
    const float value = record[i];
    record[i] = kept[i];
    kept[i] = value;
  }
}

size_t clfit_precise_count(const clfit_network *network)
{
  const struct optimizer *optimizer = clfit_optimizer_get(network->optimizer);
  return clfit_sets_size(optimizer->precise_sets, network->hidden) + optimizer->precise_scalars;
}

bool clfit_is_under_way(const clfit_state *state)
{
  const clfit_progress *at = &state->progress;
  return at->status == CLFIT_TRAINING_RUNNING && at->epoch > 0 && clfit_precise_count(&state->network) > 0;
}

bool clfit_precise_is_possible(const clfit_network *network, const double *precise)
{
  const size_t size = clfit_parameter_count(network->hidden);
  const double *diagonal = precise + 2 * size, *scalars = precise + 3 * size;
  bool possible = true;
  for (size_t i = 0; i < size; i++) possible = possible && !(diagonal[i] < 0.0);
  for (int i = 0; i < 2; i++) possible = possible && isfinite(scalars[i]) && scalars[i] > 0.0;
  return possible && isfinite(scalars[2]) && scalars[2] >= 0.0;
}
