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

void datasets_clear(struct datasets *datasets)
{
  clfit_target_free(datasets->target);
  datasets->target = NULL;
}

void datasets_forget(struct datasets *datasets)
{
  datasets->count = 0;
  memset(datasets->table, 0, sizeof datasets->table);
}

/* The table entry of a seed: the one that holds it, or the empty one where it is to be inserted. */
static uint16_t *table_entry(struct datasets *datasets, uint32_t seed)
{
  uint32_t i = seed * 0x9e3779b1u >> 19; /* the upper 13 bits: 2*DATASETS_MAX entries */
  while (datasets->table[i] && datasets->seeds[datasets->table[i] - 1] != seed) i = (i + 1) % (2 * DATASETS_MAX);
  return &datasets->table[i];
}

static clfit_status add(struct datasets *datasets, clfit_population *population, uint32_t seed, clfit_error *error)
{
  const clfit_source *source = &datasets->sweep->source;
  clfit_data *drawn = NULL;
  uint32_t index;
  clfit_status status = CLFIT_OK;
  if (source->target)
    status = clfit_data_sample(datasets->target, source->low, source->high, datasets->samples, seed, &drawn, error);
  if (!status) status = clfit_population_add_data(population, drawn ? drawn : datasets->sweep->data, &index, error);
  clfit_data_free(drawn);
  if (!status) datasets->seeds[datasets->count++] = seed;
  return status;
}

clfit_status datasets_find(struct datasets *datasets, clfit_population *population, uint32_t seed, uint32_t *index,
                           bool *found, clfit_error *error)
{
  if (!datasets->sweep->source.target) seed = 0;
  uint16_t *entry = table_entry(datasets, seed);
  uint64_t samples = (uint64_t)(datasets->count + 1) * datasets->samples;
  *found = *entry || datasets->count == 0 || (datasets->count < DATASETS_MAX && samples <= SAMPLES_MAX);
  if (!*found) return CLFIT_OK;
  if (!*entry) {
    clfit_status status = add(datasets, population, seed, error);
    if (status) return status;
    *entry = (uint16_t)datasets->count;
  }
  *index = *entry - 1u;
  return CLFIT_OK;
}

void datasets_range(const struct datasets *datasets, double *low, double *high)
{
  const struct sweep *sweep = datasets->sweep;
  *low = sweep->source.low;
  *high = sweep->source.high;
  if (!sweep->source.target) clfit_data_range(sweep->data, low, high);
}
