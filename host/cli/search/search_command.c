#include "cli/search/search_command.h"

#include "cli/device/device_check.h"
#include "cli/device/open_device.h"
#include "cli/io/columns.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/io/model_file.h"
#include "cli/io/output.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checks -------------------------------------------------------------------------------------------------- */

static clfit_status check_bounds(const struct options *options, clfit_error *error)
{
  if (option_given(options, OPTION_MAX_ERROR) && option_given(options, OPTION_MAX_RMSE))
    return refuse(error, "--max-error and --max-rmse do not go together: a search has one bound");
  if (option_given(options, OPTION_MAX_ERROR) && !(options->max_error > 0))
    return refuse(error, "--max-error must be larger than 0");
  if (option_given(options, OPTION_MAX_RMSE) && !(options->max_rmse > 0))
    return refuse(error, "--max-rmse must be larger than 0");
  return CLFIT_OK;
}

static clfit_status check_output(const struct options *options, enum option_id id, const char *path, clfit_error *error)
{
  const char *inputs[] = {options->data, options->db, options->resume, id == OPTION_OUT ? options->plot : NULL};
  char context[32];
  snprintf(context, sizeof context, "--%s", option_name(id));
  if (!path) return CLFIT_OK;
  if (strcmp(path, "-") == 0 && id == OPTION_OUT)
    return refuse(error, "--out needs the name of a file, not -: standard output has the results");
  if (strcmp(path, "-") == 0) return CLFIT_OK;
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    if (inputs[i] && clfit_output_same_file(path, inputs[i]))
      return refuse(error, "%s would overwrite %.200s, which has another use", context, inputs[i]);
  return output_check(path, error) ? fail_in(error, context) : CLFIT_OK;
}

static clfit_status check_picture(const struct options *options, clfit_error *error)
{
  if (!options->plot) return CLFIT_OK;
  if (strcmp(options->plot, "-") == 0 && options->json)
    return refuse(error, "--plot - does not go with --json: both print on standard output");
  return clfit_plot_check(options->plot, error) ? fail_in(error, "--plot") : CLFIT_OK;
}

static clfit_status check(const struct options *options, clfit_error *error)
{
  if (options->db && options->resume)
    return refuse(error, "--db and --resume do not go together: --resume alone goes on with a search");
  clfit_status status = check_bounds(options, error);
  if (!status) status = samples_check_options(options, error);
  if (!status) status = check_single_device(options, error);
  if (!status) status = check_output(options, OPTION_OUT, options->out, error);
  if (!status) status = check_output(options, OPTION_PLOT, options->plot, error);
  return status ? status : check_picture(options, error);
}

/* ---- samples and device -------------------------------------------------------------------------------------- */

static clfit_status read_samples(struct search_command *command, bool trusted, clfit_error *error)
{
  const struct options *options = &command->options;
  clfit_network network = options->network;
  if (options->data) network.samples = 0;
  clfit_status status = samples_source(options, &command->source, error);
  if (status) return status;
  if (!option_given(options, OPTION_SCALE)) command->source.scale = CLFIT_SCALE_RANGE;
  command->source.trusted = trusted;
  status = samples_open(&command->samples, &command->source, &network, error);
  if (status) return options->data ? status : fail_in(error, "--target");
  return clfit_source_set_columns(&command->source, command->samples.data, error);
}

/* trusted: the user named the file of the samples. The file of a search may be a stranger's and name any file of this
 * machine, so nothing is said of what is in it before its digest has been compared. */
static clfit_status open_samples(struct search_command *command, bool trusted, clfit_error *error)
{
  const struct options *options = &command->options;
  clfit_status status = read_samples(command, trusted, error);
  if (!status) status = search_define_store(command, error);
  if (!status && options->data && !options->quiet) columns_note(options->data, command->samples.data);
  return status;
}

static clfit_status open_device(struct search_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  const struct device_choice choice = device_choice_of(options, PROBE_LEAST_SQUARES);
  clfit_status status = device_open(&choice, &command->device, error);
  return status || !options->mapping ? status : check_mapping(command->device, options->mapping, error);
}

/* ---- the search ---------------------------------------------------------------------------------------------- */

static bool report_progress(void *context, uint32_t hidden, uint64_t starts)
{
  struct search_command *command = context;
  char text[96];
  if (progress_is_due(&command->line)) {
    snprintf(text, sizeof text, "%u neurons, %llu starts so far", hidden, (unsigned long long)starts);
    progress_show(&command->line, text);
  }
  return interrupt_pending();
}

static clfit_status load_round(void *context, uint64_t round, unsigned char **bytes, size_t *count, clfit_error *error)
{
  const struct search_command *command = context;
  return rounds_load(command->rounds, round, bytes, count, error);
}

static clfit_status save_round(void *context, uint64_t round, const unsigned char *bytes, size_t count,
                               clfit_error *error)
{
  const struct search_command *command = context;
  return rounds_save(command->rounds, round, bytes, count, error);
}

/* Whether the option of a field was given. */
static bool has_field(const struct options *options, const char *name)
{
  return option_given(options, option_of_field(clfit_field_find(name)));
}

