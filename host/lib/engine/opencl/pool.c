/* Pools: the memory and programs of the networks that share a specialisation. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>
#include <string.h>

/* ---- buffers ------------------------------------------------------------------------------------------------- */

clfit_status clfit_buffer_grow(const struct opencl_device *device, cl_mem *buffer, size_t kept, size_t bytes,
                               clfit_error *error)
{
  cl_int code;
  cl_mem grown = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
  if (code) return clfit_fail_cl(error, code, "allocate device memory");
  if (kept > 0) code = clEnqueueCopyBuffer(device->queue, *buffer, grown, 0, 0, kept, 0, NULL, NULL);
  if (!code) code = clFinish(device->queue);
  if (code) {
    clReleaseMemObject(grown);
    return clfit_fail_cl(error, code, "copy device memory");
  }
  if (*buffer) clReleaseMemObject(*buffer);
  *buffer = grown;
  return CLFIT_OK;
}

/* Of pools with batches twice as many pairs, for samples held out. */
static size_t loss_bytes(const struct opencl_population *population, const struct pool *pool)
{
  const size_t pair = (pool->specialisation.batches ? 4 : 2) * sizeof(float);
  if (population->losses_kept == CLFIT_LOSSES_EVERY) return CLFIT_EVERY_CAPACITY * pair;
  if (population->losses_kept == CLFIT_LOSSES_MILESTONES) return CLFIT_MILESTONE_CAPACITY * pair;
  return pair; /* never written; a buffer cannot be empty */
}

size_t clfit_entry_bytes(const struct opencl_population *population, const struct pool *pool, uint32_t buffer)
{
  switch (buffer) {
  case TASK: return sizeof(struct network_task);
  case PROGRESS: return sizeof(struct network_progress);
  case LOSSES: return loss_bytes(population, pool);
  default: break;
  }
  if (buffer == clfit_plane_buffer(pool->sets, 0)) return pool->stride * sizeof(float); /* activations */
  return clfit_plane_size((int)((buffer - FIRST_PLANE) % PLANE_COUNT), pool->stride) * sizeof(float);
}

/* ---- mapped entries ------------------------------------------------------------------------------------------ */

struct mapped_entries clfit_mapped_entries(struct opencl_population *population, struct pool *pool, uint32_t first,
                                           uint32_t last)
{
  uint32_t begin = first / pool->pack * pool->pack, end = (last / pool->pack + 1) * pool->pack;
  return (struct mapped_entries){.population = population, .pool = pool, .first = begin, .count = end - begin};
}

/* Whether a buffer is part of what a network is: not the losses, which are read on their own, and not the activations,
 * which every step writes before it reads them. */
static bool is_of_networks(const struct pool *pool, uint32_t buffer)
{
  return buffer != LOSSES && buffer < clfit_plane_buffer(pool->sets, 0);
}

clfit_status clfit_entries_map(struct mapped_entries *mapped, cl_map_flags flags, clfit_error *error)
{
  const struct pool *pool = mapped->pool;
  cl_int code = CL_SUCCESS;
  for (uint32_t i = 0; i < pool->buffer_count && !code; i++) {
    if (!is_of_networks(pool, i)) continue;
    const size_t bytes = clfit_entry_bytes(mapped->population, pool, i);
    void *address = clEnqueueMapBuffer(mapped->population->device->queue, pool->buffers[i], CL_TRUE, flags,
                                       mapped->first * bytes, mapped->count * bytes, 0, NULL, NULL, &code);
    pool->addresses[i] = code ? NULL : address;
  }
  return code ? clfit_fail_cl(error, code, "map device memory") : CLFIT_OK;
}

clfit_status clfit_entries_unmap(struct mapped_entries *mapped, clfit_status status, clfit_error *error)
{
  const struct pool *pool = mapped->pool;
  cl_command_queue queue = mapped->population->device->queue;
  cl_int code = CL_SUCCESS;
  for (uint32_t i = 0; i < pool->buffer_count; i++)
    if (pool->addresses[i]) {
      cl_int failed = clEnqueueUnmapMemObject(queue, pool->buffers[i], pool->addresses[i], 0, NULL, NULL);
      pool->addresses[i] = NULL;
      if (failed) code = failed;
    }
  cl_int finished = clFinish(queue);
  if (!code) code = finished;
  return code && !status ? clfit_fail_cl(error, code, "unmap device memory") : status;
}

/* ---- growing ------------------------------------------------------------------------------------------------- */

/* Initialises the entries beyond the old capacity as free, with status CLFIT_DONE, so that a launch skips them. */
static clfit_status add_entries(struct opencl_population *population, struct pool *pool, uint32_t capacity,
                                clfit_error *error)
{
  uint32_t old = pool->capacity;
  struct mapped_entries mapped = {.population = population, .pool = pool, .first = old, .count = capacity - old};
  clfit_status status = clfit_entries_map(&mapped, CL_MAP_WRITE, error);
  for (uint32_t i = 0; i < pool->buffer_count && !status; i++)
    if (is_of_networks(pool, i))
      memset(pool->addresses[i], 0, (capacity - old) * clfit_entry_bytes(population, pool, i));
  for (uint32_t i = 0; i < capacity - old && !status; i++)
    ((struct network_progress *)pool->addresses[PROGRESS])[i].status = CLFIT_DONE;
  status = clfit_entries_unmap(&mapped, status, error);
  if (status) return status;
  for (uint32_t entry = capacity; entry-- > old;) pool->free_entries[pool->free_count++] = entry;
  pool->capacity = capacity;
  return CLFIT_OK;
}

