#include "cli/sweep/sweep_command.h"

#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "study/run/driver.h"
#include "study/run/ranks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- devices ----------------------------------------------------------------------------------------------------- */

static bool is_open(const struct sweeping *sweeping, const char *id)
{
  for (size_t i = 0; i < sweeping->sweep.device_count; i++)
    if (strcmp(clfit_device_describe(sweeping->devices[i])->id, id) == 0) return true;
  return false;
}

/* Opens the device of a selector that matches exactly one device, or, if selector is NULL, the fastest for the sweep.
 * Does nothing if it is open already. */
static clfit_status open_device(struct sweeping *sweeping, const char *selector, clfit_error *error)
{
  clfit_device *device = NULL;
  clfit_status status = selector ? clfit_device_open(selector, &device, error)
                                 : clfit_device_open_for(sweeping->sweep.schedule->total, &device, error);
  if (status) return status;
  if (is_open(sweeping, clfit_device_describe(device)->id)) {
    clfit_device_close(device);
    return CLFIT_OK;
  }
  clfit_device **devices = realloc(sweeping->devices, (sweeping->sweep.device_count + 1) * sizeof *devices);
  if (!devices) {
    clfit_device_close(device);
    return clfit_fail_memory(error);
  }
  devices[sweeping->sweep.device_count++] = device;
  sweeping->devices = devices;
  return CLFIT_OK;
}

/* Whether a piece of text is in another, whatever the case. */
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

/* Appends the ids of all devices that match a selector; in a sweep several matches mean all of them. */
static clfit_status list_matching(struct text_list *ids, const char *selector, clfit_error *error)
{
  clfit_device_info *infos = NULL;
  size_t count = 0;
  clfit_status status = clfit_device_list(&infos, &count, error);
  for (size_t i = 0; i < count && !status; i++)
    if (matches(&infos[i], selector)) status = append(ids, infos[i].id, error);
  clfit_free(infos);
  return status;
}

/* The ids of the devices that --device names. A selector without a match is kept as it is, so that opening it gives the
 * library's error message. */
static clfit_status list_selected(struct text_list *ids, const struct text_list *selectors, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < selectors->count && !status; i++) {
    const char *selector = selectors->items[i];
    size_t before = ids->count;
    if (strcmp(selector, "reference") != 0) status = list_matching(ids, selector, error);
    if (!status && ids->count == before) status = append(ids, selector, error);
  }
  return status;
}

/* Several MPI ranks on one machine use its devices in turn, one each; without --device its GPUs, if there are any. */
static clfit_status open_turn(struct sweeping *sweeping, struct text_list *ids, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (ids->count == 0) status = list_matching(ids, "gpu", error);
  if (status || ids->count == 0) return status ? status : open_device(sweeping, NULL, error);
  return open_device(sweeping, ids->items[(size_t)ranks_get()->local % ids->count], error);
}

static clfit_status open_devices(struct sweeping *sweeping, clfit_error *error)
{
  struct text_list ids = {.count = 0};
  clfit_status status = list_selected(&ids, &sweeping->options.devices, error);
  if (!status && ranks_get()->count > 1)
    status = open_turn(sweeping, &ids, error);
  else if (!status && ids.count == 0)
    status = open_device(sweeping, NULL, error);
  else
    for (size_t i = 0; i < ids.count && !status; i++) status = open_device(sweeping, ids.items[i], error);
  text_list_clear(&ids);
  sweeping->sweep.devices = sweeping->devices;
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
  return clfit_output_check(report, error) ? fail_in(error, "--report") : CLFIT_OK;
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
  if (options->dry_run && (options->json || options->report))
    return refuse(error, "--dry-run trains nothing: leave --%s out", options->json ? "json" : "report");
  if (options->resume && !store_exists(options->resume) && !defined)
    return refuse(error, "there is no study %.300s to continue; to start it, give the options of the sweep, too",
                  options->resume);
  return CLFIT_OK;
}

/* Opens an existing study for --resume. A study without tables (its process ended before creating them) counts as not
 * existing. */
static clfit_status open_study(struct sweeping *sweeping, clfit_error *error)
{
  const char *path = sweeping->options.resume;
  if (!path || !store_exists(path)) return CLFIT_OK;
  clfit_status status = store_open(path, &sweeping->store, &sweeping->fresh, error);
  if (status || definition_given(&sweeping->options) != OPTION_NONE) return status;
  if (sweeping->fresh) return refuse(error, "%.300s is empty: there is no sweep to go on with", path);
  return definition_restore(sweeping, error);
}

static clfit_status make_study(struct sweeping *sweeping, clfit_error *error)
{
  const struct options *options = &sweeping->options;
  clfit_status status = CLFIT_OK;
  if (!sweeping->store)
    status = store_open(options->resume ? options->resume : options->db, &sweeping->store, &sweeping->fresh, error);
  sweeping->sweep.store = sweeping->store;
  sweeping->sweep.fresh = sweeping->fresh;
  return status || !sweeping->fresh ? status : definition_store(sweeping, error);
}

