/* Evaluates a saved model, or tests it against data. */
#include "cli/device/device_check.h"
#include "cli/io/json.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/options/options.h"
#include "cli/predict/points.h"
#include "study/base/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static clfit_status check(const struct options *options, clfit_error *error)
{
  int sources = option_given(options, OPTION_GRID) + (options->x != NULL) + (options->data != NULL);
  if (sources != 1)
    return refuse(error, "clfit predict needs exactly one of --grid, --x and --data, and here %s given",
                  sources ? "several are" : "none is");
  if (options->x_column && option_given(options, OPTION_GRID))
    return refuse(error, "--x-column does not go with --grid");
  if (options->y_column && !options->data) return refuse(error, "--y-column needs --data");
  if (option_given(options, OPTION_MAX_ERROR) && !options->data)
    return refuse(error, "--max-error needs --data: there is no error without measured points");
  if (options->json && !options->data)
    return refuse(error, "--json needs --data: it prints how well the model fits, not the points");
  return check_single_device(options, error);
}

static clfit_status check_output(const struct options *options, clfit_error *error)
{
  const char *inputs[] = {options->model, options->x, options->data};
  if (!options->out || strcmp(options->out, "-") == 0) {
    if (options->out && options->json)
      return refuse(error, "--out - does not go with --json: both print on standard output");
    return CLFIT_OK;
  }
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    if (inputs[i] && clfit_output_same_file(options->out, inputs[i]))
      return refuse(error, "--out would overwrite %.200s, which is read", inputs[i]);
  clfit_status status = clfit_output_check(options->out, error);
  return status ? fail_in(error, "--out") : CLFIT_OK;
}

static clfit_status predict_on_device(const char *selector, const clfit_model *model, const struct points *points,
                                      double *z, clfit_error *error)
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
  clfit_status status = clfit_device_open(selector, &device, error);
  if (!status) status = clfit_population_create(device, NULL, &population, error);
  if (!status) status = clfit_data_create(1, &zero, &zero, &data, error);
  if (!status) status = clfit_population_add_data(population, data, &index, error);
  if (!status) status = clfit_population_take(population, 1, &states, &index, &slot, error);
  if (!status)
    status = clfit_population_predict(population, 1, &slot, &model->scaling, points->count, points->x, z, error);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_data_free(data);
  return status;
}

static clfit_status predict(const struct options *options, const clfit_model *model, const struct points *points,
                            double *z, clfit_error *error)
{
  if (options->devices.count) return predict_on_device(options->devices.items[0], model, points, z, error);
  clfit_model_predict(model, points->count, points->x, z);
  return CLFIT_OK;
}

/* The shortest text of an answer: without a scaling it is a float32. */
static void print_answer(char text[NUMBER_SIZE], const clfit_scaling *scaling, double z)
{
  if (clfit_scaling_is_identity(scaling))
    number_print_float(text, (float)z);
  else
    number_print(text, z);
}

/* Prints one point; false once nothing can be written any more. */
static bool write_point(FILE *stream, const struct points *points, size_t k, const clfit_scaling *scaling, double z)
{
  char x[NUMBER_SIZE], y_data[NUMBER_SIZE], y[NUMBER_SIZE], difference[NUMBER_SIZE];
  number_print(x, points->x[k]);
  print_answer(y, scaling, z);
  if (!points->y) return fprintf(stream, "%s,%s\n", x, y) >= 0;
  number_print(y_data, points->y[k]);
  number_print(difference, z - points->y[k]);
  return fprintf(stream, "%s,%s,%s,%s\n", x, y_data, y, difference) >= 0;
}

static clfit_status write_csv(const char *path, const struct points *points, const clfit_scaling *scaling,
                              const double *z, clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, path, error);
  if (status) return status;
  bool good = fprintf(output.file.stream, "%s\n", points->y ? "x,y_data,y,error" : "x,y") >= 0;
  for (size_t k = 0; good && k < points->count; k++) good = write_point(output.file.stream, points, k, scaling, z[k]);
  return output_end(&output, CLFIT_OK, error);
}

static void report_json(const struct options *options, size_t count, const clfit_figures *figures)
{
  struct json_writer writer = {.stream = stdout};
  json_open_object(&writer, NULL);
  json_write_text(&writer, "model", options->model);
  json_write_count(&writer, "points", count);
  json_write_number(&writer, "fit_rss", figures->rss);
  json_write_number(&writer, "fit_rmse", figures->rmse);
  json_write_number(&writer, "fit_max_error", figures->max_error);
  json_close_object(&writer);
  printf("\n");
}

static void judge(const struct options *options, const clfit_figures *figures, int *exit_code)
{
  char found[NUMBER_SIZE];
  if (!option_given(options, OPTION_MAX_ERROR) || figures->max_error <= options->max_error) return;
  number_print(found, figures->max_error);
  note("the largest error %s is beyond --max-error %s", *found ? found : "is not finite and",
       options->texts[OPTION_MAX_ERROR]);
  *exit_code = EXIT_UNMET;
}

clfit_status predict_run(const struct options *options, int *exit_code, clfit_error *error)
{
  clfit_model model = {0};
  struct points points = {0};
  clfit_figures figures;
  double *z = NULL;
  clfit_status status = check(options, error);
  if (!status) status = check_output(options, error);
  if (!status) status = clfit_model_load(options->model, &model, error);
  if (!status) status = points_open(&points, options, error);
  if (status) goto out;
  z = malloc(points.count * sizeof *z);
  status = z ? predict(options, &model, &points, z, error) : clfit_fail_memory(error);
  if (!status && (!options->json || options->out)) status = write_csv(options->out, &points, &model.scaling, z, error);
  if (status || !points.y) goto out;
  clfit_figures_compute(points.count, z, points.y, &figures);
  if (options->json) report_json(options, points.count, &figures);
  judge(options, &figures, exit_code);
out:
  free(z);
  points_close(&points);
  clfit_model_clear(&model);
  return status;
}
