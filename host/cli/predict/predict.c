/* Evaluates a saved model or the best networks of a study, or tests them against data. */
#include "cli/device/device_check.h"
#include "cli/explain/explanation.h"
#include "cli/io/json.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/options/options.h"
#include "cli/predict/prediction.h"
#include "study/base/numbers.h"

#include <string.h>

/* ---- options ------------------------------------------------------------------------------------------------- */

static clfit_status check_networks(const struct options *options, clfit_error *error)
{
  if (options->study && options->model)
    return refuse(error, "clfit predict takes a MODEL or --study, not both: \"%.120s\"", options->model);
  if (options->study && options->explain)
    return refuse(error, "--explain does not go with --study: it shows the neurons of one network");
  if (option_given(options, OPTION_BEST) && !options->study)
    return refuse(error, "--best needs --study: a model is one network");
  if (options->study && options->devices.count)
    return refuse(error, "--device does not go with --study, whose networks are evaluated without OpenCL");
  return check_single_device(options, error);
}

static bool has_points(const struct options *options)
{
  return option_given(options, OPTION_GRID) || options->x || options->data || options->study;
}

static clfit_status check_points(const struct options *options, clfit_error *error)
{
  int sources = option_given(options, OPTION_GRID) + (options->x != NULL) + (options->data != NULL);
  bool explains_only = options->explain && !options->plot && !options->out && !options->json;
  if (sources > 1 || (sources == 0 && !options->study && !explains_only))
    return refuse(error, "clfit predict needs exactly one of --grid, --x and --data, and here %s given",
                  sources ? "several are" : "none is");
  if (options->x_column && !options->x && !options->data)
    return refuse(error, "--x-column does not go with --grid: it names a column of --x or --data");
  if (options->y_column && !options->data) return refuse(error, "--y-column needs --data");
  if (options->weight_column && !options->data) return refuse(error, "--weight-column needs --data");
  if (option_given(options, OPTION_MAX_ERROR) && !options->data)
    return refuse(error, "--max-error needs --data: there is no error without measured points");
  if (options->json && !options->data)
    return refuse(error, "--json needs --data: it prints how well the model fits, not the points");
  return CLFIT_OK;
}

static clfit_status check_standard_picture(const struct options *options, enum option_id id, const char *path, bool csv,
                                           clfit_error *error)
{
  if (!path || !output_is_standard(path)) return CLFIT_OK;
  if (options->json)
    return refuse(error, "--%s - does not go with --json: both print on standard output", option_name(id));
  if (csv) return refuse(error, "--%s - needs --out FILE: the CSV prints on standard output, too", option_name(id));
  return CLFIT_OK;
}

/* Standard output has room for one of the CSV, a JSON object and a picture. */
static clfit_status check_standard_output(const struct options *options, clfit_error *error)
{
  bool csv = has_points(options) && (options->out ? output_is_standard(options->out) : !options->json);
  if (csv && options->json) return refuse(error, "--out - does not go with --json: both print on standard output");
  clfit_status status = check_standard_picture(options, OPTION_PLOT, options->plot, csv, error);
  if (!status) status = check_standard_picture(options, OPTION_EXPLAIN, options->explain, csv, error);
  return status;
}

static clfit_status check_output(const struct options *options, enum option_id id, const char *path, clfit_error *error)
{
  const char *inputs[] = {options->model, options->study, options->x, options->data};
  char context[32];
  if (!path || output_is_standard(path)) return CLFIT_OK;
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    if (inputs[i] && clfit_output_same_file(path, inputs[i]))
      return refuse(error, "--%s would overwrite %.200s, which is read", option_name(id), inputs[i]);
  clfit_status status = output_check(path, error);
  snprintf(context, sizeof context, "--%s", option_name(id));
  return status ? fail_in(error, context) : CLFIT_OK;
}

static clfit_status check_pair(enum option_id a, const char *first, enum option_id b, const char *second,
                               clfit_error *error)
{
  if (!first || !second || output_is_standard(first) || output_is_standard(second) ||
      !clfit_output_same_file(first, second))
    return CLFIT_OK;
  return refuse(error, "--%s and --%s are the same file, %.200s", option_name(a), option_name(b), first);
}

static clfit_status check_outputs(const struct options *options, clfit_error *error)
{
  clfit_status status = check_standard_output(options, error);
  if (!status) status = check_output(options, OPTION_OUT, options->out, error);
  if (!status) status = check_output(options, OPTION_PLOT, options->plot, error);
  if (!status) status = check_output(options, OPTION_EXPLAIN, options->explain, error);
  if (!status) status = check_pair(OPTION_OUT, options->out, OPTION_PLOT, options->plot, error);
  if (!status) status = check_pair(OPTION_OUT, options->out, OPTION_EXPLAIN, options->explain, error);
  if (!status) status = check_pair(OPTION_PLOT, options->plot, OPTION_EXPLAIN, options->explain, error);
  if (!status && options->explain && explanation_check(options->explain, error)) return fail_in(error, "--explain");
  if (status || !options->plot) return status;
  return clfit_plot_check(options->plot, error) ? fail_in(error, "--plot") : CLFIT_OK;
}

/* ---- results ------------------------------------------------------------------------------------------------- */

static void report_json(const struct prediction *prediction, const clfit_figures *figures)
{
  const struct options *options = prediction->options;
  struct json_writer writer = {.stream = stdout};
  json_open_object(&writer, NULL);
  json_write_text(&writer, options->study ? "study" : "model", options->study ? options->study : options->model);
  if (options->study) json_write_count(&writer, "networks", prediction->answers.networks);
  json_write_count(&writer, "points", prediction->points.count);
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

static clfit_status show(const struct prediction *prediction, int *exit_code, clfit_error *error)
{
  const struct options *options = prediction->options;
  clfit_figures figures;
  clfit_status status = CLFIT_OK;
  if (has_points(options) && (!options->json || options->out)) status = prediction_write_csv(prediction, error);
  if (!status && options->explain) status = prediction_explain(prediction, error);
  if (!status && options->plot) status = prediction_draw(prediction, error);
  if (status || !prediction->points.y) return status;
  prediction_figures(prediction, &figures);
  if (options->json) report_json(prediction, &figures);
  judge(options, &figures, exit_code);
  return CLFIT_OK;
}

clfit_status predict_run(const struct options *options, int *exit_code, clfit_error *error)
{
  struct prediction prediction = {.options = options};
  clfit_status status = check_networks(options, error);
  if (!status) status = clfit_host_check(error);
  if (!status) status = check_points(options, error);
  if (!status) status = check_outputs(options, error);
  if (!status && options->study) status = prediction_of_study(&prediction, error);
  if (!status && !options->study) status = prediction_of_model(&prediction, error);
  if (!status) status = show(&prediction, exit_code, error);
  prediction_close(&prediction);
  return status;
}
