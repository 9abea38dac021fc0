#include "config/activation.h"
#include "config/record.h"
#include "data/data.h"

#include <assert.h>
#include <math.h>

/* Squared norm of the gradient of z at x by all parameters. */
static double gradient_norm(const clfit_state *state, const struct activation *activation, float x)
{
  uint32_t hidden = state->network.hidden;
  const float *w1 = state->parameters + clfit_plane_begin(PLANE_W1, hidden);
  const float *b1 = state->parameters + clfit_plane_begin(PLANE_B1, hidden);
  const float *w2 = state->parameters + clfit_plane_begin(PLANE_W2, hidden);
  double inner = 1 + (double)x * (double)x; /* of b1 and w1 */
  double norm = 0;
  for (uint32_t j = 0; j < hidden; j++) {
    float z = fmaf(w1[j], x, b1[j]), a = activation->value(z);
    double g = (double)w2[j] * (double)activation->slope(a, z);
    norm += (double)a * (double)a + g * g * inner;
  }
  return norm + 1; /* of b2 */
}

double clfit_state_stable_rate(const clfit_state *state, const clfit_data *data)
{
  assert(state && state->parameters && data && state->network.samples <= data->count);
  const struct activation *activation = clfit_activation_get(state->network.activation);
  double largest = 0;
  for (size_t i = 0; i < clfit_network_trained(&state->network); i++) {
    double norm = gradient_norm(state, activation, data->x_float[i]);
    if (!isfinite(norm)) return NAN;
    if (norm > largest) largest = norm;
  }
  return 2 / largest;
}
