/* What is swept: from options to axes and samples, and to the text that a study holds of them. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/message.h"
#include "study/base/numbers.h"
#include "study/run/ranks.h"
#include "study/store/keep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options that define a sweep, and are stored. */
static const enum option_id defining[] = {
    OPTION_TARGET,        OPTION_DOMAIN, OPTION_SAMPLES,     OPTION_SAMPLE_SEED, OPTION_DATA,   OPTION_X_COLUMN,
    OPTION_Y_COLUMN,      OPTION_HIDDEN, OPTION_ACTIVATION,  OPTION_SEED,        OPTION_EPOCHS, OPTION_RATE,
    OPTION_TOL,           OPTION_RANDOM, OPTION_RANDOM_SEED, OPTION_SHARD,       OPTION_MODE,   OPTION_KEEP,
    OPTION_SWEEP_RANK_BY, OPTION_PRESET, OPTION_HALVING,     OPTION_MIN_EPOCHS,
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum option_id definition_given(const struct options *options)
{
  for (size_t i = 0; i < LENGTH(defining); i++)
    if (option_given(options, defining[i])) return defining[i];
  return OPTION_COUNT;
}

static bool is_of_target(enum option_id id)
{
  return id == OPTION_TARGET || id == OPTION_DOMAIN || id == OPTION_SAMPLES || id == OPTION_SAMPLE_SEED;
}

static bool is_of_preset(enum option_id id)
{
  return id == OPTION_HIDDEN || id == OPTION_SAMPLES || id == OPTION_EPOCHS || id == OPTION_RATE;
}

static clfit_status check_preset(const struct options *options, clfit_error *error)
{
  static const enum option_id others[] = {OPTION_HIDDEN, OPTION_SAMPLES,     OPTION_EPOCHS, OPTION_RATE,
                                          OPTION_DATA,   OPTION_SAMPLE_SEED, OPTION_RANDOM, OPTION_HALVING};
  if (!preset_find(options->preset))
    return refuse(error, "--preset must be tuning-study, not \"%.120s\"", options->preset);
  for (size_t i = 0; i < LENGTH(others); i++)
    if (option_given(options, others[i]))
      return refuse(error, "--%s does not go with --preset %s, which brings its own samples and settings",
                    option_rows[others[i]].name, options->preset);
  return CLFIT_OK;
}

static clfit_status check_conflicts(const struct options *options, clfit_error *error)
{
  for (size_t i = 0; options->data && i < LENGTH(defining); i++)
    if (is_of_target(defining[i]) && option_given(options, defining[i]))
      return refuse(error, "--%s does not go with --data: the file's rows are the samples",
                    option_rows[defining[i]].name);
  if (!options->data && (options->x_column || options->y_column))
    return refuse(error, "--%s needs --data: it names a column of that file",
                  options->x_column ? "x-column" : "y-column");
  if (options->x_column && options->y_column && strcmp(options->x_column, options->y_column) == 0)
    return refuse(error, "--x-column and --y-column are the same, %.200s", options->x_column);
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

static clfit_status add_axis(struct sweeping *sweeping, enum option_id id, clfit_error *error)
{
  const struct options *options = &sweeping->options;
  const struct option_row *row = &option_rows[id];
  if (!row->axis || (options->data && is_of_target(id)) || (sweeping->preset && is_of_preset(id))) return CLFIT_OK;
  const char *text = option_given(options, id) ? options->texts[id] : row->initial;
  if (sweeping->preset && id == OPTION_SAMPLE_SEED) text = sweeping->preset->sample_seeds;
  return axes_add(&sweeping->axes, clfit_field_find(row->name), text, error);
}

static clfit_status make_axes(struct sweeping *sweeping, clfit_error *error)
{
  const struct options *options = &sweeping->options;
  clfit_status status = CLFIT_OK;
  if (options->preset) sweeping->preset = preset_find(options->preset);
  if (sweeping->preset) axes_preset(&sweeping->axes, sweeping->preset);
  for (int id = 0; id < OPTION_COUNT && !status; id++) status = add_axis(sweeping, (enum option_id)id, error);
  if (!status && options->random) axes_draw(&sweeping->axes, options->random, options->random_seed);
  return status;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static clfit_status check_target(struct sweep_source *source, clfit_error *error)
{
  clfit_target *target = NULL;
  double x[SWEEP_TEST_POINTS], y[SWEEP_TEST_POINTS];
  clfit_status status = clfit_target_parse(source->target, &target, error);
  clfit_grid(source->low, source->high, SWEEP_TEST_POINTS, x);
  if (!status) status = clfit_target_evaluate(target, SWEEP_TEST_POINTS, x, y, error);
  clfit_target_free(target);
  return status ? fail_in(error, "--target") : CLFIT_OK;
}

static clfit_status open_source(struct sweeping *sweeping, clfit_error *error)
{
  const struct options *options = &sweeping->options;
  struct sweep *sweep = &sweeping->sweep;
  if (!options->data) {
    sweep->source = (struct sweep_source){options->target, options->domain.low, options->domain.high, NULL};
    return check_target(&sweep->source, error);
  }
  clfit_status status =
      clfit_data_read_csv(options->data, options->x_column, options->y_column, &sweeping->data, error);
  if (status) return status;
  sweep->source.data = sweeping->data;
  sweep->base.samples = (uint32_t)clfit_data_count(sweeping->data);
  return CLFIT_OK;
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static clfit_status read_shard(struct sweeping *sweeping, clfit_error *error)
{
  const char *text = sweeping->options.shard;
  const char *slash = text ? strchr(text, '/') : NULL;
  char part[16] = "";
  uint32_t i, n;
  sweeping->sweep.shard = 0;
  sweeping->sweep.shards = 1;
  if (!text) return CLFIT_OK;
  if (slash && slash - text < (ptrdiff_t)sizeof part) memcpy(part, text, (size_t)(slash - text));
  if (!slash || !clfit_number_parse_count(part, &i) || !clfit_number_parse_count(slash + 1, &n) || i < 1 || i > n ||
      n > STORE_SHARDS_MAX)
    return refuse(error, "--shard must be I/N, I from 1 to N, N up to %u, not \"%.120s\"", STORE_SHARDS_MAX, text);
  sweeping->sweep.shard = i - 1;
  sweeping->sweep.shards = n;
  return CLFIT_OK;
}

static clfit_status read_keep(struct sweeping *sweeping, clfit_error *error)
{
  const char *text = sweeping->options.keep;
  uint32_t *keep = &sweeping->sweep.keep;
  if (strcmp(text, "all") == 0)
    *keep = KEEP_ALL;
  else if (strcmp(text, "none") == 0)
    *keep = 0;
  else if (strncmp(text, "best:", 5) != 0 || !clfit_number_parse_count(text + 5, keep) || *keep < 1 ||
           *keep == KEEP_ALL)
    return refuse(error, "--keep must be best:N, all or none, not \"%.120s\"", text);
  return CLFIT_OK;
}

static clfit_status read_rank(struct sweeping *sweeping, clfit_error *error)
{
  const struct options *options = &sweeping->options;
  /* What chooses the networks that go on must not be what they are judged by in the end. */
  bool train_loss = options->data || options->halving;
  const char *name = options->rank_by ? options->rank_by : train_loss ? "train_loss" : "test_mse";
  clfit_status status = rank_find(name, &sweeping->sweep.rank, error);
  if (status) return status;
  if (options->data && strncmp(name, "test_", 5) == 0)
    return refuse(error,
                  "--rank-by %s needs a target; with --data there are train_loss, fit_rss, fit_rmse and fit_max_error",
                  name);
  if (!options->data && strncmp(name, "fit_", 4) == 0)
    return refuse(error,
                  "--rank-by %s needs --data; with a target there are train_loss, test_mse, test_rmse, "
                  "test_max_error and test_r2",
                  name);
  return CLFIT_OK;
}

/* ---- as text ----------------------------------------------------------------------------------------------------- */

static const char *const key_names[] = {
    [KEY_ARITHMETIC] = "arithmetic",
    [KEY_MODE] = "mode",
    [KEY_TARGET] = "target",
    [KEY_DOMAIN] = "domain",
    [KEY_DATA_DIGEST] = "data_digest",
    [KEY_RANDOM] = "random",
    [KEY_RANDOM_SEED] = "random_seed",
    [KEY_SHARD] = "shard",
    [KEY_HALVING] = "halving",
    [KEY_MIN_EPOCHS] = "min_epochs",
    [KEY_KEEP] = "keep",
    [KEY_RANK_BY] = "rank_by",
    [KEY_PRESET] = "preset",
    [KEY_COUNT_ALL] = "count",
    [KEY_GRID_COUNT] = "grid_count",
};

static void name_keys(struct definition *definition)
{
  size_t size = sizeof definition->names[0];
  for (int i = 0; i < KEY_COMPARED; i++) snprintf(definition->names[i], size, "%s", key_names[i]);
  for (int id = 0; id < OPTION_COUNT; id++) {
    snprintf(definition->names[KEY_AXES + id], size, "axis.%s", option_rows[id].name);
    snprintf(definition->names[KEY_TYPED + id], size, "typed.%s", option_rows[id].name);
  }
  snprintf(definition->names[KEY_VERSION], size, "version");
  snprintf(definition->names[KEY_DATA], size, "data");
  snprintf(definition->names[KEY_X_COLUMN], size, "x_column");
  snprintf(definition->names[KEY_Y_COLUMN], size, "y_column");
}

/* A text or, for NULL, none. Failures are seen by definition_make. */
static void put(struct definition *definition, int key, const char *text)
{
  definition->values[key] = text ? strdup(text) : NULL;
}

static void put_count(struct definition *definition, int key, uint64_t count)
{
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, count);
  put(definition, key, text);
}

static void put_domain(struct definition *definition, const struct range *domain)
{
  char low[NUMBER_SIZE], high[NUMBER_SIZE], text[2 * NUMBER_SIZE];
  number_print(low, domain->low);
  number_print(high, domain->high);
  snprintf(text, sizeof text, "%s:%s", low, high);
  put(definition, KEY_DOMAIN, text);
}

static void put_source(struct definition *definition, const struct sweeping *sweeping)
{
  const struct options *options = &sweeping->options;
  char digest[CLFIT_DIGEST_SIZE];
  if (!options->data) {
    put(definition, KEY_TARGET, options->target);
    put_domain(definition, &options->domain);
    return;
  }
  clfit_data_digest(sweeping->data, clfit_data_count(sweeping->data), digest);
  put(definition, KEY_DATA_DIGEST, digest);
  put(definition, KEY_DATA, options->data);
  put(definition, KEY_X_COLUMN, options->x_column);
  put(definition, KEY_Y_COLUMN, options->y_column);
}

static clfit_status fill(struct sweeping *sweeping, clfit_error *error)
{
  struct definition *definition = &sweeping->definition;
  const struct options *options = &sweeping->options;
  const struct axes *axes = &sweeping->axes;
  name_keys(definition);
  put_count(definition, KEY_ARITHMETIC, CLFIT_ARITHMETIC);
  put(definition, KEY_VERSION, CLFIT_VERSION);
  put(definition, KEY_MODE, option_rows[OPTION_MODE].choices[options->mode]);
  put_source(definition, sweeping);
  if (options->random) put_count(definition, KEY_RANDOM, options->random);
  if (options->random) put_count(definition, KEY_RANDOM_SEED, options->random_seed);
  put(definition, KEY_SHARD, options->shard);
  if (options->halving) put_count(definition, KEY_HALVING, options->halving);
  if (options->halving) put_count(definition, KEY_MIN_EPOCHS, options->min_epochs);
  put(definition, KEY_KEEP, options->keep);
  put(definition, KEY_RANK_BY, sweeping->sweep.rank->name);
  put(definition, KEY_PRESET, options->preset);
  put_count(definition, KEY_COUNT_ALL, axes->count);
  put_count(definition, KEY_GRID_COUNT, axes->grid_count);
  for (size_t i = 0; i < LENGTH(defining); i++)
    if (option_given(options, defining[i])) put(definition, KEY_TYPED + (int)defining[i], options->texts[defining[i]]);
  for (size_t i = 0; i < axes->n; i++) {
    char *points = axis_print(&axes->axis[i]);
    if (!points) return clfit_fail_memory(error);
    for (int id = 0; id < OPTION_COUNT; id++)
      if (option_rows[id].axis && clfit_field_find(option_rows[id].name) == axes->axis[i].field)
        definition->values[KEY_AXES + id] = points;
  }
  return CLFIT_OK;
}

clfit_status definition_make(struct sweeping *sweeping, clfit_error *error)
{
  clfit_network_default(&sweeping->sweep.base);
  sweeping->sweep.axes = &sweeping->axes;
  if (sweeping->options.halving)
    sweeping->sweep.halving = (struct halving){sweeping->options.halving, sweeping->options.min_epochs};
  clfit_status status = check_conflicts(&sweeping->options, error);
  if (!status) status = make_axes(sweeping, error);
  if (!status) status = read_shard(sweeping, error);
  if (!status) status = read_keep(sweeping, error);
  if (!status) status = read_rank(sweeping, error);
  if (!status) status = open_source(sweeping, error);
  return status ? status : fill(sweeping, error);
}

void definition_clear(struct definition *definition)
{
  for (int i = 0; i < KEY_END; i++) free(definition->values[i]);
  memset(definition, 0, sizeof *definition);
}

/* ---- a study's ----------------------------------------------------------------------------------------------------- */

clfit_status definition_restore(struct sweeping *sweeping, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < LENGTH(defining) && !status; i++) {
    char key[48], *text = NULL;
    snprintf(key, sizeof key, "typed.%s", option_rows[defining[i]].name);
    status = store_read_meta(sweeping->store, key, &text, error);
    if (!status && text) status = options_set(&sweeping->options, defining[i], text, error);
    free(text);
  }
  return status;
}

clfit_status definition_share(struct sweeping *sweeping, clfit_error *error)
{
  struct options *options = &sweeping->options;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < LENGTH(defining) && !status; i++) {
    enum option_id id = defining[i];
    char *text = option_given(options, id) ? options->texts[id] : NULL;
    status = ranks_share_text(&text, error);
    if (ranks_get()->rank == 0) continue;
    if (!status && text && !option_given(options, id)) status = options_set(options, id, text, error);
    free(text);
  }
  return status;
}

/* "axis.hidden" is of --hidden, "rank_by" of --rank-by. */
static clfit_status refuse_difference(const char *key, const char *stored, const char *typed, clfit_error *error)
{
  char name[40];
  bool option = strcmp(key, "arithmetic") != 0 && strcmp(key, "data_digest") != 0 && strstr(key, "count") == NULL;
  snprintf(name, sizeof name, "%s", strncmp(key, "axis.", 5) == 0 ? key + 5 : key);
  for (char *c = name; *c; c++)
    if (*c == '_') *c = option ? '-' : ' ';
  return refuse(error, "the study has another %s%s: %.100s there, %.100s here", option ? "--" : "", name,
                stored ? stored : "none", typed ? typed : "none");
}

clfit_status definition_compare(struct sweeping *sweeping, clfit_error *error)
{
  const struct definition *definition = &sweeping->definition;
  clfit_status status = CLFIT_OK;
  /* Axes first: they explain a difference in counts. */
  for (int i = 0; i < KEY_VERSION && !status; i++) {
    int key = i < OPTION_COUNT ? KEY_AXES + i : i - OPTION_COUNT;
    const char *here = definition->values[key];
    char *there = NULL;
    if (key >= KEY_AXES && !option_rows[key - KEY_AXES].axis) continue;
    status = store_read_meta(sweeping->store, definition->names[key], &there, error);
    if (!status && (!there != !here || (there && strcmp(there, here) != 0)))
      status = refuse_difference(definition->names[key], there, here, error);
    free(there);
  }
  return status;
}

clfit_status definition_store(struct sweeping *sweeping, clfit_error *error)
{
  const struct definition *definition = &sweeping->definition;
  const char *keys[KEY_END];
  for (int i = 0; i < KEY_END; i++) keys[i] = definition->names[i];
  return store_define(sweeping->store, KEY_END, keys, definition->values, error);
}
