/* The output of clfit sweep: axes before the run, progress during it, the best networks at its end. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/io/shell.h"
#include "cli/results/results.h"
#include "cli/sweep/preset_summary.h"
#include "study/base/numbers.h"
#include "study/run/estimate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEST_SHOWN 10 /* of a study that is stored */

/* ---- before ------------------------------------------------------------------------------------------------------ */

static void print_axis(FILE *stream, const struct axis *axis)
{
  char *points = axis_show(axis), changes[96] = "";
  if (axis->rounded) snprintf(changes, sizeof changes, "; %u rounded to whole numbers", axis->rounded);
  size_t length = strlen(changes);
  if (axis->dropped) snprintf(changes + length, sizeof changes - length, "; %u repeated ones dropped", axis->dropped);
  fprintf(stream, "axis      %-11s %6" PRIu64 "  %s%s\n", axis->field->name, axis->count, points ? points : "?",
          changes);
  free(points);
}

static void print_schedule(FILE *stream, const struct schedule *schedule)
{
  char text[SCHEDULE_TEXT_SIZE];
  schedule->kind->describe(schedule, text, sizeof text);
  if (*text) fprintf(stream, "%s\n", text);
}

/* " drawn from 8 with seed 3 (5 different ones)" */
static clfit_status print_different(FILE *stream, const struct axes *axes, clfit_error *error)
{
  uint64_t distinct;
  bool counted;
  clfit_status status = axes_distinct(axes, &distinct, &counted, error);
  if (status) return status;
  if (axes->random) fprintf(stream, " drawn from %" PRIu64 " with seed %u", axes->grid_count, axes->random_seed);
  if (distinct < axes->count) fprintf(stream, " (%s%" PRIu64 " different ones)", counted ? "" : "about ", distinct);
  return CLFIT_OK;
}

clfit_status report_axes(const struct sweep_command *command, clfit_error *error)
{
  const struct axes *axes = &command->axes;
  const struct sweep *sweep = &command->sweep;
  FILE *stream = command->options.dry_run ? stdout : stderr;
  if (axes->preset) fprintf(stream, "axis      %-11s %6zu  %s\n", "row", axes->preset->n, axes->preset->name);
  for (size_t i = 0; i < axes->n; i++)
    if (axes->axis[i].count > 1 || axes->axis[i].rounded || axes->axis[i].dropped) print_axis(stream, &axes->axis[i]);
  fprintf(stream, "count     %" PRIu64 " configuration%s", axes->count, axes->count == 1 ? "" : "s");
  clfit_status status = print_different(stream, axes, error);
  if (status) return status;
  if (sweep->shards > 1)
    fprintf(stream, ", %" PRIu64 " of them in shard %u of %u", sweep->schedule->total, sweep->shard + 1, sweep->shards);
  if (command->grows) fprintf(stream, ", more than the study's %" PRIu64 " so far", command->count_in_study);
  fprintf(stream, "\n");
  if (sweep->mode == CLFIT_FAST) fprintf(stream, "mode      fast: the bits are the devices' own\n");
  print_schedule(stream, sweep->schedule);
  return CLFIT_OK;
}

void report_devices(const struct sweep_command *command)
{
  FILE *stream = command->options.dry_run ? stdout : stderr;
  for (size_t i = 0; i < command->sweep.device_count; i++) {
    const clfit_device_info *info = clfit_device_describe(command->devices[i]);
    fprintf(stream, "device    %s %s\n", info->id, info->name);
  }
}

static void print_bytes(double bytes)
{
  static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++) bytes /= 1000;
  printf("study     about %.3g %s\n", bytes, units[unit]);
}

clfit_status report_estimate(const struct sweep_command *command, clfit_error *error)
{
  struct estimate estimate;
  char duration[32];
  clfit_status status = estimate_sweep(&command->sweep, &estimate, error);
  if (status) return status;
  progress_print_duration(duration, sizeof duration, ceil(estimate.seconds));
  printf("time      about %s at most (%.3g million neuron updates a second)\n", duration,
         1e-6 * estimate.work / estimate.seconds);
  print_bytes(estimate.bytes);
  return CLFIT_OK;
}

/* ---- meanwhile --------------------------------------------------------------------------------------------------- */

#define PACE_SECONDS 2.0 /* shortest time from which the remaining time is estimated */

/* Seconds left, estimated from the speed since the first launch, because kernels were built before it. Negative: too
 * little time has passed for an estimate. */
static double seconds_left(struct sweep_command *command, const struct sweep_progress *progress)
{
  double now = clfit_clock();
  if (command->pace_start == 0) {
    command->pace_start = now;
    command->pace_work = progress->work_done;
  }
  double elapsed = now - command->pace_start, done = progress->work_done - command->pace_work;
  if (elapsed < PACE_SECONDS || done <= 0) return -1;
  return fmax(0, (progress->work - progress->work_done) * elapsed / done);
}

void report_progress(void *context, const struct sweep_progress *progress)
{
  struct sweep_command *command = context;
  struct progress_line *line = &command->line;
  char text[200], duration[32], left[48] = "", best[80] = "";
  double seconds = seconds_left(command, progress);
  if (!progress_is_due(line)) return;
  progress_print_duration(duration, sizeof duration, fmax(0, seconds));
  if (seconds >= 0) snprintf(left, sizeof left, ", %s left", duration);
  if (progress->any)
    snprintf(best, sizeof best, ", best %s %.4g (id %" PRIu64 ")", command->sweep.ranking->name, progress->best,
             progress->best_id);
  snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64 " done, %" PRIu64 " running, %.3g steps/s%s%s", progress->ended,
           progress->total, progress->running, progress->steps / (clfit_clock() - line->start), left, best);
  progress_show(line, text);
}

