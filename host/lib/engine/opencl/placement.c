/* Placement: which pool and entry a network gets, and copying records to and from the pools' buffers. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>

/* ---- the mapping of each incoming ---------------------------------------------------------------------------- */

/* The program that a network needs in a mapping of this population. */
static struct specialisation specialise(const struct opencl_population *population, const struct mapping *mapping,
                                        const struct incoming *incoming)
{
  const cl_device_type type = population->device->type;
  struct specialisation made =
      incoming->plain ? clfit_specialise(mapping, type, incoming->activation, incoming->task.hidden)
                      : clfit_specialise_batches(mapping, type, incoming->activation, incoming->task.hidden);
  made.mode = population->mode;
  made.optimizer = incoming->optimizer;
  made.plain_steps = !incoming->plain && incoming->plain_steps;
  return made;
}

/* Networks that would be in the same pool if they used the packed mapping. */
struct packed_group {
  struct specialisation packed;
  size_t count; /* new networks, and those already in that pool */
};

struct packed_groups {
  struct packed_group *items; /* [count] */
  size_t count;
};

/* Finds or makes the group of a network. NULL: out of memory. */
static struct packed_group *find_group(const struct opencl_population *population, struct packed_groups *groups,
                                       const struct incoming *incoming)
{
  const struct specialisation packed = specialise(population, clfit_mapping_find("packed"), incoming);
  for (size_t i = 0; i < groups->count; i++)
    if (clfit_specialisation_equal(&groups->items[i].packed, &packed)) return &groups->items[i];
  struct packed_group *grown = realloc(groups->items, (groups->count + 1) * sizeof *grown);
  if (!grown) return NULL;
  const struct pool *pool = clfit_pool_find(population, &packed);
  groups->items = grown;
  grown[groups->count] = (struct packed_group){.packed = packed, .count = pool ? pool->capacity - pool->free_count : 0};
  return &grown[groups->count++];
}

/* Chooses the mapping of each new network by the number of networks of its bucket. */
static clfit_status choose_mappings(const struct opencl_population *population, size_t n,
                                    const struct incoming *incoming, const struct mapping **mappings,
                                    clfit_error *error)
{
  const uint32_t capacity = clfit_mapping_capacity(clfit_mapping_find("packed"));
  struct packed_groups groups = {0};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < n && !status; i++) {
    struct packed_group *group =
        incoming[i].task.hidden <= capacity ? find_group(population, &groups, &incoming[i]) : NULL;
    if (group) group->count++;
    if (!group && incoming[i].task.hidden <= capacity) status = clfit_fail_memory(error);
  }
  for (size_t i = 0; i < n && !status; i++) {
    const uint32_t hidden = incoming[i].task.hidden;
    const size_t count = hidden <= capacity ? find_group(population, &groups, &incoming[i])->count : 1;
    const uint32_t sets = incoming[i].plain ? 0 : clfit_optimizer_get(incoming[i].optimizer)->sets;
    mappings[i] = clfit_mapping_choose(population->device, population->mapping, sets, hidden, count);
  }
  free(groups.items);
  return status;
}

/* ---- take ---------------------------------------------------------------------------------------------------- */

