#include "base/strict.h"
#include "data/data.h"
#include "engine/reference/reference.h"

#include <assert.h>
#include <math.h>

/* Half the width of the interval of a neuron's argument over which it must change, and how much it must. */
#define ARGUMENT_SHIFT 0.25f
#define LEAST_CHANGE   0x1p-21f

/* Whether a neuron with these parameters hardly changes with its argument at x. A network of that neuron alone, with
 * W2 = 1 and B2 = 0, answers its activation. */
static bool is_saturated(clfit_activation activation, float w1, float b1, float x)
{
  const float below[] = {w1, b1 - ARGUMENT_SHIFT, 1, 0}, above[] = {w1, b1 + ARGUMENT_SHIFT, 1, 0};
  float low, high;
  clfit_reference_evaluate(1, activation, below, 1, &x, &low);
  clfit_reference_evaluate(1, activation, above, 1, &x, &high);
  return fabsf(high - low) <= LEAST_CHANGE;
}

/* Whether every neuron is saturated, or dead, at every sample. Most networks are known not to be so after one. */
static bool all_saturated(const clfit_state *state, const clfit_data *data)
{
  const clfit_network *network = &state->network;
  const float *w1 = state->parameters, *b1 = state->parameters + network->hidden;
  for (uint32_t j = 0; j < network->hidden; j++)
    for (uint32_t i = 0; i < network->samples; i++)
      if (!is_saturated(network->activation, w1[j], b1[j], data->x_float[i])) return false;
  return true;
}

clfit_defect clfit_fit_defect(const clfit_state *state, const clfit_data *data, double r2)
{
  assert(state && state->parameters && data && state->network.samples <= data->count);
  if (state->progress.status == CLFIT_TRAINING_DIVERGED) return CLFIT_DEFECT_NONE;
  if (all_saturated(state, data)) return CLFIT_DEFECT_SATURATED;
  return r2 < CLFIT_CONSTANT_R2 ? CLFIT_DEFECT_CONSTANT : CLFIT_DEFECT_NONE;
}

const char *clfit_defect_name(clfit_defect defect)
{
  static const char *const names[] = {[CLFIT_DEFECT_CONSTANT] = "constant", [CLFIT_DEFECT_SATURATED] = "saturated"};
  return (size_t)defect < sizeof names / sizeof *names ? names[defect] : NULL;
}
