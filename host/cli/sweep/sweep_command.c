#include "cli/sweep/sweep_command.h"

#include "cli/device/device_check.h"
#include "cli/device/open_device.h"
#include "cli/io/columns.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "study/run/driver.h"
#include "study/run/ranks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- devices ----------------------------------------------------------------------------------------------------- */

static bool is_open(const struct sweep_command *command, const char *id)
{
  for (size_t i = 0; i < command->sweep.device_count; i++)
    if (strcmp(clfit_device_describe(command->devices[i])->id, id) == 0) return true;
  return false;
}

/* Many networks are trained in another mapping than few. Of several optimizers the largest network has lm, if lm is one
 * of them. */
static struct probe probe_of(const struct sweep_command *command)
{
  const bool precise = clfit_precise_count(&command->sweep.schedule->largest) > 0;
  const struct axis *optimizers = axes_find(&command->axes, "optimizer");
  const bool others = optimizers && optimizers->count > 1;
  return (struct probe){.kind = !precise ? PROBE_ALL
                                : others ? PROBE_ALL_AND_LEAST_SQUARES
                                         : PROBE_LEAST_SQUARES,
                        .quiet = command->options.quiet};
}

/* Opens the device of a selector that matches exactly one device, or, if selector is NULL, the fastest for the sweep.
 * Does nothing if it is open already. */
static clfit_status open_device(struct sweep_command *command, const char *selector, clfit_error *error)
{
  const struct device_choice choice = {
      .selector = selector, .networks = command->sweep.schedule->total, .probe = probe_of(command)};
  clfit_device *device = NULL;
  clfit_status status = device_open(&choice, &device, error);
  if (status) return status;
  if (is_open(command, clfit_device_describe(device)->id)) {
    clfit_device_close(device);
    return CLFIT_OK;
  }
  clfit_device **devices = realloc(command->devices, (command->sweep.device_count + 1) * sizeof *devices);
  if (!devices) {
    clfit_device_close(device);
    return clfit_fail_memory(error);
  }
  devices[command->sweep.device_count++] = device;
  command->devices = devices;
  if (clfit_precise_count(&command->sweep.schedule->largest) && !command->options.quiet) device_note_float64(device);
  return CLFIT_OK;
}

/* Whether a text contains another, ignoring case. */
static bool has_piece(const char *text, const char *piece)
{
  for (; *text; text++)
    if (strncasecmp(text, piece, strlen(piece)) == 0) return true;
  return false;
}

static bool matches(const clfit_device_info *info, const char *selector)
{
  return strcmp(selector, "all") == 0 || strcmp(selector, info->id) == 0 || strcmp(selector, info->type) == 0 ||
         has_piece(info->name, selector);
}

static bool is_in(const struct text_list *list, const char *text)
{
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], text) == 0) return true;
  return false;
}

static clfit_status append(struct text_list *list, const char *text, clfit_error *error)
{
  return is_in(list, text) ? CLFIT_OK : text_list_append(list, text, strlen(text), error);
}

/* Appends the ids of all devices that match a selector; in a sweep several matches mean all of them. Those that do not
 * survive a probe are left out; *dead, if it is "", becomes the id of the first of them. */
static clfit_status list_matching(const struct sweep_command *command, struct text_list *ids, const char *selector,
                                  char dead[sizeof(((clfit_device_info *)0)->id)], clfit_error *error)
{
  const struct probe probe = probe_of(command);
  clfit_device_info *infos = NULL;
  size_t count = 0;
  clfit_status status = clfit_device_list(&infos, &count, error);
  for (size_t i = 0; i < count && !status; i++) {
    if (!matches(&infos[i], selector)) continue;
    const bool named = strcmp(selector, infos[i].id) == 0; /* opening it tells more */
    if (named || device_survives(&probe, &infos[i]))
      status = append(ids, infos[i].id, error);
    else if (!*dead)
      memcpy(dead, infos[i].id, sizeof infos[i].id);
  }
  clfit_free(infos);
  return status;
}

