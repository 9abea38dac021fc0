/* The definition of a sweep: makes axes and samples from the options, and the texts that a study stores of them. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/message.h"
#include "cli/options/context.h"
#include "study/base/numbers.h"
#include "study/run/ranks.h"
#include "study/store/keep.h"
#include "study/store/kept_samples.h"

#include <inttypes.h>
#include <stdio.h>
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

/* ---- as text ----------------------------------------------------------------------------------------------------- */

/* Appends a row with a copy of the value, which may be NULL. */
static clfit_status put(struct definition *definition, const char *key, const char *value, bool compared,
                        clfit_error *error)
{
  struct definition_row *rows = realloc(definition->rows, (definition->n + 1) * sizeof *rows);
  if (rows) definition->rows = rows;
  char *copy = value ? strdup(value) : NULL;
  if (!rows || (value && !copy)) {
    free(copy);
    return clfit_fail_memory(error);
  }
  struct definition_row *row = &rows[definition->n++];
  *row = (struct definition_row){.value = copy, .compared = compared};
  snprintf(row->key, sizeof row->key, "%s", key);
  return CLFIT_OK;
}

/* Values are compared, not texts: "1e-8" is printed as 1e-08. */
static bool is_initial(const struct axis *axis)
{
  clfit_network network = {.size = sizeof network}; /* of which one member is used */
  clfit_field_set(axis->field, axis_value(axis, 0), &network);
  return axis->count == 1 && clfit_field_is_default(axis->field, &network);
}

/* The points of an axis as text; NULL if the field is no axis, or only has its default value, which is not stored. */
static clfit_status print_axis(const struct axes *axes, const clfit_field *field, char **points, clfit_error *error)
{
  const struct axis *axis = axes_find(axes, field->name);
  *points = axis ? axis_print(axis) : NULL;
  if (axis && !*points) return clfit_fail_memory(error);
  if (!axis || field->always || !is_initial(axis)) return CLFIT_OK;
  free(*points);
  *points = NULL;
  return CLFIT_OK;
}

/* The axes come first, so that a difference between two sweeps is reported as an axis, not as a number of networks. */
static clfit_status put_axes(struct sweep_command *command, clfit_error *error)
{
  struct definition *definition = &command->definition;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < clfit_field_count() && !status; i++) {
    const clfit_field *field = clfit_field_get(i);
    char key[48], *points = NULL;
    if (!field->axis) continue;
    snprintf(key, sizeof key, "axis.%s", option_name(option_of_field(field)));
    status = print_axis(&command->axes, field, &points, error);
    if (!status) status = put(definition, key, points, true, error);
    if (!status) definition->rows[definition->n - 1].field = field;
    free(points);
  }
  return status;
}

/* A field that is no axis has one value in the whole sweep; its default is left out. */
static clfit_status put_fields(struct sweep_command *command, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < clfit_field_count() && !status; i++) {
    const clfit_field *field = clfit_field_get(i);
    char text[CLFIT_FIELD_TEXT_SIZE];
    bool initial = clfit_field_is_default(field, &command->sweep.base);
    if (field->axis) continue;
    clfit_field_print(field, &command->sweep.base, text);
    status = put(&command->definition, field->name, initial ? NULL : text, true, error);
  }
  return status;
}

static clfit_status put_number(struct definition *definition, const char *key, double value, clfit_error *error)
{
  char text[CLFIT_NUMBER_SIZE];
  clfit_number_print(text, value);
  return put(definition, key, text, false, error);
}

/* What a model of a kept network needs to know of the samples when neither the study nor a file has them any more. It
 * follows from the samples, whose digest is compared. */
