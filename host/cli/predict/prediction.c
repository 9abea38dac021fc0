#include "cli/predict/prediction.h"

#include "cli/device/open_device.h"
#include "cli/io/defect.h"
#include "cli/io/message.h"
#include "study/base/numbers.h"

#include <math.h>
#include <string.h>

/* ---- points -------------------------------------------------------------------------------------------------- */

static void find_ends(const struct points *points, double *low, double *high)
{
  *low = *high = points->x[0];
  for (size_t i = 1; i < points->count; i++) {
    if (points->x[i] < *low) *low = points->x[i];
    if (points->x[i] > *high) *high = points->x[i];
  }
}

/* Answers beyond what was learnt are a guess, which nothing in them shows. */
static void tell_outside(const struct prediction *prediction)
{
  const struct points *points = &prediction->points;
  const double low = prediction->x_low, high = prediction->x_high;
  char first[NUMBER_SIZE], from[NUMBER_SIZE], to[NUMBER_SIZE];
  size_t outside = 0, k = 0;
  if (!prediction->ranged || prediction->options->quiet) return;
  for (size_t i = points->count; i-- > 0;)
    if (points->x[i] < low || points->x[i] > high) {
      outside++;
      k = i;
    }
  if (!outside) return;
  number_print(first, points->x[k]);
  number_print(from, low);
  number_print(to, high);
  note("%zu of %zu points %s outside the range of x that was learnt, %s to %s: extrapolated, the first at %s", outside,
       points->count, outside == 1 ? "is" : "are", from, to, first);
}

clfit_status prediction_open_points(struct prediction *prediction, const struct grid *otherwise, clfit_error *error)
{
  const struct points *points = &prediction->points;
  const bool spread = prediction->options->study != NULL;
  const clfit_source *learnt = spread ? &prediction->source : &prediction->model.source;
  double low, high;
  clfit_status status = points_open(&prediction->points, prediction->options, learnt, otherwise, error);
  if (!status) status = answers_open(&prediction->answers, points->count, points->x, spread, error);
  if (status) return status;
  tell_outside(prediction);
  if (!prediction->options->plot) return CLFIT_OK;
  find_ends(points, &low, &high);
  size_t count = low < high ? PICTURE_POINTS : 1;
  clfit_grid(low, high, count, prediction->line_x);
  return answers_open(&prediction->line, count, prediction->line_x, spread, error);
}

/* ---- one model ----------------------------------------------------------------------------------------------- */

static clfit_status predict_on_device(const struct device_choice *choice, const clfit_model *model,
                                      struct answers *answers, clfit_error *error)
{
  clfit_device *device = NULL;
  clfit_population *population = NULL;
  clfit_data *data = NULL;
  /* shares the parameters. A population needs a data set; evaluation does not use it, so one sample is enough */
  clfit_state alone = model->state;
  const clfit_state *states = &alone;
  const double zero = 0;
  uint32_t index, slot;
  alone.network.samples = 1;
  alone.progress.sample = 0;
  clfit_status status = device_open(choice, &device, error);
  if (!status) status = clfit_population_create(device, NULL, &population, error);
  if (!status) status = clfit_data_create(1, &zero, &zero, &data, error);
  if (!status) status = clfit_population_add_data(population, data, &index, error);
  if (!status) status = clfit_population_take(population, 1, &states, &index, &slot, error);
  if (!status)
    status =
        clfit_population_predict(population, 1, &slot, &model->scaling, answers->count, answers->x, answers->z, error);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_data_free(data);
  return status;
}

/* A training that was interrupted may have left such parameters; it would have ended as diverged. */
static void tell_infinite(const struct prediction *prediction)
{
  const clfit_state *state = &prediction->model.state;
  const size_t bad = defect_infinite(state);
  if (bad > 0 && !prediction->options->quiet)
    note("warning: %zu of the %zu parameters of %.200s are infinite or NaN: the training went wrong", bad,
         clfit_parameter_count(state->network.hidden), prediction->options->model);
}

/* The line of a picture needs no device: the bits are the same. */
clfit_status prediction_of_model(struct prediction *prediction, clfit_error *error)
{
  const struct options *options = prediction->options;
  const clfit_model *model = &prediction->model;
  struct answers *answers = &prediction->answers;
  clfit_status status = clfit_model_load(options->model, &prediction->model, error);
  if (status) return status;
  tell_infinite(prediction);
  prediction->single = clfit_scaling_is_identity(&model->scaling);
  prediction->ranged = clfit_model_range(model, &prediction->x_low, &prediction->x_high);
  if (!option_given(options, OPTION_GRID) && !options->x && !options->data) return CLFIT_OK;
  status = prediction_open_points(prediction, NULL, error);
  if (status) return status;
  const struct device_choice choice = device_choice_of(options, PROBE_DEFAULT);
  if (options->devices.count)
    status = predict_on_device(&choice, model, answers, error);
  else
    clfit_model_predict(model, answers->count, answers->x, answers->z);
  if (prediction->line.count)
    clfit_model_predict(model, prediction->line.count, prediction->line.x, prediction->line.z);
  return status;
}

/* ---- its end ------------------------------------------------------------------------------------------------- */

void prediction_figures(const struct prediction *prediction, clfit_figures *figures)
{
  const struct points *points = &prediction->points;
  const double *z = prediction->answers.z;
  clfit_figures_compute(points->count, z, points->y, figures);
  if (!points->weights) return;
  figures->max_error = 0;
  for (size_t i = 0; i < points->count; i++) {
    const double error = fabs(z[i] - points->y[i]);
    if (points->weights[i] > 0 && !(error <= figures->max_error)) figures->max_error = error;
  }
}

void prediction_close(struct prediction *prediction)
{
  answers_close(&prediction->answers);
  answers_close(&prediction->line);
  points_close(&prediction->points);
  samples_close(&prediction->samples);
  clfit_model_clear(&prediction->model);
  clfit_source_clear(&prediction->source);
}
