/* The output of train at its end. */
#include "cli/train/train.h"

#include "cli/io/defect.h"
#include "cli/io/message.h"
#include "cli/io/shell.h"
#include "cli/io/training_json.h"
#include "study/base/numbers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *train_status_name(const struct training *training)
{
  switch (training->state.progress.status) {
  case CLFIT_TRAINING_DONE: return "done";
  case CLFIT_TRAINING_STOPPED: return "stopped";
  case CLFIT_TRAINING_DIVERGED: return "diverged";
  case CLFIT_TRAINING_RUNNING: break;
  }
  return "interrupted";
}

bool train_is_least_squares(const struct training *training)
{
  return training->state.network.optimizer == CLFIT_LM;
}

/* Why a training stopped, as text for people. */
static const char *stop_text(const clfit_progress *progress)
{
  switch (progress->stopped_by) {
  case CLFIT_STOP_TOL: return "the loss changes by less than tol";
  case CLFIT_STOP_CONVERGED: return "converged, the loss does not fall any more";
  case CLFIT_STOP_FLAT: return "converged, the gradient is zero";
  case CLFIT_STOP_DAMPED: return "no step lowers the loss";
  case CLFIT_STOP_LOSS: return "the loss is below stop-loss";
  case CLFIT_STOP_PATIENCE: break;
  }
  return "no epoch had a smaller loss for the time of patience";
}

/* ---- JSON ---------------------------------------------------------------------------------------------------- */

static uint64_t steps_trained(const struct training *training)
{
  return clfit_progress_steps(&training->state.progress, clfit_network_trained(&training->state.network));
}

static double steps_per_second(const struct training *training)
{
  return (double)(steps_trained(training) - training->first_steps) / training->seconds;
}

static const char *mapping_of(const struct training *training)
{
  const char *asked = training->options->mapping;
  return clfit_device_choose_mapping(training->device, asked, &training->state.network, 1);
}

static void report_json(const struct training *training)
{
  struct json_writer writer = {.stream = stdout};
  const clfit_state *state = &training->state;
  json_open_object(&writer, NULL);
  training_json_configuration(&writer, training->device, mapping_of(training),
                              option_choices(OPTION_MODE)[training->mode], &state->network, training->samples.drawn);
  json_write_text(&writer, "scale", clfit_scale_name(training->source.scale));
  training_json_outcome(&writer, state, train_status_name(training), training->seconds, steps_per_second(training));
  training_json_figures(&writer, state, training->samples.data, &training->test, &training->fit, &training->held);
  training_json_digest(&writer, state, training->samples.data);
  json_close_object(&writer);
  printf("\n");
}

/* ---- for people ---------------------------------------------------------------------------------------------- */

static const char *scale_text(const clfit_source *source)
{
  if (source->scale == CLFIT_SCALE_RANGE) return ", scaled to -1 .. 1";
  return source->scale == CLFIT_SCALE_STANDARD ? ", scaled to mean 0 and deviation 1" : "";
}

static void print_samples(const struct training *training)
{
  const clfit_source *source = &training->source;
  const uint32_t samples = training->state.network.samples, held = clfit_network_held_out(&training->state.network);
  if (!source->target) {
    printf("samples   %u rows of %s%s", clfit_network_trained(&training->state.network), source->path,
           scale_text(source));
    if (source->validation)
      printf(", and %u of %s held out", held, source->validation);
    else if (held)
      printf(", and %u held out", held);
    printf("\n");
    return;
  }
  char low[NUMBER_SIZE], high[NUMBER_SIZE];
  number_print(low, source->low);
  number_print(high, source->high);
  printf("samples   %u of %s, x from %s to %s, seed %u%s", samples, source->target, low, high,
         training->state.network.sample_seed, scale_text(source));
  if (held) printf(", %u of them held out", held);
  printf("\n");
}

static void print_network(const struct training *training)
{
  const clfit_network *network = &training->state.network;
  char rate[NUMBER_SIZE];
  number_print(rate, network->rate);
  printf("network   1-%u-1, %s", network->hidden, clfit_activation_name(network->activation));
  if (!train_is_least_squares(training)) printf(", rate %s", rate);
  if (training->exceeded_limit > 0) printf(" (above the stability limit %.6g)", training->exceeded_limit);
  printf(", seed %u", network->seed);
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    char text[CLFIT_FIELD_TEXT_SIZE];
    if (field->always || clfit_field_is_default(field, network)) continue;
    clfit_field_print(field, network, text);
    printf(", %s %s", option_name(option_of_field(field)), text);
  }
  printf("\n");
}