static void fill_options(struct search_command *command, clfit_search_options *search)
{
  const struct options *options = &command->options;
  clfit_search_options_default(search);
  if (has_field(options, "activation")) search->activation = options->network.activation;
  if (has_field(options, "seed")) search->seed = options->network.seed;
  search->max_rmse = options->max_rmse;
  search->max_error = options->max_error;
  search->max_hidden = options->max_hidden;
  search->budget = options->budget;
  search->seconds = options->time_limit;
  search->mapping = options->mapping;
  search->interrupted = report_progress;
  search->context = command;
  if (!command->rounds) return;
  search->load = load_round;
  search->save = save_round;
}

static clfit_status search(struct search_command *command, clfit_error *error)
{
  clfit_search_options search;
  fill_options(command, &search);
  progress_begin(&command->line, command->options.quiet, 0);
  const double start = clfit_clock();
  clfit_status status = clfit_search(command->device, command->samples.data, &search, &command->result, error);
  command->seconds = clfit_clock() - start;
  progress_end(&command->line);
  return status;
}

/* ---- the result ---------------------------------------------------------------------------------------------- */

bool search_has_network(const struct search_command *command)
{
  return command->result.state.parameters != NULL;
}

void search_curve(void *context, size_t n, const double *x, double *z)
{
  const struct search_command *command = context;
  const clfit_scaling scaling = clfit_data_scaling(command->samples.data);
  clfit_state_predict(&command->result.state, &scaling, n, x, z);
}

static void test(struct search_command *command)
{
  double z[CLFIT_TEST_POINTS];
  command->test = (clfit_figures){NAN, NAN, NAN, NAN, NAN};
  if (!command->samples.drawn || !search_has_network(command)) return;
  search_curve(command, CLFIT_TEST_POINTS, command->samples.test_x, z);
  clfit_figures_compute(CLFIT_TEST_POINTS, z, command->samples.test_y, &command->test);
}

static clfit_status save_model(const struct search_command *command, clfit_error *error)
{
  if (!command->options.out) return CLFIT_OK;
  clfit_model model = {.size = sizeof model,
                       .state = command->result.state,
                       .source = command->source,
                       .mode = CLFIT_STRICT,
                       .scaling = clfit_data_scaling(command->samples.data)};
  clfit_data_span(command->samples.data, &model.x_low, &model.x_high);
  clfit_data_digest(command->samples.data, clfit_data_count(command->samples.data), model.source.digest);
  return model_save(&model, command->options.out, error);
}

static void report(const struct search_command *command)
{
  if (command->options.json)
    search_report_json(command);
  else
    search_report(command);
  search_explain(command);
  fflush(stdout);
}

/* A picture on standard output comes before the report, another one comes after it. */
static clfit_status draw_and_report(const struct search_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  if (output_is_standard(options->plot)) {
    clfit_status status = search_draw(command, error);
    if (!status) report(command);
    return status;
  }
  report(command);
  /* without a model, the picture is what is left of a search that was interrupted */
  if (options->out || command->rounds || !interrupt_pending()) interrupt_limit();
  return search_draw(command, error);
}

static clfit_status finish(struct search_command *command, int *exit_code, clfit_error *error)
{
  const clfit_search_result *result = &command->result;
  clfit_status status = CLFIT_OK;
  if (!result->met || !search_has_network(command)) *exit_code = EXIT_UNMET;
  if (result->end == CLFIT_SEARCH_INTERRUPTED) *exit_code = EXIT_INTERRUPTED;
  test(command);
  if (search_has_network(command)) {
    if (output_is_special(command->options.out)) interrupt_limit(); /* nobody may read what is written there */
    status = save_model(command, error);
    if (!status && result->end != CLFIT_SEARCH_INTERRUPTED) status = search_compare(command, error);
  }
  return status ? status : draw_and_report(command, error);
}

/* Texts that were restored are the command's own. */
static void clear_options(struct options *own, const struct options *options)
{
  for (enum option_id id = 0; id < option_count(); id++)
    if (own->texts[id] != options->texts[id]) free(own->texts[id]);
}

static void clear(struct search_command *command)
{
  clfit_search_result_clear(&command->result);
  clfit_free(command->alternatives);
  clfit_device_close(command->device);
  samples_close(&command->samples);
  clfit_source_clear(&command->source);
  rounds_close(command->rounds);
}

clfit_status search_run(const struct options *options, int *exit_code, clfit_error *error)
{
  struct search_command command = {.options = *options};
  clfit_status status = check(options, error);
  if (!status) status = search_open_store(&command, error);
  if (!status && command.rounds) status = check(&command.options, error);
  if (!status) status = open_samples(&command, options->data != NULL, error);
  interrupt_defer(); /* from here on Ctrl-C must not end the program before the results are shown */
  if (!status) status = open_device(&command, error);
  if (!status) status = search(&command, error);
  if (!status) status = finish(&command, exit_code, error);
  clear(&command);
  clear_options(&command.options, options);
  return status;
}