static clfit_status put_learnt(struct sweep_command *command, clfit_error *error)
{
  struct definition *definition = &command->definition;
  double low, high;
  if (!command->data) return CLFIT_OK;
  const clfit_scaling scaling = clfit_data_scaling(command->data);
  clfit_data_span(command->data, &low, &high);
  clfit_status status = put_number(definition, "x_low", low, error);
  if (!status) status = put_number(definition, "x_high", high, error);
  if (!status) status = put_number(definition, "x_factor", scaling.x_factor, error);
  if (!status) status = put_number(definition, "x_offset", scaling.x_offset, error);
  if (!status) status = put_number(definition, "y_factor", scaling.y_factor, error);
  return status ? status : put_number(definition, "y_offset", scaling.y_offset, error);
}

static clfit_status put_formula_digest(struct sweep_command *command, clfit_error *error)
{
  struct definition *definition = &command->definition;
  if (!*command->formula_digest) return CLFIT_OK;
  clfit_status status = put(definition, STORE_FORMULA_DIGEST, command->formula_digest, true, error);
  if (!status) definition->rows[definition->n - 1].added = true;
  return status;
}

static clfit_status put_source(struct sweep_command *command, clfit_error *error)
{
  const char *key;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; !status && (key = clfit_source_key(i)); i++) {
    char text[CLFIT_SOURCE_TEXT_SIZE];
    const char *value = clfit_source_get(&command->sweep.source, key, text);
    status = put(&command->definition, key, value, clfit_source_key_decides(key), error);
  }
  return status;
}

/* Appends a row with a whole number if it applies. */
struct definition_count {
  const char *key;
  bool applies;
  uint64_t value;
};

static clfit_status put_counts(struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  const struct definition_count counts[] = {{"arithmetic", true, CLFIT_ARITHMETIC},
                                            {"random", options->random != 0, options->random},
                                            {"random_seed", options->random != 0, options->random_seed},
                                            {"halving", options->halving != 0, options->halving},
                                            {"min_epochs", options->halving != 0, options->min_epochs},
                                            {"count", true, command->axes.count},
                                            {"grid_count", true, command->axes.grid_count}};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < sizeof counts / sizeof *counts && !status; i++) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, counts[i].value);
    status = put(&command->definition, counts[i].key, counts[i].applies ? text : NULL, true, error);
  }
  return status;
}

/* The options as typed, so that --resume needs only the study. */
static clfit_status put_typed(struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  clfit_status status = CLFIT_OK;
  for (enum option_id id = 0; id < option_count() && !status; id++) {
    char key[48];
    if (!option_given(options, id) || !option_row_of(COMMAND_SWEEP, id).of_sweep) continue;
    snprintf(key, sizeof key, "typed.%s", option_name(id));
    status = put(&command->definition, key, options->texts[id], false, error);
  }
  return status;
}

static clfit_status fill(struct sweep_command *command, clfit_error *error)
{
  struct definition *definition = &command->definition;
  const struct options *options = &command->options;
  clfit_status status = put_axes(command, error);
  if (!status) status = put_fields(command, error);
  if (!status) status = put_source(command, error);
  if (!status) status = put_formula_digest(command, error);
  if (!status) status = put_learnt(command, error);
  if (!status) status = put(definition, "mode", option_choices(OPTION_MODE)[options->mode], true, error);
  if (!status) status = put(definition, "shard", options->shard, true, error);
  if (!status) status = put(definition, "keep", options->keep, true, error);
  if (!status) status = put(definition, "rank_by", command->sweep.ranking->name, true, error);
  if (!status) status = put(definition, "preset", options->preset, true, error);
  if (!status) status = put(definition, "version", CLFIT_VERSION, false, error);
  if (!status) status = put_counts(command, error);
  return status ? status : put_typed(command, error);
}

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
  return status ? status : fill(command, error);
}

void definition_clear(struct definition *definition)
{
  for (size_t i = 0; i < definition->n; i++) free(definition->rows[i].value);
  free(definition->rows);
  memset(definition, 0, sizeof *definition);
}

/* ---- a study's --------------------------------------------------------------------------------------------------- */

