/* What each neuron of a network does. */
#include "config/activation.h"
#include "config/record.h"
#include "data/data.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define GRID 257 /* points on which the span is looked for; all but the last two digits of a smooth bump */
#define PROBE                                                                                                          \
  0x1p-10 /* distance from 0 at which slopes are measured: curvature and rounding both change them by 2^-11 */

struct neuron {
  float w1, b1, w2;
};

static struct neuron neuron_of(const clfit_state *state, uint32_t index)
{
  uint32_t hidden = state->network.hidden;
  assert(index < hidden);
  return (struct neuron){state->parameters[clfit_plane_begin(PLANE_W1, hidden) + index],
                         state->parameters[clfit_plane_begin(PLANE_B1, hidden) + index],
                         state->parameters[clfit_plane_begin(PLANE_W2, hidden) + index]};
}

void clfit_state_contribution(const clfit_state *state, const clfit_scaling *scaling, uint32_t index, size_t n,
                              const double *x, double *z)
{
  const struct activation *activation = clfit_activation_get(state->network.activation);
  clfit_scaling complete = clfit_scaling_complete(scaling);
  struct neuron neuron = neuron_of(state, index);
  clfit_scaling_scale_x(scaling, n, x, z);
  for (size_t k = 0; k < n; k++) {
    float a = activation->value(fmaf(neuron.w1, (float)z[k], neuron.b1));
    z[k] = complete.y_factor * (double)neuron.w2 * (double)a;
  }
}

double clfit_state_constant(const clfit_state *state, const clfit_scaling *scaling)
{
  clfit_scaling complete = clfit_scaling_complete(scaling);
  float b2 = state->parameters[3 * (size_t)state->network.hidden];
  return fma(b2, complete.y_factor, complete.y_offset);
}

/* The derivative of the activation at 0, where neurons bend; of a kink that of the steeper side. */
static double slope_at_bend(const struct activation *activation)
{
  double middle = (double)activation->value(0);
  double right = ((double)activation->value((float)PROBE) - middle) / PROBE;
  double left = (middle - (double)activation->value((float)-PROBE)) / PROBE;
  double steeper = fabs(right) > fabs(left) ? right : left;
  return fabs(right - left) > 0.25 * fabs(steeper) ? steeper : (right + left) / 2;
}

static double finite_or_nan(double value)
{
  return isfinite(value) ? value : NAN;
}

static double span_of(const clfit_state *state, const clfit_scaling *scaling, const clfit_neuron *neuron,
                      const double grid[GRID])
{
  double z[GRID + 1], at_bend = NAN;
  clfit_state_contribution(state, scaling, neuron->index, GRID, grid, z);
  if (neuron->inside) clfit_state_contribution(state, scaling, neuron->index, 1, &neuron->x, &at_bend);
  double low = z[0], high = z[0];
  z[GRID] = at_bend;
  for (size_t i = 0; i <= GRID; i++) {
    if (z[i] < low) low = z[i];
    if (z[i] > high) high = z[i];
  }
  return finite_or_nan(high - low);
}

/* By x, then by index; NaN last. */
static int compare(const void *a, const void *b)
{
  const clfit_neuron *left = a, *right = b;
  if (isnan(left->x) != isnan(right->x)) return isnan(left->x) ? 1 : -1;
  if (left->x < right->x) return -1;
  if (left->x > right->x) return 1;
  return (left->index > right->index) - (left->index < right->index);
}

void clfit_state_neurons(const clfit_state *state, const clfit_scaling *scaling, double low, double high,
                         clfit_neuron *neurons)
{
  clfit_scaling complete = clfit_scaling_complete(scaling);
  double grid[GRID], slope = slope_at_bend(clfit_activation_get(state->network.activation));
  clfit_grid(low, high, GRID, grid);
  for (uint32_t j = 0; j < state->network.hidden; j++) {
    struct neuron neuron = neuron_of(state, j);
    double w1 = neuron.w1, bend = -(double)neuron.b1 / w1;
    double x = w1 != 0 ? fma(bend, complete.x_factor, complete.x_offset) : NAN;
    neurons[j] = (clfit_neuron){.index = j, .x = finite_or_nan(x), .inside = x >= low && x <= high};
    neurons[j].slope =
        w1 != 0 ? finite_or_nan(slope * w1 * (double)neuron.w2 * complete.y_factor / complete.x_factor) : NAN;
    neurons[j].span = span_of(state, scaling, &neurons[j], grid);
  }
  qsort(neurons, state->network.hidden, sizeof *neurons, compare);
}
