/* One training step against the chapter's formulas in float64, for every activation, size and mapping. */
#include "exact_activation.h"
#include "expect.h"

#include <math.h>

/* ---- the step in float64 ------------------------------------------------------------------------------------- */

/* The slope by a central difference: 1e-6 leaves 1e-10 of it, far below float32. */
static double slope(clfit_activation activation, double z)
{
  return (exact_value(activation, z + 1e-6) - exact_value(activation, z - 1e-6)) / 2e-6;
}

/*
 * Parameters after one step in float64, and how far float32 may be from each: half an ulp of the result, and of the
 * gradient's parts what their roundings can amount to. With u = 2^-24: e is off by at most (hidden + 8) u times the sum
 * of the absolute values that are added for it (the activations' own 3 ulp among the 8); each gradient has at most
 * 8 more roundings. Slopes that are differences (silu, gelu, sine) are off by up to 3 u absolutely.
 */
static void step_in_double(const clfit_state *state, double x, double y, double *after, double *bound)
{
  const double u = 0x1p-24, rate = (float)state->network.rate;
  const uint32_t hidden = state->network.hidden;
  const float *w1 = state->parameters, *b1 = w1 + hidden, *w2 = b1 + hidden, *b2 = w2 + hidden;
  double z = *b2, size = fabs((double)*b2) + fabs(y);
  for (uint32_t j = 0; j < hidden; j++) {
    double a = exact_value(state->network.activation, (double)w1[j] * x + b1[j]);
    z += w2[j] * a;
    size += fabs(w2[j] * a);
  }
  const double e = z - y, e_bound = (hidden + 8) * u * size;
  for (uint32_t j = 0; j < hidden; j++) {
    double argument = (double)w1[j] * x + b1[j], a = exact_value(state->network.activation, argument);
    double g = w2[j] * slope(state->network.activation, argument);
    const double factors[] = {g * x, g, a}, slope_error = state->network.activation > CLFIT_RELU ? 3 * u : 0.0;
    const double more[] = {slope_error * fabs(w2[j] * x), slope_error * fabs(w2[j]), 0.0};
    for (int layer = 0; layer < 3; layer++) {
      size_t i = layer * (size_t)hidden + j;
      after[i] = state->parameters[i] - rate * e * factors[layer];
      bound[i] = u * fabs(after[i]) + rate * fabs(factors[layer]) * (e_bound + 8 * u * fabs(e)) +
                 1e-9 * rate * fabs(e) + rate * fabs(e) * more[layer];
    }
  }
  after[3 * (size_t)hidden] = *b2 - rate * e;
  bound[3 * (size_t)hidden] = u * fabs(after[3 * (size_t)hidden]) + rate * (e_bound + 2 * u * fabs(e));
}

/* ---- the step on a device ------------------------------------------------------------------------------------ */

static clfit_state one_step(clfit_device *device, const char *mapping, const clfit_state *before, double x, double y)
{
  clfit_population_options options;
  clfit_population *population;
  clfit_data *data;
  clfit_state after;
  uint32_t index, slot;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  EXPECT_OK(clfit_data_create(1, &x, &y, &data, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_OK(clfit_population_take(population, 1, &before, &index, &slot, &error));
  EXPECT_OK(clfit_population_advance(population, 1, NULL, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &after, &error));
  clfit_population_free(population);
  clfit_data_free(data);
  return after;
}

static clfit_state make_state(uint32_t hidden, clfit_activation activation)
{
  clfit_network network;
  clfit_state state;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.activation = activation;
  network.samples = 1;
  network.epochs = 1;
  network.rate = 0.3;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  for (uint32_t j = 0; j < hidden; j++) state.parameters[hidden + j] = 0.25f * (float)(j % 7) - 0.6f; /* biases, too */
  return state;
}

static void expect_step(const char *selector, const char *mapping)
{
  /* Each size and activation is a program to build. 5 and 31 neurons leave vectors partly empty, 65 give a work-item of
   * team several neurons, and loops over 65 and 200 are not unrolled in packed. */
  static const uint32_t sizes[] = {1, 5, 31, 65, 200};
  double after[3 * 200 + 1], bound[3 * 200 + 1];
  const double x = 0.75, y = -0.375; /* exact in float32 */
  /* the last activation that is tried in all sizes */
  const clfit_activation last = strcmp(selector, "reference") == 0 ? CLFIT_RELU : CLFIT_SIGMOID;
  clfit_device *device; /* one for all: PoCL's compiler takes a second for the first program of a context */
  EXPECT_OK(clfit_device_open(selector, &device, &error));
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
      if (activation > last && sizes[k] != 5) continue;
      clfit_state before = make_state(sizes[k], activation);
      clfit_state got = one_step(device, mapping, &before, x, y);
      step_in_double(&before, x, y, after, bound);
      double moved = 0.0;
      for (size_t i = 0; i < clfit_parameter_count(sizes[k]); i++) {
        double off = fabs(got.parameters[i] - after[i]);
        moved = fmax(moved, fabs(after[i] - before.parameters[i]) / bound[i]);
        cr_assert(off <= bound[i], "%s, %s, hidden %u, parameter %zu is off by %g, more than %g", mapping,
                  clfit_activation_name(activation), sizes[k], i, off, bound[i]);
      }
      /* An error of half a percent shows in the parameter that shows most; the bounds grow with the neurons. */
      cr_assert(moved > 200.0, "a step of %g bounds with %u neurons and %s is too small to show anything", moved,
                sizes[k], clfit_activation_name(activation));
      clfit_state_clear(&got);
      clfit_state_clear(&before);
    }
  clfit_device_close(device);
}

Test(gradient, reference)
{
  expect_step("reference", "reference");
}

Test(gradient, wide)
{
  expect_step("cpu", "wide");
}

Test(gradient, packed)
{
  expect_step("cpu", "packed");
}

Test(gradient, team)
{
  expect_step("cpu", "team");
}