/* The default of --rank-by was another one in earlier versions: a study keeps its own. */
static clfit_status restore_ranking(struct sweep_command *command, clfit_error *error)
{
  char *text = NULL;
  if (!command->store || command->fresh || command->options.rank_by) return CLFIT_OK;
  clfit_status status = store_read_meta(command->store, "rank_by", &text, error);
  if (!status && text) status = options_set(&command->options, OPTION_RANK_BY, text, error);
  free(text);
  return status;
}

clfit_status definition_restore(struct sweep_command *command, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (enum option_id id = 0; id < option_count() && !status; id++) {
    char key[48], *text = NULL;
    if (!option_row_of(COMMAND_SWEEP, id).of_sweep) continue;
    snprintf(key, sizeof key, "typed.%s", option_name(id));
    status = store_read_meta(command->store, key, &text, error);
    if (!status && text) status = options_set(&command->options, id, text, error);
    free(text);
  }
  return status ? status : restore_ranking(command, error);
}

clfit_status definition_share(struct sweep_command *command, clfit_error *error)
{
  struct options *options = &command->options;
  clfit_status status = ranks_share(&command->restored, sizeof command->restored, error), set = CLFIT_OK;
  for (enum option_id id = 0; id < option_count() && !status; id++) {
    if (!option_row_of(COMMAND_SWEEP, id).of_sweep) continue;
    char *text = option_given(options, id) ? options->texts[id] : NULL;
    status = ranks_share_text(&text, error);
    if (ranks_get()->rank == 0) continue;
    /* a rank that fails here still takes the other texts, for which the other ranks wait */
    if (!status && !set && text && !option_given(options, id)) set = options_set(options, id, text, error);
    free(text);
  }
  return status ? status : set;
}

/* The message names the option that belongs to the key: --hidden for "axis.hidden", --rank-by for "rank_by". */
static clfit_status refuse_difference(const char *key, const char *stored, const char *typed, clfit_error *error)
{
  char name[48];
  if (strcmp(key, STORE_FORMULA_DIGEST) == 0)
    return refuse(error,
                  "the formula has other values on this machine than where the study was begun (another math library): "
                  "digest %.12s... in the study, %.12s... here",
                  stored, typed);
  bool option = strcmp(key, "arithmetic") != 0 && strcmp(key, "data_digest") != 0 && strstr(key, "count") == NULL;
  snprintf(name, sizeof name, "%s", strncmp(key, "axis.", 5) == 0 ? key + 5 : key);
  for (char *c = name; *c; c++)
    if (*c == '_') *c = option ? '-' : ' ';
  return refuse(error, "the study was made with another %s%s: %.100s in the study, %.100s given now",
                option ? "--" : "", name, stored ? stored : "none", typed ? typed : "none");
}

/* Whether an option is a part of the source of samples, which is taken from the study as a whole or not at all. */
static bool is_of_source(enum option_id id)
{
  const struct option_row row = option_row_of(COMMAND_SWEEP, id);
  return row.of_source || row.of_file;
}

static bool gives_source(const struct options *options)
{
  for (enum option_id id = 0; id < option_count(); id++)
    if (option_given(options, id) && is_of_source(id)) return true;
  return false;
}

/* Whether only axes, the number of random draws and samples are given: everything else is the study's then. Otherwise
 * the command line is a sweep of its own, and must have all that the study has. */
static bool takes_rest(const struct options *options)
{
  for (enum option_id id = 0; id < option_count(); id++) {
    if (!option_given(options, id) || !option_row_of(COMMAND_SWEEP, id).of_sweep) continue;
    if (!option_is_axis(COMMAND_SWEEP, id) && !is_of_source(id) && id != OPTION_RANDOM) return false;
  }
  return true;
}

/* Refuses samples of a file and random draws where the study has none, before options of the study are added that do
 * not go with them. */
