#include "cli/train/train.h"

#include "cli/device/device_check.h"
#include "cli/device/open_device.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/io/progress.h"
#include "cli/options/context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Neurons times samples that the warning about the rate may look at: at about 10 ns each (one exp in float64) this is
 * half a second. */
#define STABILITY_WORK (1u << 26)

static const clfit_figures no_figures = {NAN, NAN, NAN, NAN, NAN};

/* The rate beyond which the training may not be stable (clfit_state_stable_rate). */
static double stability_limit(const struct training *training)
{
  /* shares the parameters; fewer samples, if there are so many that the check would take long */
  clfit_state state = training->state;
  uint32_t most = STABILITY_WORK / state.network.hidden;
  if (state.network.samples > most) state.network.samples = most;
  return clfit_state_stable_rate(&state, training->samples.data);
}

/* Samples of a file may have any unit, and no rate suits them all. */
static void choose_rate(struct training *training)
{
  char rate[CLFIT_NUMBER_SIZE];
  if (!context_chooses_rate(training->options)) return;
  const clfit_network *network = &training->state.network;
  const bool has_momentum = clfit_field_applies(clfit_field_find("momentum"), network, training->samples.drawn);
  double limit = stability_limit(training);
  if (!context_rate(limit, has_momentum ? network->momentum : 0, rate)) return;
  clfit_number_parse(rate, &training->state.network.rate);
  if (training->options->quiet) return;
  if (!has_momentum)
    note("rate %s: half of the stability limit %.6g of the initial weights; --rate R takes another", rate, limit);
  else
    note("rate %s: half of the stability limit %.6g of the initial weights, times 1 - momentum; --rate R takes another",
         rate, limit);
}

static clfit_status prepare_fresh(struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  clfit_network network = options->network;
  training->mode = (clfit_mode)options->mode;
  if (options->data) network.samples = 0; /* as many as the file has rows */
  clfit_status status = samples_source(options, &training->source, error);
  if (status) return status;
  status = samples_open(&training->samples, &training->source, &network, error);
  if (status) return options->data ? status : fail_in(error, "--target");
  status = train_note_columns(training, error);
  if (status) return status;
  double low, high;
  clfit_data_range(training->samples.data, &low, &high);
  status = clfit_state_init_over(&training->state, &network, low, high, error);
  if (!status) choose_rate(training);
  return status;
}

static clfit_status prepare_device(struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  clfit_population_options population;
  const clfit_state *state = &training->state;
  uint32_t index;
  clfit_population_options_default(&population);
  population.mode = training->mode;
  population.mapping = options->mapping;
  population.history = options->history != NULL;
  const struct device_choice choice =
      device_choice_of(options, train_is_least_squares(training) ? PROBE_LEAST_SQUARES : PROBE_DEFAULT);
  clfit_status status = device_open(&choice, &training->device, error);
  if (!status && !options->quiet && train_is_least_squares(training)) device_note_float64(training->device);
  if (!status) status = clfit_population_create(training->device, &population, &training->population, error);
  if (!status) status = clfit_population_add_data(training->population, training->samples.data, &index, error);
  if (!status) status = clfit_population_take(training->population, 1, &state, &index, &training->slot, error);
  return status;
}

/* Warns of a rate above the stability limit (clfit_state_stable_rate). The default rate, which is the chapter's, is
 * above it with 128 neurons: there the report says so, as nobody chose it. */
static void warn_of_rate(struct training *training)
{
  const struct options *options = training->options;
  const clfit_network *network = &training->state.network;
  if (options->resume || network->optimizer != CLFIT_SGD || (options->quiet && options->json)) return;
  double limit = stability_limit(training);
  if (!(network->rate > limit)) return;
  training->exceeded_limit = limit;
  if (options->quiet || !option_given(options, option_of_field(clfit_field_find("rate")))) return;
  note("warning: rate %.6g is above the stability limit %.6g of the initial weights (2 / the largest squared gradient "
       "norm, %.6g): the error may grow in the first steps",
       network->rate, limit, 2 / limit);
}

/* Opens the history; a resumed training goes on with the rows of the file that is there. */
static clfit_status begin_history(struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  const clfit_state *state = &training->state;
  const bool held = clfit_network_held_out(&state->network) > 0 && state->network.optimizer != CLFIT_LM;
  const bool shown = options->plot || options->frames || options->explain;
  if (!options->history) return CLFIT_OK;
  const uint32_t epoch = options->resume ? state->progress.epoch : 0;
  return history_begin(&training->history, options->history, epoch, held, shown, error);
}

static void keep_history(struct training *training)
{
  uint32_t first_epoch;
  size_t count;
  if (!training->options->history) return;
  const double *losses = clfit_population_history(training->population, training->slot, &first_epoch, &count);
  const double *held = clfit_population_held_history(training->population, training->slot);
  history_append(&training->history, first_epoch, count, losses, held);
}

static clfit_status predict(struct training *training, size_t n, const double *x, double *z, clfit_error *error)
{
  clfit_scaling scaling = clfit_data_scaling(training->samples.data);
  return clfit_population_predict(training->population, 1, &training->slot, &scaling, n, x, z, error);
}