static clfit_status make_locations(struct opencl_population *population, size_t n, const struct incoming *incoming,
                                   clfit_error *error)
{
  size_t count = population->location_count;
  for (size_t i = 0; i < n; i++)
    if (incoming[i].slot >= count) count = (size_t)incoming[i].slot + 1;
  struct location *grown = realloc(population->locations, count * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  population->locations = grown;
  population->location_count = count;
  return CLFIT_OK;
}

/* Finds or makes the pool of each new network. */
static clfit_status assign_pools(struct opencl_population *population, size_t n, const struct incoming *incoming,
                                 clfit_error *error)
{
  const struct mapping **mappings = calloc(n, sizeof *mappings);
  if (!mappings) return clfit_fail_memory(error);
  clfit_status status = choose_mappings(population, n, incoming, mappings, error);
  for (size_t i = 0; i < n && !status; i++) {
    const struct specialisation wanted = specialise(population, mappings[i], &incoming[i]);
    struct location *location = &population->locations[incoming[i].slot];
    status = clfit_pool_need(population, &wanted, &location->pool, error);
    location->hidden = incoming[i].task.hidden;
  }
  free(mappings);
  return status;
}

static void fill_set(const struct mapped_entries *mapped, size_t at, uint32_t set, uint32_t hidden, const float *values)
{
  const struct pool *pool = mapped->pool;
  for (uint32_t plane = 0; plane < PLANE_B2; plane++)
    for (uint32_t j = 0; j < pool->stride; j++)
      ((float *)pool->addresses[clfit_plane_buffer(set, plane)])[clfit_neuron_index(pool, at, j)] =
          values && j < hidden ? values[plane * hidden + j] : 0.0f;
  ((float *)pool->addresses[clfit_plane_buffer(set, PLANE_B2)])[at] = values ? values[PLANE_B2 * hidden] : 0.0f;
}

/* Index in a record of a set of a pool, or -1 if the network does not have it: after the optimizer's sets, all networks
 * of a pool of batch.cl have room for a gradient and for kept parameters. */
static int record_set(const struct pool *pool, const struct batch_task *batches, uint32_t set)
{
  const struct record_sets sets = clfit_task_sets(pool->specialisation.optimizer, batches);
  if (set < sets.own) return (int)set;
  return set == sets.own ? sets.gradient : sets.kept;
}

/* Writes a new network to its entry. The remaining neurons of the planes are padding, +0. */
static void fill_entry(const struct mapped_entries *mapped, uint32_t entry, const struct incoming *incoming)
{
  const struct pool *pool = mapped->pool;
  const size_t at = entry - mapped->first, size = clfit_sets_size(1, incoming->task.hidden);
  ((struct network_task *)pool->addresses[TASK])[at] = incoming->task;
  ((struct network_progress *)pool->addresses[PROGRESS])[at] = incoming->progress;
  for (uint32_t set = 0; set < pool->sets; set++) {
    const int from = record_set(pool, &incoming->task.batches, set);
    fill_set(mapped, at, set, incoming->task.hidden, from < 0 ? NULL : incoming->record + (size_t)from * size);
  }
}

/* Copies the new networks of one pool into free entries. The entries are marked as used only after everything has been
 * written. */
static clfit_status fill_pool(struct opencl_population *population, uint32_t index, size_t n,
                              const struct incoming *incoming, clfit_error *error)
{
  struct pool *pool = &population->pools[index];
  uint32_t count = 0;
  for (size_t i = 0; i < n; i++) count += population->locations[incoming[i].slot].pool == index;
  if (count == 0) return CLFIT_OK;
  if (count > pool->free_count) {
    uint32_t needed = pool->capacity - pool->free_count + count;
    /* grown by at least half, so that many small takes copy each network only a few times */
    uint32_t enlarged = pool->capacity + pool->capacity / 2;
    clfit_status status = clfit_pool_grow(population, pool, needed > enlarged ? needed : enlarged, error);
    if (status) return status;
  }
  uint32_t first = UINT32_MAX, last = 0, taken = pool->free_count;
  for (size_t i = 0; i < n; i++) {
    struct location *location = &population->locations[incoming[i].slot];
    if (location->pool != index) continue;
    location->entry = pool->free_entries[--taken];
    if (location->entry < first) first = location->entry;
    if (location->entry > last) last = location->entry;
  }
  struct mapped_entries mapped = clfit_mapped_entries(population, pool, first, last);
  clfit_status status = clfit_entries_map(&mapped, CL_MAP_READ | CL_MAP_WRITE, error);
  for (size_t i = 0; i < n && !status; i++)
    if (population->locations[incoming[i].slot].pool == index) {
      fill_entry(&mapped, population->locations[incoming[i].slot].entry, &incoming[i]);
      pool->progress[population->locations[incoming[i].slot].entry] = incoming[i].progress;
    }
  status = clfit_entries_unmap(&mapped, status, error);
  if (!status) pool->free_count = taken;
  return status;
}

/* Marks an entry as idle, on the device and on the host. */
static void drop_entry(struct opencl_population *population, const struct location *location)
{
  static const struct network_progress idle = {.status = CLFIT_DONE};
  struct pool *pool = &population->pools[location->pool];
  if (!population->device->watch->left)
    clEnqueueWriteBuffer(population->device->queue, pool->buffers[PROGRESS], CL_TRUE, location->entry * sizeof idle,
                         sizeof idle, &idle, 0, NULL, NULL);
  clfit_pool_free_entry(pool, location->entry);
}

/* Undoes fill_pool for the first `filled` pools. */
static void empty_filled(struct opencl_population *population, uint32_t filled, size_t n,
                         const struct incoming *incoming)
{
  for (size_t i = 0; i < n; i++)
    if (population->locations[incoming[i].slot].pool < filled)
      drop_entry(population, &population->locations[incoming[i].slot]);
}

void clfit_opencl_drop(void *self, size_t n, const uint32_t *slots)
{
  struct opencl_population *population = self;
  for (size_t i = 0; i < n; i++) drop_entry(population, &population->locations[slots[i]]);
}

clfit_status clfit_opencl_take(void *self, size_t n, const struct incoming *incoming, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = make_locations(population, n, incoming, error);
  if (!status) status = assign_pools(population, n, incoming, error);
  if (status) return status; /* no pool has changed yet, and locations may not be assigned */
  uint32_t filled = 0;
  while (!status && filled < population->pool_count) {
    status = fill_pool(population, filled, n, incoming, error);
    if (!status) filled++;
  }
  if (!status) status = clfit_opencl_warm_up(population, error);
  if (status) empty_filled(population, filled, n, incoming);
  return status;
}

/* ---- give ---------------------------------------------------------------------------------------------------- */

/* The smallest and largest entry in a pool of n slots; false if none of them is in this pool. */
bool clfit_entries_range(const struct opencl_population *population, uint32_t pool, size_t n, const uint32_t *slots,
                         uint32_t *first, uint32_t *last)
{
  *first = UINT32_MAX;
  *last = 0;
  for (size_t i = 0; i < n; i++) {
    const struct location *location = &population->locations[slots[i]];
    if (location->pool != pool) continue;
    if (location->entry < *first) *first = location->entry;
    if (location->entry > *last) *last = location->entry;
  }
  return *first != UINT32_MAX;
}

static void empty_set(const struct mapped_entries *mapped, size_t at, uint32_t set, uint32_t hidden, float *values)
{
  const struct pool *pool = mapped->pool;
  for (uint32_t plane = 0; plane < PLANE_B2; plane++)
    for (uint32_t j = 0; j < hidden; j++)
      *values++ = ((const float *)pool->addresses[clfit_plane_buffer(set, plane)])[clfit_neuron_index(pool, at, j)];
  *values = ((const float *)pool->addresses[clfit_plane_buffer(set, PLANE_B2)])[at];
}

static void empty_entry(const struct mapped_entries *mapped, const struct location *location, float *record)
{
  const struct pool *pool = mapped->pool;
  const size_t at = location->entry - mapped->first, size = clfit_sets_size(1, location->hidden);
  const struct network_task *task = &((const struct network_task *)pool->addresses[TASK])[at];
  for (uint32_t set = 0; set < pool->sets; set++) {
    const int to = record_set(pool, &task->batches, set);
    if (to >= 0) empty_set(mapped, at, set, location->hidden, record + (size_t)to * size);
  }
  ((struct network_progress *)pool->addresses[PROGRESS])[at].status = CLFIT_DONE;
}

static clfit_status empty_pool(struct opencl_population *population, uint32_t index, size_t n, const uint32_t *slots,
                               float *const *records, clfit_error *error)
{
  struct pool *pool = &population->pools[index];
  uint32_t first, last;
  if (!clfit_entries_range(population, index, n, slots, &first, &last)) return CLFIT_OK;
  struct mapped_entries mapped = clfit_mapped_entries(population, pool, first, last);
  clfit_status status = clfit_entries_map(&mapped, CL_MAP_READ | CL_MAP_WRITE, error);
  for (size_t i = 0; i < n && !status; i++)
    if (population->locations[slots[i]].pool == index)
      empty_entry(&mapped, &population->locations[slots[i]], records[i]);
  return clfit_entries_unmap(&mapped, status, error);
}

clfit_status clfit_opencl_give(void *self, size_t n, const uint32_t *slots, float *const *records,
                               double *const *precise, clfit_error *error)
{
  struct opencl_population *population = self;
  (void)precise;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->pool_count && !status; i++)
    status = empty_pool(population, i, n, slots, records, error);
  for (size_t i = 0; i < n && !status; i++) {
    const struct location *location = &population->locations[slots[i]];
    clfit_pool_free_entry(&population->pools[location->pool], location->entry);
  }
  return status;
}