static clfit_status is_finished(struct sweeping *sweeping, bool *finished, clfit_error *error)
{
  struct sweep_progress *result = &sweeping->result;
  const struct schedule *schedule = sweeping->sweep.schedule;
  struct schedule_counts counts;
  *finished = false;
  if (!sweeping->store || sweeping->fresh) return CLFIT_OK;
  clfit_status status = schedule->kind->check(schedule, sweeping->store, error);
  if (!status) status = schedule->kind->count(schedule, sweeping->store, &counts, error);
  if (status) return status;
  result->total = schedule->total;
  result->ended = counts.ended;
  result->diverged = counts.diverged;
  *finished = result->ended == result->total;
  return CLFIT_OK;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static bool is_interrupted(void *context)
{
  (void)context;
  return interrupt_pending();
}

static clfit_status run(struct sweeping *sweeping, clfit_error *error)
{
  struct sweep *sweep = &sweeping->sweep;
  sweep->report = report_progress;
  sweep->interrupted = is_interrupted;
  sweep->context = sweeping;
  double start = clfit_clock();
  progress_begin(&sweeping->line, sweeping->options.quiet, 0);
  clfit_status status = sweep_run(sweep, &sweeping->result, error);
  progress_end(&sweeping->line);
  sweeping->seconds = clfit_clock() - start;
  return status;
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

static bool is_first_rank(void)
{
  return ranks_get()->rank == 0;
}

/* Every rank reads the data file itself; compare digests, because the files of different machines may differ. */
static clfit_status share_data(struct sweeping *sweeping, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE] = "", first[CLFIT_DIGEST_SIZE];
  if (!sweeping->data) return CLFIT_OK;
  memcpy(digest, sweeping->sweep.source.digest, sizeof digest);
  memcpy(first, digest, sizeof first);
  clfit_status status = ranks_share(first, sizeof first, error);
  if (!status && strcmp(first, digest) != 0)
    status = refuse(error, "%.300s holds other samples than rank 0 found there", sweeping->options.data);
  return ranks_agree(status, error);
}

static clfit_status make_sweep(struct sweeping *sweeping, clfit_error *error)
{
  clfit_status status = definition_make(sweeping, error);
  return status ? status : schedule_create(&sweeping->sweep, &sweeping->sweep.schedule, error);
}

/* The other ranks get the sweep from the first, which may have it from the study. */
static clfit_status share_definition(struct sweeping *sweeping, clfit_error *error)
{
  clfit_status status = definition_share(sweeping, error);
  if (!status && !is_first_rank()) status = make_sweep(sweeping, error);
  status = ranks_agree(status, error);
  return status ? status : share_data(sweeping, error);
}

/* ---- all
 * ---------------------------------------------------------------------------------------------------------- */

/* Rank 0 has the study. */
static clfit_status prepare(struct sweeping *sweeping, bool *finished, clfit_error *error)
{
  const struct options *options = &sweeping->options;
  sweeping->sweep.checkpoints = options->db || options->resume;
  if (ranks_get()->count > 1 && options->data && strcmp(options->data, "-") == 0)
    return refuse(error, "--data - cannot be shared: standard input is there for one rank only");
  if (!is_first_rank()) return CLFIT_OK;
  clfit_status status = check_study(options, error);
  if (!status) status = open_study(sweeping, error);
  if (!status) status = check_report(&sweeping->options, error);
  if (!status) status = make_sweep(sweeping, error);
  if (!status && sweeping->store && !sweeping->fresh) status = definition_compare(sweeping, error);
  if (!status) status = is_finished(sweeping, finished, error);
  return status;
}

static clfit_status open_all(struct sweeping *sweeping, clfit_error *error)
{
  bool stores = is_first_rank() && !sweeping->options.dry_run;
  clfit_status status = share_definition(sweeping, error);
  sweeping->sweep.mapping = sweeping->options.mapping;
  sweeping->sweep.mode = (clfit_mode)sweeping->options.mode;
  if (!status) status = ranks_agree(open_devices(sweeping, error), error);
  if (!status) status = ranks_agree(stores ? make_study(sweeping, error) : CLFIT_OK, error);
  return status;
}

static clfit_status sweep_all(struct sweeping *sweeping, int *exit_code, clfit_error *error)
{
  bool finished = false;
  clfit_status status = prepare(sweeping, &finished, error);
  status = ranks_agree(status, error);
  if (!status) status = ranks_share(&finished, sizeof finished, error);
  if (status) return status;
  if (finished) return is_first_rank() ? report_end(sweeping, error) : CLFIT_OK;
  status = open_all(sweeping, error);
  if (status) return status;
  if (is_first_rank() && (!sweeping->options.quiet || sweeping->options.dry_run)) {
    report_axes(sweeping);
    report_devices(sweeping);
  }
  if (sweeping->options.dry_run) return is_first_rank() ? report_estimate(sweeping, error) : CLFIT_OK;
  interrupt_defer(); /* from here on Ctrl-C must not end the program before the results are saved */
  status = run(sweeping, error);
  if (!is_first_rank()) return status;
  if (!status) status = report_end(sweeping, error);
  if (!status && sweeping->result.ended < sweeping->result.total) *exit_code = EXIT_INTERRUPTED;
  return status;
}

/* Releases texts that were read from the study; the others belong to the caller's options. */
static void clean_up(struct sweeping *sweeping, const struct options *given)
{
  for (size_t i = 0; i < sweeping->sweep.device_count; i++) clfit_device_close(sweeping->devices[i]);
  free(sweeping->devices);
  schedule_free(sweeping->sweep.schedule);
  store_close(sweeping->store);
  clfit_data_free(sweeping->data);
  clfit_source_clear(&sweeping->sweep.source);
  axes_clear(&sweeping->axes);
  definition_clear(&sweeping->definition);
  for (int id = 0; id < OPTION_MAX; id++)
    if (sweeping->options.texts[id] != given->texts[id]) free(sweeping->options.texts[id]);
}

clfit_status sweep_command(const struct options *options, int *exit_code, clfit_error *error)
{
  struct sweeping *sweeping = calloc(1, sizeof *sweeping);
  if (!sweeping) return clfit_fail_memory(error);
  sweeping->options = *options;
  clfit_status status = sweep_all(sweeping, exit_code, error);
  clean_up(sweeping, options);
  free(sweeping);
  return status;
}