/* The ids of the devices that --device names. A selector without a match is kept as it is, so that opening it gives the
 * library's error message; of one whose matches are all left out, the first is kept, whose opening gives the reason. */
static clfit_status list_selected(const struct sweep_command *command, struct text_list *ids, clfit_error *error)
{
  const struct text_list *selectors = &command->options.devices;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < selectors->count && !status; i++) {
    const char *selector = selectors->items[i];
    char dead[sizeof(((clfit_device_info *)0)->id)] = "";
    size_t before = ids->count;
    if (strcmp(selector, "reference") != 0) status = list_matching(command, ids, selector, dead, error);
    if (!status && ids->count == before) status = append(ids, *dead ? dead : selector, error);
  }
  return status;
}

/* Each of several MPI ranks on one machine uses another one of its devices (rank number modulo their number); without
 * --device its GPUs are used, if it has any. */
static clfit_status open_turn(struct sweep_command *command, struct text_list *ids, clfit_error *error)
{
  char dead[sizeof(((clfit_device_info *)0)->id)] = "";
  clfit_status status = CLFIT_OK;
  if (ids->count == 0) status = list_matching(command, ids, "gpu", dead, error);
  if (status || ids->count == 0) return status ? status : open_device(command, NULL, error);
  return open_device(command, ids->items[(size_t)ranks_get()->local % ids->count], error);
}

static clfit_status open_devices(struct sweep_command *command, clfit_error *error)
{
  struct text_list ids = {.count = 0};
  clfit_status status = list_selected(command, &ids, error);
  if (!status && ranks_get()->count > 1)
    status = open_turn(command, &ids, error);
  else if (!status && ids.count == 0)
    status = open_device(command, NULL, error);
  else
    for (size_t i = 0; i < ids.count && !status; i++) status = open_device(command, ids.items[i], error);
  text_list_clear(&ids);
  command->sweep.devices = command->devices;
  return status;
}

/* ---- the study --------------------------------------------------------------------------------------------------- */

/* Checks before the sweep that --report can be written and overwrites nothing; after the sweep it would be too late. */
static clfit_status check_report(const struct options *options, clfit_error *error)
{
  const char *report = options->report, *study = options->resume ? options->resume : options->db;
  if (!report) return CLFIT_OK;
  if (strcmp(report, "-") == 0) return refuse(error, "--report needs the name of a file, not -");
  if (study && clfit_output_same_file(report, study))
    return refuse(error, "--report would overwrite the study %.200s", study);
  if (options->data && clfit_output_same_file(report, options->data))
    return refuse(error, "--report and --data are the same file, %.200s", options->data);
  if (options->validation && clfit_output_same_file(report, options->validation))
    return refuse(error, "--report and --validation are the same file, %.200s", options->validation);
  return output_check(report, error) ? fail_in(error, "--report") : CLFIT_OK;
}

/* Checks --db, --resume and --dry-run before the sweep. */
static clfit_status check_study(const struct options *options, clfit_error *error)
{
  bool defined = definition_given(options) != OPTION_NONE;
  if (options->db && options->resume)
    return refuse(error, "--db and --resume do not go together: --resume alone goes on with a study");
  if (options->dry_run && (options->db || options->resume))
    return refuse(error, "--dry-run stores nothing: leave --%s out", options->db ? "db" : "resume");
  if (options->db && database_check_name(options->db, error)) return fail_in(error, "--db");
  if (options->resume && database_check_name(options->resume, error)) return fail_in(error, "--resume");
  if (options->db && store_exists(options->db))
    return refuse(error, "%.300s exists already; use --resume instead of --db to continue it", options->db);
  if (options->dry_run && options->report) return refuse(error, "--dry-run trains nothing: leave --report out");
  if (options->resume && !store_exists(options->resume) && !defined)
    return refuse(error, "there is no study %.300s to continue; to start it, give the options of the sweep, too",
                  options->resume);
  return CLFIT_OK;
}

