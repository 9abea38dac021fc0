/* The definition of a sweep as the texts that a study stores of it: writes them, takes them back, and compares them. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/columns.h"
#include "cli/io/message.h"
#include "cli/options/context.h"
#include "study/run/ranks.h"
#include "study/store/entries.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static clfit_status put_learnt(struct sweep_command *command, clfit_error *error)
{
  struct learnt learnt;
  clfit_status status = CLFIT_OK;
  if (!command->data) return CLFIT_OK;
  learnt.scaling = clfit_data_scaling(command->data);
  clfit_data_span(command->data, &learnt.x_low, &learnt.x_high);
  for (size_t i = 0; learnt_key(i) && !status; i++)
    status = put_number(&command->definition, learnt_key(i), *learnt_number(&learnt, i), error);
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

clfit_status definition_fill(struct sweep_command *command, clfit_error *error)
{
  struct definition *definition = &command->definition;
  const struct options *options = &command->options;
  clfit_status status = put_axes(command, error);
  if (!status) status = put_fields(command, error);
  if (!status) status = put_source(command, error);
  if (!status && *command->formula_digest)
    status = put(definition, ENTRY_FORMULA_DIGEST, command->formula_digest, true, error);
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
  if (strcmp(key, ENTRY_FORMULA_DIGEST) == 0)
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
  if (!there && entry_is_added(row->key)) return true;
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

/* What a study cannot do that does not keep its samples. */
static void tell_unkept(const struct sweep_command *command)
{
  const struct options *options = &command->options;
  if (options->quiet || (!options->db && !options->resume)) return;
  note("the study does not keep the %zu samples, more than --keep-samples %u: without %.200s%s%.200s as now it can be "
       "neither resumed nor drawn",
       clfit_data_count(command->data), options->keep_samples, columns_file(options->data),
       options->validation ? " and " : "", options->validation ? columns_file(options->validation) : "");
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