/* ---- in the end -------------------------------------------------------------------------------------------------- */

static const char *path_of(const struct sweep_command *command)
{
  return command->options.resume ? command->options.resume : command->options.db;
}

/* limit 0: every network. */
static clfit_status print_table(struct sweep_command *command, uint32_t limit, clfit_error *error)
{
  struct results results = {0};
  const char *path = path_of(command);
  clfit_status status = results_borrow(&results, command->store, path ? path : "clfit sweep", error);
  if (!status) status = results_print_best(&results, &command->axes, command->sweep.ranking->name, limit, error);
  results_close(&results);
  return status;
}

/* ---- a preset's rows --------------------------------------------------------------------------------------------- */

/* Width of the column of a field: its name, or a number of five characters. */
static int setting_width(const char *name)
{
  int length = (int)strlen(name);
  return length > 5 ? length : 5;
}

static void print_settings(const struct preset *preset, size_t row)
{
  clfit_network network;
  clfit_network_default(&network);
  preset_apply(preset, row, &network);
  for (size_t i = 0; preset->fields[i]; i++) {
    char text[CLFIT_FIELD_TEXT_SIZE];
    clfit_field_print(clfit_field_find(preset->fields[i]), &network, text);
    printf("  %*s", setting_width(preset->fields[i]), text);
  }
}

static void print_heads(const struct preset *preset)
{
  printf("row");
  for (size_t i = 0; preset->fields[i]; i++) printf("  %*s", setting_width(preset->fields[i]), preset->fields[i]);
  for (size_t i = 0; preset->published[i].name; i++)
    printf("  %*s", preset_width(&preset->published[i].format), preset->published[i].format.title);
  for (size_t i = 0; i < preset->n_figures; i++)
    printf("  %*s", preset_width(&preset->figures[i].format), preset->figures[i].format.title);
  printf("\n");
}

static void print_figure(const struct preset_format *format, double value)
{
  char text[PRESET_TEXT_SIZE];
  preset_print_figure(format, value, text);
  printf("  %*s", preset_width(format), text);
}

static clfit_status print_preset(struct sweep_command *command, clfit_error *error)
{
  const struct preset *preset = command->preset;
  clfit_status status = CLFIT_OK;
  print_heads(preset);
  for (size_t row = 0; row < preset->n && !status; row++) {
    struct preset_summary summary;
    status = preset_summarize(store_handle(command->store), preset, row, &summary, error);
    if (!status) {
      printf("%3s", summary.label);
      print_settings(preset, row);
      for (size_t i = 0; preset->published[i].name; i++)
        print_figure(&preset->published[i].format, preset->rows[row].published[i]);
      for (size_t i = 0; i < preset->n_figures; i++) print_figure(&preset->figures[i].format, summary.figures[i]);
      printf("\n");
    }
    preset_summary_clear(&summary);
  }
  return status;
}

static void print_summary(const struct sweep_command *command)
{
  const struct sweep_progress *result = &command->result;
  printf("networks  %" PRIu64 " of %" PRIu64 " trained, %" PRIu64 " of them diverged", result->ended, result->total,
         result->diverged);
  if (result->steps > 0)
    printf("; %.4g steps in %.3g s (%.3g million steps/s)", result->steps, command->seconds,
           1e-6 * result->steps / command->seconds);
  printf("\n");
}

static void explain_interruption(const struct sweep_command *command)
{
  const struct options *options = &command->options;
  const struct sweep_progress *result = &command->result;
  const char *path = path_of(command);
  char line[3000] = "clfit sweep";
  if (!path) {
    note("interrupted with %" PRIu64 " of %" PRIu64 " networks trained; nothing is stored, as there is no --db",
         result->ended, result->total);
    return;
  }
  shell_append(line, sizeof line, "resume", path);
  for (size_t i = 0; i < options->devices.count; i++)
    shell_append(line, sizeof line, "device", options->devices.items[i]);
  if (options->mapping) shell_append(line, sizeof line, "mapping", options->mapping);
  if (options->quiet) shell_append(line, sizeof line, "quiet", NULL);
  note("interrupted with %" PRIu64 " of %" PRIu64 " networks trained; go on with: %s", result->ended, result->total,
       line);
}

static clfit_status print_end(struct sweep_command *command, clfit_error *error)
{
  const char *path = path_of(command);
  if (path) {
    printf("study     %s\n", path);
    print_summary(command);
  }
  return command->preset ? print_preset(command, error) : print_table(command, path ? BEST_SHOWN : 0, error);
}

/* Prints what clfit results prints of the study. */
static clfit_status print_results(struct sweep_command *command,
                                  clfit_status (*print)(struct results *, const struct options *, clfit_error *),
                                  clfit_error *error)
{
  struct options options = command->options;
  struct results results = {0};
  const char *path = path_of(command);
  options.operand = (char *)path;
  options.rank_by = NULL;
  options.rows = option_initial(OPTION_ROWS);
  options.cols = option_initial(OPTION_COLS);
  clfit_status status = results_borrow(&results, command->store, path ? path : "clfit sweep", error);
  if (!status) status = print(&results, &options, error);
  results_close(&results);
  return status;
}

clfit_status report_end(struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  clfit_status status = options->json ? print_results(command, results_print_json, error) : print_end(command, error);
  if (!status && command->result.ended < command->result.total) explain_interruption(command);
  if (status || !options->report) return status;
  fflush(stdout);
  if (path_of(command)) { /* the page can be made again of a study that is kept, which is whole without its log first */
    store_empty_log(command->store);
    interrupt_limit();
  }
  return print_results(command, results_write_report, error);
}