/* Prints 7.79e6 as "7.79 million", which is easier to read. */
static void print_speed(char *text, size_t size, double per_second)
{
  if (per_second >= 1e6)
    snprintf(text, size, "%.3g million steps/s", per_second / 1e6);
  else
    snprintf(text, size, "%.0f steps/s", per_second);
}

/* "done: 40 of 200 iterations in 0.1 s (400 iterations/s)" */
static void print_iterations(const struct training *training)
{
  const clfit_state *state = &training->state;
  const uint32_t now =
      state->progress.epoch - (uint32_t)(training->first_steps / clfit_network_trained(&state->network));
  printf("training  %s: %u of %u iterations", train_status_name(training), state->progress.epoch,
         state->network.epochs);
  if (training->first_steps) printf(", %u of them now", now);
  if (now) printf(" in %.3g s (%.4g iterations/s)", training->seconds, now / training->seconds);
  printf("\n");
  if (state->progress.status == CLFIT_TRAINING_STOPPED) printf("stopped   %s\n", stop_text(&state->progress));
}

/* Why it stopped, and whose parameters it has now. */
static void print_end(const clfit_state *state)
{
  const uint32_t best = clfit_state_best_epoch(state);
  if (state->progress.status == CLFIT_TRAINING_STOPPED) printf("stopped   %s\n", stop_text(&state->progress));
  if (best && state->progress.status != CLFIT_TRAINING_RUNNING)
    printf("best      epoch %u, whose parameters these are\n", best);
}

static void print_training(const struct training *training)
{
  if (train_is_least_squares(training)) {
    print_iterations(training);
    return;
  }
  const clfit_state *state = &training->state;
  uint64_t all = steps_trained(training), now = all - training->first_steps;
  char speed[64], part[64] = "";
  print_speed(speed, sizeof speed, steps_per_second(training));
  if (training->first_steps) snprintf(part, sizeof part, ", %" PRIu64 " of them now", now);
  printf("training  %s: %u of %u epochs, %" PRIu64 " steps%s", train_status_name(training), state->progress.epoch,
         state->network.epochs, all, part);
  if (now) printf(" in %.3g s (%s)", training->seconds, speed);
  printf("\n");
  print_end(state);
}

static void print_held_out(const clfit_figures *held)
{
  printf("held out  rss %.6g, rmse %.6g, largest error %.6g, R2 %.6g at the samples held out\n", held->rss, held->rmse,
         held->max_error, held->r2);
}

static void print_fit(const struct training *training)
{
  const clfit_state *state = &training->state;
  const clfit_figures *test = &training->test, *fit = &training->fit;
  const bool held = clfit_network_held_out(&state->network) > 0;
  char digest[CLFIT_DIGEST_SIZE];
  if (state->progress.status == CLFIT_TRAINING_DIVERGED) return;
  double loss = clfit_progress_train_loss(&state->progress, clfit_network_trained(&state->network));
  const char *unit = training->source.scale == CLFIT_SCALE_NONE ? "" : ", in scaled units";
  const char *when = train_is_least_squares(training) ? "" : " in the last epoch";
  if (isfinite(loss)) printf("loss      %.6g, the mean of error^2/2%s%s\n", loss, when, unit);
  if (training->source.target)
    printf("test      mse %.6g, rmse %.6g, largest error %.6g, R2 %.6g at %d equally spaced points\n", test->mse,
           test->rmse, test->max_error, test->r2, CLFIT_TEST_POINTS);
  if (!training->source.target || held)
    printf("fit       rss %.6g, rmse %.6g, largest error %.6g, R2 %.6g at the samples%s\n", fit->rss, fit->rmse,
           fit->max_error, fit->r2, held ? " trained on" : "");
  if (held) print_held_out(&training->held);
  clfit_state_digest(state, digest);
  printf("digest    %s\n", digest);
  clfit_data_digest(training->samples.data, state->network.samples, digest);
  printf("data      %s\n", digest);
}