/* Opens an existing study for --resume. A study without tables (its process ended before creating them) counts as not
 * existing. */
static clfit_status open_study(struct sweep_command *command, clfit_error *error)
{
  const char *path = command->options.resume;
  if (!path || !store_exists(path)) return CLFIT_OK;
  clfit_status status = store_open(path, &command->store, &command->fresh, error);
  if (status || definition_given(&command->options) != OPTION_NONE) return status;
  if (command->fresh) return refuse(error, "%.300s is empty: it has no sweep that could be resumed", path);
  command->restored = true;
  return definition_restore(command, error);
}

static clfit_status make_study(struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  clfit_status status = CLFIT_OK;
  if (!command->store)
    status = store_open(options->resume ? options->resume : options->db, &command->store, &command->fresh, error);
  command->sweep.store = command->store;
  command->sweep.fresh = command->fresh;
  if (!status && command->grows) status = grow_store(command, error);
  return status || !command->fresh ? status : definition_store(command, error);
}

/* *finished: all networks are trained. What is left to be done without training is done then. */
static clfit_status finish_if_trained(struct sweep_command *command, bool *finished, clfit_error *error)
{
  struct sweep_progress *result = &command->result;
  const struct schedule *schedule = command->sweep.schedule;
  struct schedule_counts counts;
  *finished = false;
  if (!command->store || command->fresh || command->grows) return CLFIT_OK;
  clfit_status status = schedule->kind->check(schedule, command->store, error);
  if (!status) status = schedule->kind->count(schedule, command->store, &counts, error);
  if (status) return status;
  result->total = schedule->total;
  result->ended = counts.ended;
  result->diverged = counts.diverged;
  *finished = result->ended == result->total;
  /* a process that was killed after its last rows may not have come to the end of its last stage */
  const bool in_stages = schedule->kind->in_stages;
  return *finished && in_stages ? schedule->kind->begin(command->sweep.schedule, command->store, false, error)
                                : CLFIT_OK;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static bool is_interrupted(void *context)
{
  (void)context;
  return interrupt_pending();
}

static clfit_status run(struct sweep_command *command, clfit_error *error)
{
  struct sweep *sweep = &command->sweep;
  sweep->report = report_progress;
  sweep->interrupted = is_interrupted;
  sweep->context = command;
  double start = clfit_clock();
  progress_begin(&command->line, command->options.quiet, 0);
  clfit_status status = sweep_run(sweep, &command->result, error);
  progress_end(&command->line);
  command->seconds = clfit_clock() - start;
  return status;
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

static bool is_first_rank(void)
{
  return ranks_get()->rank == 0;
}

/* Rank 0 alone reads files of samples, which other machines need not have. */
static clfit_status share_samples(struct sweep_command *command, clfit_error *error)
{
  unsigned char *bytes = NULL;
  size_t size = 0;
  clfit_status status = CLFIT_OK;
  if (is_first_rank() && command->data) status = clfit_data_pack(command->data, &bytes, &size, error);
  status = ranks_agree(status, error);
  if (!status) status = ranks_share_bytes(&bytes, &size, error);
  if (!status && !is_first_rank() && size > 0) status = clfit_data_unpack(bytes, size, &command->of_rank_0, error);
  clfit_free(bytes);
  return status;
}

static clfit_status make_sweep(struct sweep_command *command, clfit_error *error)
{
  clfit_status status = definition_make(command, error);
  return status ? status : schedule_create(&command->sweep, &command->sweep.schedule, error);
}

/* Each rank draws the samples of a formula by itself. */
static clfit_status compare_formula(const struct sweep_command *command, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  memcpy(digest, command->formula_digest, sizeof digest);
  clfit_status status = ranks_share(digest, sizeof digest, error);
  if (status || strcmp(digest, command->formula_digest) == 0) return status;
  return refuse(error,
                "the formula has other values on the machine of rank %d than on that of rank 0 (another math library)",
                ranks_get()->rank);
}

/* Rank 0 sends the definition of the sweep, which it may have read from the study, to the other ranks. */
static clfit_status share_definition(struct sweep_command *command, clfit_error *error)
{
  clfit_status status = ranks_agree(definition_share(command, error), error);
  if (!status) status = share_samples(command, error);
  if (!status && !is_first_rank()) status = make_sweep(command, error);
  status = ranks_agree(status, error);
  return status ? status : ranks_agree(compare_formula(command, error), error);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

/* Only rank 0 opens the study. */
static clfit_status prepare(struct sweep_command *command, bool *finished, clfit_error *error)
{
  const struct options *options = &command->options;
  command->sweep.checkpoints = options->db || options->resume;
  if (!is_first_rank()) return CLFIT_OK;
  clfit_status status = check_study(options, error);
  if (!status) status = open_study(command, error);
  if (!status) status = check_report(&command->options, error);
  if (!status) status = definition_complete(command, error);
  if (!status) status = make_sweep(command, error);
  if (!status && command->store && !command->fresh) status = definition_compare(command, error);
  if (!status) status = finish_if_trained(command, finished, error);
  return status;
}

static clfit_status open_all(struct sweep_command *command, clfit_error *error)
{
  bool stores = is_first_rank() && !command->options.dry_run;
  clfit_status status = share_definition(command, error);
  command->sweep.mapping = command->options.mapping;
  command->sweep.mode = (clfit_mode)command->options.mode;
  if (!status) status = ranks_agree(open_devices(command, error), error);
  if (!status) status = ranks_agree(stores ? make_study(command, error) : CLFIT_OK, error);
  return status;
}

/* What is going to be trained; of a dry run, this is all. */
static clfit_status report_before(const struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  if (!is_first_rank() || (options->quiet && !options->dry_run)) return CLFIT_OK;
  if (command->data && !options->quiet) columns_note(options->data, command->data);
  if (options->dry_run && options->json) return report_dry_run_json(command, error);
  clfit_status status = report_axes(command, error);
  if (status) return status;
  report_devices(command);
  return options->dry_run ? report_estimate(command, error) : CLFIT_OK;
}

static clfit_status sweep_all(struct sweep_command *command, int *exit_code, clfit_error *error)
{
  bool finished = false;
  clfit_status status = prepare(command, &finished, error);
  status = ranks_agree(status, error);
  if (!status) status = ranks_share(&finished, sizeof finished, error);
  if (status) return status;
  if (finished) return is_first_rank() ? report_end(command, error) : CLFIT_OK;
  status = open_all(command, error);
  if (status) return status;
  status = report_before(command, error);
  if (status || command->options.dry_run) return status;
  interrupt_defer(); /* from here on Ctrl-C must not end the program before the results are saved */
  status = run(command, error);
  if (!is_first_rank()) return status;
  if (!status) status = report_end(command, error);
  if (!status && command->result.ended < command->result.total) *exit_code = EXIT_INTERRUPTED;
  return status;
}

/* Releases texts that were read from the study; the others belong to the caller's options. */
static void clean_up(struct sweep_command *command, const struct options *given)
{
  for (size_t i = 0; i < command->sweep.device_count; i++) clfit_device_close(command->devices[i]);
  free(command->devices);
  schedule_free(command->sweep.schedule);
  store_close(command->store);
  clfit_data_free(command->data);
  clfit_data_free(command->of_rank_0);
  clfit_source_clear(&command->sweep.source);
  growth_clear(&command->growth);
  axes_clear(&command->axes);
  definition_clear(&command->definition);
  for (int id = 0; id < OPTION_MAX; id++)
    if (command->options.texts[id] != given->texts[id]) free(command->options.texts[id]);
}

clfit_status sweep_command(const struct options *options, int *exit_code, clfit_error *error)
{
  struct sweep_command *command = calloc(1, sizeof *command);
  if (!command) return clfit_fail_memory(error);
  command->options = *options;
  clfit_status status = sweep_all(command, exit_code, error);
  clean_up(command, options);
  free(command);
  return status;
}
