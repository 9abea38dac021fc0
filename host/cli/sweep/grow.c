/* A study gets more configurations: --resume with more points of axes, or with more random draws. */
#include "cli/sweep/sweep_command.h"

#include "study/base/fail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the study has ------------------------------------------------------------------------------------------ */

/* Appends the axis of a field as the study has it. */
static clfit_status read_axis(struct sweep_command *command, const clfit_field *field, struct axes *axes,
                              clfit_error *error)
{
  char key[48], *text = NULL;
  snprintf(key, sizeof key, "axis.%s", option_name(option_of_field(field)));
  clfit_status status = store_read_meta(command->store, key, &text, error);
  if (!status) status = axes_add(axes, field, text ? text : field->initial, error);
  free(text);
  return status;
}

static clfit_status read_axes(struct sweep_command *command, struct axes *axes, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (command->axes.preset) axes_preset(axes, command->axes.preset);
  for (size_t i = 0; i < command->axes.n && !status; i++)
    status = read_axis(command, command->axes.axis[i].field, axes, error);
  return status;
}

static clfit_status read_count(struct sweep_command *command, const char *key, uint64_t *count, clfit_error *error)
{
  char *text = NULL;
  clfit_status status = store_read_meta(command->store, key, &text, error);
  *count = text ? strtoull(text, NULL, 10) : 0;
  free(text);
  return status;
}

clfit_status grow_find(struct sweep_command *command, clfit_error *error)
{
  struct axes before = {.n = 0};
  uint64_t draws = 0, grid = 0;
  clfit_status status = read_axes(command, &before, error) ? fail_in(error, command->options.resume) : CLFIT_OK;
  if (!status) status = growth_make(&command->growth, &before, &command->axes, error);
  if (!status) status = read_count(command, "random", &draws, error);
  if (!status) status = read_count(command, "grid_count", &grid, error);
  if (!status) status = read_count(command, "count", &command->count_in_study, error);
  if (!status && !draws) grid = command->count_in_study; /* the same; earlier versions have only one of them */
  const bool draws_more = draws && command->options.random > draws;
  /* Otherwise it has other axes than those compared here, and another difference will be found. */
  command->grows = !status && grid == before.grid_count && (command->growth.longer || draws_more);
  axes_clear(&before);
  return status;
}

/* ---- what may differ --------------------------------------------------------------------------------------------- */

/* The axis of a row, or NULL. */
static const struct growth_axis *axis_of(const struct sweep_command *command, const struct definition_row *row,
                                         uint64_t *count)
{
  const struct axes *axes = &command->axes;
  if (!row->field) return NULL;
  for (size_t i = 0; i < axes->n; i++) {
    *count = axes->axis[i].count;
    if (axes->axis[i].field == row->field) return &command->growth.axis[i];
  }
  return NULL;
}

bool grow_covers(const struct sweep_command *command, const struct definition_row *row)
{
  uint64_t count = 0;
  const struct growth_axis *axis = axis_of(command, row, &count);
  if (axis && axis->same && count == axis->count) return true;
  if (!command->grows) return false;
  if (axis) return axis->contained && count > axis->count;
  if (strcmp(row->key, "random") == 0) return command->options.random > command->count_in_study;
  return strcmp(row->key, "count") == 0 || strcmp(row->key, "grid_count") == 0;
}

/* A field that is younger than the study has no column in it. */
static clfit_status check_columns(const struct sweep_command *command, clfit_error *error)
{
  const struct axes *axes = &command->axes;
  for (size_t i = 0; i < axes->n; i++) {
    const clfit_field *field = axes->axis[i].field;
    if (axes->axis[i].count == command->growth.axis[i].count ||
        columns_find(store_columns(command->store), field->name))
      continue;
    return refuse(error, "the study was made by an earlier version of clfit, without --%s: it cannot get values of it",
                  option_name(option_of_field(field)));
  }
  return CLFIT_OK;
}

clfit_status grow_check(const struct sweep_command *command, clfit_error *error)
{
  const struct options *options = &command->options;
  const struct growth *growth = &command->growth;
  if (!command->grows) return CLFIT_OK;
  if (options->halving)
    return refuse(error, "a study of --halving cannot get more values: its networks were selected among those it has");
  if (options->random && growth->longer)
    return refuse(error, "a study of --random cannot get more values, which change what is drawn; "
                         "a larger --random draws more");
  if (command->sweep.shards > 1 && growth->moves)
    return refuse(error, "a shard can only get more values of its slowest axis, after those it has: "
                         "others would belong to other shards");
  return check_columns(command, error);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Entries of the table meta; a NULL value deletes one. */
struct changes {
  const char **keys;
  char **values;
  char (*names)[48]; /* of typed options */
  size_t n;
};

static const struct definition_row *find_row(const struct definition *definition, const char *key)
{
  for (size_t i = 0; i < definition->n; i++)
    if (strcmp(definition->rows[i].key, key) == 0) return &definition->rows[i];
  return NULL;
}

/* The row of that key, or its absence. */
static void change(struct changes *changes, const struct sweep_command *command, const char *key)
{
  const struct definition_row *row = find_row(&command->definition, key);
  snprintf(changes->names[changes->n], sizeof *changes->names, "%s", key);
  changes->keys[changes->n] = changes->names[changes->n];
  changes->values[changes->n++] = row ? row->value : NULL;
}

static void change_option(struct changes *changes, const struct sweep_command *command, enum option_id id)
{
  char key[48];
  snprintf(key, sizeof key, "typed.%s", option_name(id));
  change(changes, command, key);
}

static void list_changes(struct changes *changes, const struct sweep_command *command)
{
  static const char *const others[] = {"count", "grid_count", "random", "finished", "shards"};
  for (size_t i = 0; i < command->axes.n; i++) {
    const enum option_id id = option_of_field(command->axes.axis[i].field);
    char key[48];
    snprintf(key, sizeof key, "axis.%s", option_name(id));
    change(changes, command, key);
    change_option(changes, command, id);
  }
  change_option(changes, command, OPTION_RANDOM);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) change(changes, command, others[i]);
}

static uint64_t new_id(const void *context, uint64_t id)
{
  return growth_id(context, id);
}

static clfit_status store_changes(struct sweep_command *command, const struct changes *changes, clfit_error *error)
{
  const struct store_growth growth = {.count = command->count_in_study,
                                      .shard = command->sweep.shard,
                                      .shards = command->sweep.shards,
                                      .place = command->growth.moves ? new_id : NULL,
                                      .context = &command->growth,
                                      .n = changes->n,
                                      .keys = changes->keys,
                                      .values = changes->values};
  return store_grow(command->store, &growth, error);
}

clfit_status grow_store(struct sweep_command *command, clfit_error *error)
{
  const size_t most = 2 * command->axes.n + 8;
  struct changes changes = {.keys = calloc(most, sizeof *changes.keys),
                            .values = calloc(most, sizeof *changes.values),
                            .names = calloc(most, sizeof *changes.names)};
  clfit_status status = CLFIT_OK;
  if (!changes.keys || !changes.values || !changes.names) status = clfit_fail_memory(error);
  if (!status) list_changes(&changes, command);
  if (!status) status = store_changes(command, &changes, error);
  free(changes.keys);
  free(changes.values);
  free(changes.names);
  return status;
}
