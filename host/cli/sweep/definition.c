/* The definition of a sweep: makes axes, samples and ranking from the options. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/message.h"
#include "study/run/ranks.h"
#include "study/store/keep.h"
#include "study/store/kept_samples.h"

#include <stdlib.h>
#include <string.h>

static bool is_first_rank(void)
{
  return ranks_get()->rank == 0;
}

enum option_id definition_given(const struct options *options)
{
  for (enum option_id id = 0; id < option_count(); id++)
    if (option_given(options, id) && option_row_of(COMMAND_SWEEP, id).of_sweep) return id;
  return OPTION_NONE;
}

/* The axis of sample seeds that a preset has. */
static bool is_of_preset(const struct preset *preset, const clfit_field *field)
{
  return preset_sets(preset, field) || field->offset == offsetof(clfit_network, sample_seed);
}

static clfit_status refuse_preset(const char *name, clfit_error *error)
{
  char *names = preset_print_names();
  if (!names) return clfit_fail_memory(error);
  clfit_status status = refuse(error, "--preset must be %s, not \"%.120s\"", names, name);
  free(names);
  return status;
}

static clfit_status check_preset(const struct options *options, clfit_error *error)
{
  const struct preset *preset = preset_find(options->preset);
  if (!preset) return refuse_preset(options->preset, error);
  for (enum option_id id = 0; id < option_count(); id++) {
    const clfit_field *field = option_field(id);
    bool brought =
        field ? is_of_preset(preset, field) : id == OPTION_DATA || id == OPTION_RANDOM || id == OPTION_HALVING;
    if (brought && option_given(options, id))
      return refuse(error, "--%s does not go with --preset %s, which has its own samples and values", option_name(id),
                    options->preset);
  }
  return CLFIT_OK;
}

static clfit_status check_conflicts(const struct options *options, clfit_error *error)
{
  clfit_status status = samples_check_options(options, error);
  if (status) return status;
  if (option_given(options, OPTION_MIN_EPOCHS) && !options->halving)
    return refuse(error, "--min-epochs needs --halving ETA: all epochs are trained otherwise");
  if (options->halving && options->shard)
    return refuse(error, "--halving does not go with --shard: it ranks all networks of the sweep");
  if (options->preset) return check_preset(options, error);
  if (option_given(options, OPTION_RANDOM_SEED) && !options->random)
    return refuse(error, "--random-seed needs --random N: nothing is drawn otherwise");
  return CLFIT_OK;
}

/* ---- axes ------------------------------------------------------------------------------------------------------ */

static clfit_status add_axis(struct sweep_command *command, const clfit_field *field, clfit_error *error)
{
  const struct options *options = &command->options;
  const struct preset *preset = command->preset;
  enum option_id id = option_of_field(field);
  const bool held_out = options->validation && field->offset == offsetof(clfit_network, holdout);
  if (held_out || (options->data && field->of_samples) || (preset && preset_sets(preset, field))) return CLFIT_OK;
  const char *text = option_given(options, id) ? options->texts[id] : field->initial;
  if (preset && is_of_preset(preset, field)) text = preset->sample_seeds;
  return axes_add(&command->axes, field, text, error);
}

/* The field whose axis number is the next one after `number`, or NULL. The axis numbers fix the order of the axes, and
 * so the ids, whatever the order of the table of fields. */
static const clfit_field *next_axis(unsigned number)
{
  const clfit_field *next = NULL;
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    if (field->axis > number && (!next || field->axis < next->axis)) next = field;
  }
  return next;
}