/* The fit as it is now, if a picture shows how it grows and the training has come to an epoch that it shows. */
static clfit_status keep_frame(struct training *training, bool last, clfit_error *error)
{
  const clfit_progress *progress = clfit_population_progress(training->population, training->slot);
  const struct samples *samples = &training->samples;
  double *z = frames_next(&training->frames, &training->state.network, progress, last);
  if (!z) return CLFIT_OK;
  return predict(training, samples->drawn ? CLFIT_TEST_POINTS : LINE_POINTS,
                 samples->drawn ? samples->test_x : samples->line_x, z, error);
}

/* One launch, which ends where a frame is to be kept. */
static clfit_status launch(struct training *training, clfit_error *error)
{
  const clfit_progress *progress = clfit_population_progress(training->population, training->slot);
  uint32_t steps = frames_limit(&training->frames, &training->state.network, progress, training->options->launch_steps);
  clfit_status status = clfit_population_advance(training->population, steps, NULL, error);
  if (!status) keep_history(training);
  return status ? status : keep_frame(training, false, error);
}

static clfit_status advance(struct training *training, clfit_error *error)
{
  struct progress_line line;
  const clfit_progress *progress = clfit_population_progress(training->population, training->slot);
  clfit_status status = keep_frame(training, false, error);
  progress_begin(&line, training->options->quiet, training->first_steps);
  while (!status && progress->status == CLFIT_TRAINING_RUNNING && !interrupt_pending()) {
    status = launch(training, error);
    if (status) break;
    progress = clfit_population_progress(training->population, training->slot);
    progress_update(&line, &training->state.network, progress);
  }
  progress_end(&line);
  return status ? status : keep_frame(training, true, error);
}

static clfit_status evaluate_on_target(struct training *training, clfit_error *error)
{
  const struct samples *samples = &training->samples;
  clfit_status status = predict(training, CLFIT_TEST_POINTS, samples->test_x, training->test_z, error);
  if (!status) clfit_figures_compute(CLFIT_TEST_POINTS, training->test_z, samples->test_y, &training->test);
  return status;
}

/* Those trained on, and those held out if there are any. */
static clfit_status evaluate_on_samples(struct training *training, clfit_error *error)
{
  const clfit_data *data = training->samples.data;
  const size_t n = training->state.network.samples, trained = clfit_network_trained(&training->state.network);
  double *z = malloc(n * sizeof *z);
  if (!z) return clfit_fail_memory(error);
  clfit_status status = predict(training, n, clfit_data_x(data), z, error);
  if (!status) clfit_figures_compute(trained, z, clfit_data_y(data), &training->fit);
  if (!status && n > trained)
    clfit_figures_compute(n - trained, z + trained, clfit_data_y(data) + trained, &training->held);
  free(z);
  return status;
}

static clfit_status evaluate(struct training *training, clfit_error *error)
{
  const bool held = clfit_network_held_out(&training->state.network) > 0;
  clfit_status status = CLFIT_OK;
  if (training->source.target)
    status = evaluate_on_target(training, error);
  else
    status = predict(training, LINE_POINTS, training->samples.line_x, training->line_z, error);
  if (!status && (held || !training->source.target)) status = evaluate_on_samples(training, error);
  return status;
}

static clfit_status train(struct training *training, clfit_error *error)
{
  clfit_state after;
  training->first_steps =
      clfit_progress_steps(&training->state.progress, clfit_network_trained(&training->state.network));
  double start = clfit_clock();
  clfit_status status = advance(training, error);
  if (!status) status = evaluate(training, error);
  if (!status) status = clfit_population_give(training->population, 1, &training->slot, &after, error);
  if (status) return status;
  training->seconds = clfit_clock() - start;
  clfit_state_clear(&training->state);
  training->state = after;
  training->interrupted = after.progress.status == CLFIT_TRAINING_RUNNING;
  if (!training->interrupted) frames_go_back(&training->frames, clfit_state_best_epoch(&after));
  frames_take_losses(&training->frames, &training->history);
  /* which may show in the parameters alone */
  if (after.progress.status == CLFIT_TRAINING_DIVERGED) training->test = training->fit = training->held = no_figures;
  return CLFIT_OK;
}

static void clean_up(struct training *training)
{
  clfit_population_free(training->population);
  clfit_device_close(training->device);
  clfit_state_clear(&training->state);
  history_clear(&training->history);
  frames_clear(&training->frames);
  samples_close(&training->samples);
  clfit_source_clear(&training->source);
  clfit_model_clear(&training->resumed);
}

clfit_status train_run(const struct options *options, int *exit_code, clfit_error *error)
{
  struct training training = {.options = options, .test = no_figures, .fit = no_figures, .held = no_figures};
  clfit_status status = train_check(options, error);
  if (!status) status = options->resume ? train_resume(&training, error) : prepare_fresh(&training, error);
  if (!status) status = begin_history(&training, error);
  if (status) goto out;
  interrupt_defer(); /* from here on Ctrl-C must not end the program before the results are saved */
  status = prepare_device(&training, error);
  if (!status && train_shows_frames(options)) status = frames_open(&training.frames, error);
  if (!status) status = train_draw_samples(&training, error);
  if (status) goto out;
  warn_of_rate(&training);
  status = train(&training, error);
  if (!status) status = train_write(&training, error);
  if (status) goto out;
  if (training.state.progress.status == CLFIT_TRAINING_DIVERGED) *exit_code = EXIT_UNMET;
  if (training.interrupted) *exit_code = EXIT_INTERRUPTED;
out:
  clean_up(&training);
  return status;
}
