/* clfit through its library: a population of least squares on the device that it picks, or on the one named. */
#include "fit.h"

#include <stdlib.h>

static clfit_device *device;
static clfit_error error;

/* Of the float32 model, by its own predictions. */
static double sum_squares(const clfit_state *state, const clfit_data *data, float *z)
{
  const size_t n = clfit_data_count(data);
  clfit_figures figures;
  double *wide = fit_allocate(2 * n * sizeof *wide), *y = wide + n;
  clfit_state_evaluate(state, n, clfit_data_x(data), z);
  for (size_t i = 0; i < n; i++) {
    wide[i] = z[i];
    y[i] = clfit_data_y_float(data)[i];
  }
  clfit_figures_compute(n, wide, y, &figures);
  free(wide);
  return figures.rss;
}

static void describe_fit(const clfit_state *state, const clfit_data *data, float *z, fit *result)
{
  const size_t count = clfit_parameter_count(state->network.hidden);
  result->steps = result->jacobians = state->progress.epoch;
  result->rss = sum_squares(state, data, z);
  for (size_t i = 0; i < count; i++) result->parameters[i] = state->parameters[i];
}

static void train_all(clfit_population *population, size_t n, const uint32_t *slots, clfit_state *fitted)
{
  fit_clock_start();
  for (size_t running = 1; running > 0;) fit_check(clfit_population_advance(population, 0, &running, &error), &error);
  fit_check(clfit_population_give(population, n, slots, fitted, &error), &error);
  fit_clock_stop();
}

static void train(const clfit_data *data, size_t n, clfit_state *states, fit *fits)
{
  clfit_population *population;
  const clfit_state **fresh = fit_allocate(n * sizeof *fresh);
  uint32_t *indices = fit_allocate(n * sizeof *indices), *slots = fit_allocate(n * sizeof *slots), index;
  clfit_state *fitted = fit_allocate(n * sizeof *fitted);
  float *z = fit_allocate(clfit_data_count(data) * sizeof *z);
  fit_check(clfit_population_create(device, NULL, &population, &error), &error);
  fit_check(clfit_population_add_data(population, data, &index, &error), &error);
  for (size_t i = 0; i < n; i++) {
    fresh[i] = &states[i];
    indices[i] = index;
  }
  fit_check(clfit_population_take(population, n, fresh, indices, slots, &error), &error);
  train_all(population, n, slots, fitted);
  for (size_t i = 0; i < n; i++) {
    describe_fit(&fitted[i], data, z, &fits[i]);
    clfit_state_clear(&fitted[i]);
  }
  clfit_population_free(population);
  free(z);
  free(fitted);
  free(slots);
  free(indices);
  free(fresh);
}

int main(int argc, char **argv)
{
  fit_check(clfit_device_open(argc > 1 ? argv[1] : NULL, &device, &error), &error);
  int code = fit_serve(&(fitter){
      .name = "clfit", .version = CLFIT_VERSION, .what = clfit_device_describe(device)->name, .train = train});
  clfit_device_close(device);
  return code;
}