/* Host memory for `capacity` entries. */
static clfit_status grow_lists(const struct opencl_population *population, struct pool *pool, uint32_t capacity,
                               clfit_error *error)
{
  uint32_t *free_entries = realloc(pool->free_entries, capacity * sizeof *free_entries);
  if (free_entries) pool->free_entries = free_entries;
  struct network_progress *progress = realloc(pool->progress, capacity * sizeof *progress);
  if (progress) pool->progress = progress;
  const bool every = population->losses_kept == CLFIT_LOSSES_EVERY;
  float *losses = every ? realloc(pool->losses, capacity * loss_bytes(population, pool)) : NULL;
  if (losses) pool->losses = losses;
  return free_entries && progress && (losses || !every) ? CLFIT_OK : clfit_fail_memory(error);
}

clfit_status clfit_pool_grow(struct opencl_population *population, struct pool *pool, uint32_t wanted,
                             clfit_error *error)
{
  const uint32_t grain = pool->pack * pool->work_group_packs;
  const uint32_t capacity = (wanted + grain - 1) / grain * grain;
  clfit_status status = grow_lists(population, pool, capacity, error);
  for (uint32_t i = 0; i < pool->buffer_count && !status; i++) {
    const size_t bytes = clfit_entry_bytes(population, pool, i);
    status = clfit_buffer_grow(population->device, &pool->buffers[i], pool->capacity * bytes, capacity * bytes, error);
  }
  return status ? status : add_entries(population, pool, capacity, error);
}

void clfit_pool_free_entry(struct pool *pool, uint32_t entry)
{
  pool->progress[entry].status = CLFIT_DONE;
  pool->free_entries[pool->free_count++] = entry;
}

/* ---- making -------------------------------------------------------------------------------------------------- */

void clfit_pool_clear(struct pool *pool)
{
  for (uint32_t i = 0; pool->buffers && i < pool->buffer_count; i++)
    if (pool->buffers[i]) clReleaseMemObject(pool->buffers[i]);
  if (pool->train) clReleaseKernel(pool->train);
  if (pool->evaluate) clReleaseKernel(pool->evaluate);
  free(pool->buffers);
  free(pool->addresses);
  free(pool->free_entries);
  free(pool->progress);
  free(pool->losses);
}

/* Builds the programs. */
static clfit_status make_kernels(const struct opencl_population *population, struct pool *pool, clfit_error *error)
{
  cl_program train, evaluate;
  cl_int code;
  clfit_status status = clfit_program_train(population->device, &pool->specialisation, &train, error);
  if (!status) status = clfit_program_evaluate(population->device, pool->specialisation.activation, &evaluate, error);
  if (status) return status;
  pool->train = clCreateKernel(train, "train", &code);
  if (!code) pool->evaluate = clCreateKernel(evaluate, "evaluate", &code);
  return code ? clfit_fail_cl(error, code, "create a kernel") : CLFIT_OK;
}

static clfit_status make_pool(const struct opencl_population *population, const struct specialisation *specialisation,
                              struct pool *pool, clfit_error *error)
{
  /* with batches also the sets of the gradient and of the kept parameters, and the activations */
  const uint32_t sets = clfit_optimizer_get(specialisation->optimizer)->sets + (specialisation->batches ? 2 : 0);
  *pool = (struct pool){.specialisation = *specialisation,
                        .sets = sets,
                        .stride = specialisation->vectors * specialisation->mapping->width,
                        .pack = specialisation->mapping->packs ? specialisation->lanes : 1,
                        .buffer_count = clfit_plane_buffer(sets, 0) + specialisation->batches};
  pool->buffers = calloc(pool->buffer_count, sizeof *pool->buffers);
  pool->addresses = calloc(pool->buffer_count, sizeof *pool->addresses);
  clfit_status status =
      pool->buffers && pool->addresses ? make_kernels(population, pool, error) : clfit_fail_memory(error);
  /* only now: building the program may have switched off instructions on which the group size depends */
  pool->work_group_packs = clfit_mapping_group(specialisation->mapping, specialisation->batches, population->device);
  if (status) clfit_pool_clear(pool);
  return status;
}

struct pool *clfit_pool_find(const struct opencl_population *population, const struct specialisation *wanted)
{
  for (uint32_t i = 0; i < population->pool_count; i++)
    if (clfit_specialisation_equal(&population->pools[i].specialisation, wanted)) return &population->pools[i];
  return NULL;
}

clfit_status clfit_pool_need(struct opencl_population *population, const struct specialisation *wanted, uint32_t *index,
                             clfit_error *error)
{
  const struct pool *found = clfit_pool_find(population, wanted);
  if (found) {
    *index = (uint32_t)(found - population->pools);
    return CLFIT_OK;
  }
  struct pool *grown = realloc(population->pools, (population->pool_count + 1) * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  population->pools = grown;
  clfit_status status = make_pool(population, wanted, &grown[population->pool_count], error);
  if (!status) *index = population->pool_count++;
  return status;
}