static clfit_status make_axes(struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  const clfit_field *field = NULL;
  clfit_status status = CLFIT_OK;
  if (options->preset) command->preset = preset_find(options->preset);
  if (command->preset) axes_preset(&command->axes, command->preset);
  while (!status && (field = next_axis(field ? field->axis : 0))) status = add_axis(command, field, error);
  if (!status && options->random) axes_draw(&command->axes, options->random, options->random_seed);
  return status;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static clfit_status check_target(const clfit_source *source, char digest[CLFIT_DIGEST_SIZE], clfit_error *error)
{
  double x[CLFIT_TEST_POINTS], y[CLFIT_TEST_POINTS];
  if (clfit_source_test(source, x, y, error)) return fail_in(error, "--target");
  return clfit_source_formula_digest(source, digest, error);
}

/* The file of a study's samples may have been moved with the study, or be gone: then the samples that the study keeps
 * are taken. A file that is there is read, because it may have been changed. */
static clfit_status find_samples(struct sweep_command *command, clfit_error *error)
{
  clfit_data *kept = NULL;
  clfit_source *source = &command->sweep.source;
  if (!command->store) return CLFIT_OK;
  clfit_status status = samples_find(source, command->options.resume, error);
  if (status || samples_are_there(source)) return status;
  status = kept_samples_read(store_handle(command->store), command->options.resume, &kept, error);
  if (!status && kept && !command->options.quiet)
    note("%.300s is not there: the samples are those that the study keeps",
         strcmp(source->path, "-") == 0 ? "what was read from standard input" : source->path);
  clfit_source_set_rows(source, kept);
  clfit_data_free(kept);
  return status;
}

/* What a study remembers of the file of its samples. It may be a stranger's, and name any file of this machine. */
static clfit_status restore_columns(struct sweep_command *command, clfit_error *error)
{
  static const char *const keys[] = {"x_column", "y_column", "weight_column", "data_digest"};
  clfit_source *source = &command->sweep.source;
  clfit_status status = CLFIT_OK;
  source->trusted = false;
  for (size_t i = 0; i < sizeof keys / sizeof *keys && !status && command->store; i++) {
    char *text = NULL;
    status = store_read_meta(command->store, keys[i], &text, error);
    if (!status && text) status = clfit_source_set(source, keys[i], text, error);
    free(text);
  }
  return status ? status : find_samples(command, error);
}

/* Samples of a target are drawn by the workers, for each sample seed; samples of a file are read here, and their digest
 * identifies them. */
static clfit_status open_source(struct sweep_command *command, clfit_error *error)
{
  struct sweep *sweep = &command->sweep;
  clfit_network network = sweep->base;
  clfit_status status = samples_source(&command->options, &sweep->source, error);
  if (status) return status;
  if (sweep->source.target) return check_target(&sweep->source, command->formula_digest, error);
  network.samples = 0;
  if (command->restored) status = restore_columns(command, error);
  if (command->of_rank_0) clfit_source_set_rows(&sweep->source, command->of_rank_0);
  if (!status) status = clfit_source_open(&sweep->source, &network, &command->data, error);
  if (!status) status = sweep_check_weights(command, error);
  if (!status) status = clfit_source_set_columns(&sweep->source, command->data, error);
  if (status) return status;
  sweep->data = command->data;
  sweep->base.samples = network.samples;
  sweep->base.holdout = network.holdout;
  clfit_data_digest(command->data, network.samples, sweep->source.digest);
  return CLFIT_OK;
}

/* A rate that follows from the samples is set as if it had been typed. */
static clfit_status choose_rate(struct sweep_command *command, clfit_error *error)
{
  char rate[CLFIT_NUMBER_SIZE] = "";
  clfit_status status = sweep_rate(command, rate, error);
  if (status || !*rate) return status;
  status = options_set(&command->options, option_of_field(clfit_field_find("rate")), rate, error);
  axes_clear(&command->axes);
  return status ? status : make_axes(command, error);
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static clfit_status read_shard(struct sweep_command *command, clfit_error *error)
{
  const char *text = command->options.shard;
  const char *slash = text ? strchr(text, '/') : NULL;
  char part[16] = "";
  uint32_t i, n;
  command->sweep.shard = 0;
  command->sweep.shards = 1;
  if (!text) return CLFIT_OK;
  if (slash && slash - text < (ptrdiff_t)sizeof part) memcpy(part, text, (size_t)(slash - text));
  if (!slash || !clfit_number_parse_count(part, &i) || !clfit_number_parse_count(slash + 1, &n) || i < 1 || i > n ||
      n > STORE_SHARDS_MAX)
    return refuse(error, "--shard must be I/N, I from 1 to N, N up to %u, not \"%.120s\"", STORE_SHARDS_MAX, text);
  command->sweep.shard = i - 1;
  command->sweep.shards = n;
  return CLFIT_OK;
}

static clfit_status read_keep(struct sweep_command *command, clfit_error *error)
{
  const char *text = command->options.keep;
  uint32_t *keep = &command->sweep.keep;
  if (strcmp(text, "all") == 0)
    *keep = KEEP_ALL;
  else if (strcmp(text, "none") == 0)
    *keep = 0;
  else if (strncmp(text, "best:", 5) != 0 || !clfit_number_parse_count(text + 5, keep) || *keep < 1 ||
           *keep == KEEP_ALL)
    return refuse(error, "--keep must be best:N, all or none, not \"%.120s\"", text);
  return CLFIT_OK;
}

/* Samples that are held out tell best which network has learnt the curve and not the noise. Without any:
 *
 * On samples of a file the train loss says how the weights followed the samples while they moved, and not how well the
 * final ones fit; with weights of samples it is the loss of least squares, which is exact, and weighted as asked. With
 * --halving on a formula, networks are selected by the train loss, not by the test error: otherwise the test error of
 * the selected ones would be biased. */
static const char *ranking_of(const struct sweep_command *command)
{
  const struct options *options = &command->options;
  if (sweep_holds_out(command, true)) return "held_rmse";
  if (options->data) return options->weight_column ? "train_loss" : "fit_rmse";
  return options->halving ? "train_loss" : "test_mse";
}

static clfit_status read_ranking(struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  const char *name = options->rank_by ? options->rank_by : ranking_of(command);
  const bool held_out = sweep_holds_out(command, false);
  clfit_status status = ranking_find(name, &command->sweep.ranking, error);
  if (status) return status;
  if (options->data && strncmp(name, "test_", 5) == 0)
    return refuse(error,
                  "--rank-by %s needs a target; with --data there are train_loss, fit_rss, fit_rmse and fit_max_error",
                  name);
  if (!held_out && strncmp(name, "held_", 5) == 0)
    return refuse(error, "--rank-by %s needs samples that are held out: --holdout F, or --validation FILE", name);
  if (!options->data && !held_out && strncmp(name, "fit_", 4) == 0)
    return refuse(error,
                  "--rank-by %s needs --data; with a target there are train_loss, test_mse, test_rmse, "
                  "test_max_error and test_r2",
                  name);
  return CLFIT_OK;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

clfit_status definition_make(struct sweep_command *command, clfit_error *error)
{
  command->sweep.base = command->options.network; /* fields that are axes have their defaults in it */
  command->sweep.axes = &command->axes;
  if (command->options.halving)
    command->sweep.halving = (struct halving){command->options.halving, command->options.min_epochs};
  clfit_status status = check_conflicts(&command->options, error);
  if (!status) status = make_axes(command, error);
  if (!status) status = sweep_check_axes(command, error);
  if (!status) status = read_shard(command, error);
  if (!status) status = read_keep(command, error);
  if (!status) status = read_ranking(command, error);
  if (!status) status = open_source(command, error);
  if (!status) status = sweep_check_held_out(command, error);
  if (!status && is_first_rank() && (!command->store || command->fresh)) status = choose_rate(command, error);
  return status ? status : definition_fill(command, error);
}
