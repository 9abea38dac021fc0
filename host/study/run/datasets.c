#include "study/run/datasets.h"

#include <string.h>

/* Limit for the samples of all data sets together: 128 MiB on the device, 8 bytes per sample. A single data set may be
 * larger. */
#define SAMPLES_MAX (1u << 24)

clfit_status datasets_init(struct datasets *datasets, const struct sweep *sweep, uint32_t samples, clfit_error *error)
{
  memset(datasets, 0, sizeof *datasets);
  datasets->sweep = sweep;
  datasets->samples = samples;
  return sweep->source.target ? clfit_target_parse(sweep->source.target, &datasets->target, error) : CLFIT_OK;
}

/* The population has holds of its own. */
static void free_splits(struct datasets *datasets)
{
  for (uint32_t i = 0; i < datasets->count; i++) clfit_data_free(datasets->splits[i]);
  datasets->count = 0;
}

void datasets_clear(struct datasets *datasets)
{
  free_splits(datasets);
  clfit_target_free(datasets->target);
  clfit_data_free(datasets->drawn);
  datasets->target = NULL;
  datasets->drawn = NULL;
}

void datasets_forget(struct datasets *datasets)
{
  free_splits(datasets);
  datasets->samples_held = 0;
  memset(datasets->table, 0, sizeof datasets->table);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static struct dataset_key key_of(const struct datasets *datasets, const clfit_network *network)
{
  const clfit_source *source = &datasets->sweep->source;
  const uint32_t held = clfit_network_held_out(network);
  const bool own = source->scale != CLFIT_SCALE_NONE || held > 0;
  if (!source->target) return (struct dataset_key){.samples = datasets->samples, .held = held};
  return (struct dataset_key){.seed = network->sample_seed,
                              .samples = own ? network->samples : datasets->samples,
                              .held = held,
                              .noise = network->noise};
}

static bool is_same(struct dataset_key a, struct dataset_key b)
{
  return a.seed == b.seed && a.samples == b.samples && a.noise == b.noise && a.held == b.held;
}

/* The key of the samples before some are held out. */
static struct dataset_key whole(struct dataset_key key)
{
  key.held = 0;
  return key;
}

/* The samples before some are held out, except for those of a validation file, which are held out from the start.
 * *data belongs to the sweep, or to datasets until the next call. */
static clfit_status open_data(struct datasets *datasets, struct dataset_key key, const clfit_data **data,
                              clfit_error *error)
{
  const clfit_source *source = &datasets->sweep->source;
  *data = source->target ? datasets->drawn : datasets->sweep->data;
  if (!source->target || (datasets->drawn && is_same(datasets->drawn_key, whole(key)))) return CLFIT_OK;
  clfit_data_free(datasets->drawn);
  datasets->drawn = NULL;
  clfit_data *made = NULL;
  clfit_status status =
      clfit_data_sample(datasets->target, source->low, source->high, key.samples, key.seed, &made, error);
  if (!status) status = clfit_data_add_noise(made, key.noise, key.seed, error);
  if (!status) status = clfit_data_scale(made, source->scale, error);
  if (status) {
    clfit_data_free(made);
    return status;
  }
  datasets->drawn_key = whole(key);
  *data = datasets->drawn = made;
  return CLFIT_OK;
}

/* ---- in the population ------------------------------------------------------------------------------------------- */

/* The table entry of a key: the one that holds it, or the empty one where it is to be inserted. */
static uint16_t *table_entry(struct datasets *datasets, struct dataset_key key)
{
  uint64_t noise;
  memcpy(&noise, &key.noise, sizeof noise);
  const uint32_t bits = key.seed ^ (key.samples ^ key.held * 0xc2b2ae35u ^ (uint32_t)(noise >> 21)) * 0x85ebca6bu;
  uint32_t i = bits * 0x9e3779b1u >> 19; /* the upper 13 bits: 2*DATASETS_MAX entries */
  while (datasets->table[i] && !is_same(datasets->keys[datasets->table[i] - 1], key)) i = (i + 1) % (2 * DATASETS_MAX);
  return &datasets->table[i];
}

/* *split: the samples with some held out, as clfit_source_open has them; NULL: none are, or *data has them already. */
static clfit_status split_data(struct dataset_key key, const clfit_data *data, clfit_data **split, clfit_error *error)
{
  *split = NULL;
  if (key.held == 0 || clfit_data_held_out(data) > 0) return CLFIT_OK;
  return clfit_data_split(data, key.held, key.seed, split, error);
}

static clfit_status add(struct datasets *datasets, clfit_population *population, struct dataset_key key,
                        clfit_error *error)
{
  const clfit_data *data;
  clfit_data *split = NULL;
  uint32_t index;
  clfit_status status = open_data(datasets, key, &data, error);
  if (!status) status = split_data(key, data, &split, error);
  if (!status) status = clfit_population_add_data(population, split ? split : data, &index, error);
  if (status) {
    clfit_data_free(split);
    return status;
  }
  datasets->splits[datasets->count] = split;
  datasets->scalings[datasets->count] = clfit_data_scaling(data);
  datasets->keys[datasets->count++] = key;
  datasets->samples_held += key.samples;
  return CLFIT_OK;
}

const clfit_data *datasets_samples(const struct datasets *datasets, uint32_t index)
{
  return datasets->splits[index] ? datasets->splits[index] : datasets->sweep->data;
}

clfit_status datasets_find(struct datasets *datasets, clfit_population *population, const clfit_network *network,
                           uint32_t *index, bool *found, clfit_error *error)
{
  struct dataset_key key = key_of(datasets, network);
  uint16_t *entry = table_entry(datasets, key);
  bool room = datasets->count < DATASETS_MAX && datasets->samples_held + key.samples <= SAMPLES_MAX;
  *found = *entry || datasets->count == 0 || room;
  if (!*found) return CLFIT_OK;
  if (!*entry) {
    clfit_status status = add(datasets, population, key, error);
    if (status) return status;
    *entry = (uint16_t)datasets->count;
  }
  *index = *entry - 1u;
  return CLFIT_OK;
}

/* Without a scaling the domain says it, and by range it is the same for all: nothing has to be drawn. */
clfit_status datasets_range(struct datasets *datasets, const clfit_network *network, double *low, double *high,
                            clfit_error *error)
{
  const clfit_data *data;
  const clfit_source *source = &datasets->sweep->source;
  bool known = source->target && source->scale != CLFIT_SCALE_STANDARD;
  *low = known && source->scale == CLFIT_SCALE_NONE ? (double)(float)source->low : -1;
  *high = known && source->scale == CLFIT_SCALE_NONE ? (double)(float)source->high : 1;
  if (known) return CLFIT_OK;
  clfit_status status = open_data(datasets, key_of(datasets, network), &data, error);
  if (!status) clfit_data_range(data, low, high);
  return status;
}