void train_report_files(const struct training *training)
{
  const struct options *options = training->options;
  if (options->json) return;
  bool diverged = training->state.progress.status == CLFIT_TRAINING_DIVERGED;
  const char *paths[] = {
      diverged ? NULL : options->out,     diverged ? NULL : options->plot, diverged ? NULL : options->frames,
      diverged ? NULL : options->explain, options->samples_plot,           options->history};
  const char *before = "files     ";
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    if (!paths[i] || strcmp(paths[i], "-") == 0) continue;
    printf("%s%s", before, paths[i]);
    before = ", ";
  }
  if (*before == ',') printf("\n");
}

static void report_text(const struct training *training)
{
  const clfit_device_info *info = clfit_device_describe(training->device);
  printf("device    %s %s, mapping %s%s\n", info->id, info->name, mapping_of(training),
         training->mode == CLFIT_FAST ? ", fast mode (results differ slightly between devices)" : "");
  print_samples(training);
  print_network(training);
  print_training(training);
  print_fit(training);
}

void train_report(const struct training *training)
{
  if (training->options->json)
    report_json(training);
  else
    report_text(training);
}

/* ---- how it ended ---------------------------------------------------------------------------------------------- */

/* Appends the options of this run that a command that continues the training needs, too. */
static void print_resume_command(const struct training *training, char *command, size_t size)
{
  const struct options *options = training->options;
  static const enum option_id kept[] = {OPTION_PLOT,    OPTION_FRAMES,  OPTION_EXPLAIN,
                                        OPTION_HISTORY, OPTION_MAPPING, OPTION_LAUNCH_STEPS};
  snprintf(command, size, "clfit train");
  shell_append(command, size, "resume", options->out);
  shell_append(command, size, "out", options->out);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (option_given(options, kept[i])) shell_append(command, size, option_name(kept[i]), options->texts[kept[i]]);
  /* a model alone does not make clfit read standard input */
  if (training->source.path && strcmp(training->source.path, "-") == 0) shell_append(command, size, "data", "-");
  if (options->devices.count) shell_append(command, size, "device", options->devices.items[0]);
  if (options->json) shell_append(command, size, "json", NULL);
  if (options->quiet) shell_append(command, size, "quiet", NULL);
}

static void explain_interruption(const struct training *training)
{
  const clfit_progress *progress = &training->state.progress;
  const char *epoch = train_is_least_squares(training) ? "iteration" : "epoch";
  char command[3000];
  if (!training->options->out) {
    note("interrupted in %s %u of %u; nothing is saved, as there is no --out", epoch, progress->epoch + 1,
         training->state.network.epochs);
    return;
  }
  print_resume_command(training, command, sizeof command);
  bool standard = training->source.path && strcmp(training->source.path, "-") == 0;
  note("interrupted in %s %u of %u; go on with%s: %s", epoch, progress->epoch + 1, training->state.network.epochs,
       standard ? " the same data on standard input" : "", command);
}

/* Infinite or NaN parameters do not show in the predictions, because the activation's argument is clamped. A training
 * that has ended counts as diverged then; one that was interrupted can only come to that end. */
static void explain_infinities(const struct training *training)
{
  const clfit_state *state = &training->state;
  const size_t bad = defect_infinite(state);
  if (bad == 0 || state->progress.status == CLFIT_TRAINING_DIVERGED) return;
  note("warning: %zu of the %zu parameters are infinite or NaN, so the training will end as diverged; try a smaller "
       "--rate",
       bad, clfit_parameter_count(state->network.hidden));
}

void train_explain(const struct training *training)
{
  const clfit_progress *progress = &training->state.progress;
  if (progress->status == CLFIT_TRAINING_DIVERGED && train_is_least_squares(training))
    note("diverged: the sum of squared errors of the initial weights, or a parameter, is not finite; a smaller "
         "--init-scale may help");
  else if (progress->status == CLFIT_TRAINING_DIVERGED)
    note("diverged in epoch %u at sample %u (from 0): the error, or a parameter, is no longer finite; a smaller --rate "
         "may help%s",
         progress->epoch + 1, progress->sample, training->options->out ? ", and no model is saved" : "");
  if (training->interrupted) explain_interruption(training);
  explain_infinities(training);
  if (!training->options->quiet && !training->interrupted)
    defect_note(&training->state, training->samples.data, &training->test, &training->fit);
}