static clfit_status check_kind(const struct sweep_command *command, clfit_error *error)
{
  static const enum option_id kinds[] = {OPTION_DATA, OPTION_RANDOM};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !status; i++) {
    char key[48], *there = NULL;
    const char *typed = command->options.texts[kinds[i]];
    if (!option_given(&command->options, kinds[i])) continue;
    snprintf(key, sizeof key, "typed.%s", option_name(kinds[i]));
    status = store_read_meta(command->store, key, &there, error);
    if (!status && !there) status = refuse_difference(option_name(kinds[i]), NULL, typed, error);
    free(there);
  }
  return status;
}

clfit_status definition_complete(struct sweep_command *command, clfit_error *error)
{
  struct options *options = &command->options;
  if (!command->store || command->fresh) return context_apply(options, error);
  const bool rest = takes_rest(options), source = rest && !gives_source(options);
  clfit_status status = rest ? check_kind(command, error) : CLFIT_OK;
  for (enum option_id id = 0; id < option_count() && !status; id++) {
    char key[48], *text = NULL;
    const bool taken = context_words(id) || (is_of_source(id) ? source : rest);
    if (!option_row_of(COMMAND_SWEEP, id).of_sweep || option_given(options, id) || !taken) continue;
    snprintf(key, sizeof key, "typed.%s", option_name(id));
    status = store_read_meta(command->store, key, &text, error);
    if (!status && text) status = options_set(options, id, text, error);
    command->restored = command->restored || (text && id == OPTION_DATA);
    free(text);
  }
  return status ? status : restore_ranking(command, error);
}

/* Whether the study has the same value. A study that was made before a field was added has no row for it, which means
 * the field's default. */
static bool is_same(const struct definition_row *row, const char *there)
{
  const char *here = row->value;
  if (row->added && !there) return true;
  if (row->field && !here) here = row->field->initial;
  if (row->field && !there) there = row->field->initial;
  return here && there ? strcmp(here, there) == 0 : here == there;
}

clfit_status definition_compare(struct sweep_command *command, clfit_error *error)
{
  const struct definition *definition = &command->definition;
  clfit_status status = grow_find(command, error);
  for (size_t i = 0; i < definition->n && !status; i++) {
    const struct definition_row *row = &definition->rows[i];
    char *there = NULL;
    if (!row->compared || grow_covers(command, row)) continue;
    status = store_read_meta(command->store, row->key, &there, error);
    if (!status && !is_same(row, there)) status = refuse_difference(row->key, there, row->value, error);
    free(there);
  }
  return status ? status : grow_check(command, error);
}

static const char *file_of(const char *path)
{
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* What a study cannot do that does not keep its samples. */
static void tell_unkept(const struct sweep_command *command)
{
  const struct options *options = &command->options;
  if (options->quiet || (!options->db && !options->resume)) return;
  note("the study does not keep the %zu samples, more than --keep-samples %u: without %.200s%s%.200s as now it can be "
       "neither resumed nor drawn",
       clfit_data_count(command->data), options->keep_samples, file_of(options->data),
       options->validation ? " and " : "", options->validation ? file_of(options->validation) : "");
}

clfit_status definition_store(struct sweep_command *command, clfit_error *error)
{
  const struct definition *definition = &command->definition;
  const char **keys = calloc(definition->n, sizeof *keys);
  char **values = calloc(definition->n, sizeof *values);
  clfit_status status = keys && values ? CLFIT_OK : clfit_fail_memory(error);
  for (size_t i = 0; i < definition->n && !status; i++) {
    keys[i] = definition->rows[i].key;
    values[i] = definition->rows[i].value;
  }
  const bool keeps = command->data && clfit_data_count(command->data) <= command->options.keep_samples;
  if (!status && command->data && !keeps) tell_unkept(command);
  if (!status) status = store_define(command->store, definition->n, keys, values, keeps ? command->data : NULL, error);
  free(keys);
  free(values);
  return status;
}
