#include "engine/opencl/least_squares_pool.h"

#include "base/error.h"
#include "engine/opencl/population.h"
#include "levenberg_marquardt.h"

#include <stdlib.h>
#include <string.h>

/* ---- sizes --------------------------------------------------------------------------------------------------- */

static size_t loss_bytes(const struct lm_pool *pool)
{
  if (pool->losses_kept == CLFIT_LOSSES_EVERY) return 2 * CLFIT_EVERY_CAPACITY * sizeof(float);
  if (pool->losses_kept == CLFIT_LOSSES_MILESTONES) return 2 * CLFIT_MILESTONE_CAPACITY * sizeof(float);
  return 2 * sizeof(float); /* never written; a buffer cannot be empty */
}

/* Bytes of a network in one of the buffers that have entries. */
static size_t entry_bytes(const struct lm_pool *pool, int buffer)
{
  switch (buffer) {
  case LM_TASK: return sizeof(struct network_task);
  case LM_PROGRESS: return sizeof(struct network_progress);
  case LM_LOSSES: return loss_bytes(pool);
  case LM_VECTORS_BUFFER: return LM_VECTORS(pool->hidden) * sizeof(double);
  default: return LM_NORMAL(pool->hidden) * sizeof(double);
  }
}

/* Bytes of the memory that a work-group works with. */
static size_t scratch_bytes(const struct lm_pool *pool)
{
  return pool->layout == LM_LAYOUT_PACKED ? LM_PACKED_SCRATCH(pool->hidden) * LM_PACKED_LANES * sizeof(double)
                                          : LM_SCRATCH(pool->hidden, LM_TEAM_BLOCK) * sizeof(double);
}

size_t clfit_lm_local_bytes(uint32_t hidden)
{
  return (4 * LM_TILES(hidden) + LM_FACTOR(hidden)) * sizeof(double);
}

/* A GPU's compute unit holds several work-groups at once only if each takes a part of its local memory. */
static enum lm_layout choose_layout(const struct opencl_device *device, const struct mapping *mapping, uint32_t hidden)
{
  cl_ulong local = 0;
  clGetDeviceInfo(device->id, CL_DEVICE_LOCAL_MEM_SIZE, sizeof local, &local, NULL);
  if (strcmp(mapping->name, "team")) return LM_LAYOUT_PACKED;
  return 2 * clfit_lm_local_bytes(hidden) <= local ? LM_LAYOUT_TEAM_LOCAL : LM_LAYOUT_TEAM;
}

/* ---- making -------------------------------------------------------------------------------------------------- */

clfit_status clfit_lm_pool_make(struct opencl_device *device, const struct mapping *mapping,
                                clfit_activation activation, uint32_t hidden, uint32_t losses_kept,
                                struct lm_pool *pool, clfit_error *error)
{
  const enum lm_layout layout = choose_layout(device, mapping, hidden);
  *pool = (struct lm_pool){.activation = activation,
                           .hidden = hidden,
                           .layout = layout,
                           .lanes = layout == LM_LAYOUT_PACKED ? LM_PACKED_LANES : 1,
                           .local_size = layout == LM_LAYOUT_PACKED ? 1 : LM_TEAM_SIZE,
                           .losses_kept = losses_kept};
  cl_program program;
  cl_int code;
  clfit_status status = clfit_program_lm(device, layout, activation, &program, error);
  if (status) return status;
  pool->train = clCreateKernel(program, "train", &code);
  return code ? clfit_fail_cl(error, code, "create a kernel") : CLFIT_OK;
}

void clfit_lm_pool_clear(struct lm_pool *pool)
{
  for (int i = 0; i < LM_BUFFER_COUNT; i++)
    if (pool->buffers[i]) clReleaseMemObject(pool->buffers[i]);
  if (pool->train) clReleaseKernel(pool->train);
  free(pool->free_entries);
  free(pool->progress);
  free(pool->losses);
}

/* ---- growing ------------------------------------------------------------------------------------------------- */

static clfit_status grow_lists(struct lm_pool *pool, uint32_t capacity, clfit_error *error)
{
  uint32_t *free_entries = realloc(pool->free_entries, capacity * sizeof *free_entries);
  if (free_entries) pool->free_entries = free_entries;
  struct network_progress *progress = realloc(pool->progress, capacity * sizeof *progress);
  if (progress) pool->progress = progress;
  const bool every = pool->losses_kept == CLFIT_LOSSES_EVERY;
  float *losses = every ? realloc(pool->losses, capacity * loss_bytes(pool)) : NULL;
  if (losses) pool->losses = losses;
  return free_entries && progress && (losses || !every) ? CLFIT_OK : clfit_fail_memory(error);
}

/* Work-groups of a launch: enough for every compute unit, but no more than have networks to train, because each needs
 * memory of its own. A GPU's compute unit holds several; a CPU's thread goes on with packed until no network is left.
 */
static size_t choose_groups(const struct opencl_device *device, const struct lm_pool *pool, uint32_t capacity)
{
  const size_t busy = (capacity + pool->lanes - 1) / pool->lanes;
  const bool is_gpu = (device->type & CL_DEVICE_TYPE_GPU) != 0;
  const size_t most = (size_t)device->info.compute_units * (is_gpu || pool->layout != LM_LAYOUT_PACKED ? 8 : 1);
  return busy < most ? busy : most;
}

static clfit_status grow_scratch(const struct opencl_device *device, struct lm_pool *pool, uint32_t capacity,
                                 clfit_error *error)
{
  const size_t groups = choose_groups(device, pool, capacity);
  if (groups <= pool->groups) return CLFIT_OK;
  clfit_status status =
      clfit_buffer_grow(device, &pool->buffers[LM_SCRATCH_BUFFER], 0, groups * scratch_bytes(pool), error);
  if (!status) status = clfit_buffer_grow(device, &pool->buffers[LM_NEXT_BUFFER], 0, sizeof(cl_uint), error);
  if (!status) pool->groups = groups;
  return status;
}

/* Initialises the entries beyond the old capacity as free, with status CLFIT_DONE, so that a launch skips them. */
static clfit_status add_entries(struct opencl_device *device, struct lm_pool *pool, uint32_t capacity,
                                clfit_error *error)
{
  const uint32_t old = pool->capacity, added = capacity - old;
  struct lm_mapped mapped;
  clfit_status status = clfit_lm_map(device, pool, CL_MAP_WRITE_INVALIDATE_REGION, old, capacity - 1, &mapped, error);
  if (!status) {
    memset(mapped.task, 0, added * entry_bytes(pool, LM_TASK));
    memset(mapped.vectors, 0, added * entry_bytes(pool, LM_VECTORS_BUFFER));
    for (uint32_t i = 0; i < added; i++) mapped.progress[i] = (struct network_progress){.status = CLFIT_DONE};
  }
  status = clfit_lm_unmap(device, pool, &mapped, status, error);
  if (status) return status;
  for (uint32_t entry = old; entry < capacity; entry++) pool->progress[entry].status = CLFIT_DONE;
  for (uint32_t entry = capacity; entry-- > old;) pool->free_entries[pool->free_count++] = entry;
  pool->capacity = capacity;
  return CLFIT_OK;
}

clfit_status clfit_lm_pool_reserve(struct opencl_device *device, struct lm_pool *pool, uint32_t wanted,
                                   clfit_error *error)
{
  if (wanted <= pool->free_count) return CLFIT_OK;
  /* grown by at least half, and at first to a work-item's lanes, so that many small takes copy each network only a few
   * times */
  const uint32_t needed = pool->capacity - pool->free_count + wanted, enlarged = pool->capacity + pool->capacity / 2;
  const uint32_t least = needed > enlarged ? needed : enlarged, capacity = least > pool->lanes ? least : pool->lanes;
  clfit_status status = grow_lists(pool, capacity, error);
  if (!status) status = grow_scratch(device, pool, capacity, error);
  for (int i = 0; i < LM_SCRATCH_BUFFER && !status; i++) {
    const size_t bytes = entry_bytes(pool, i);
    status = clfit_buffer_grow(device, &pool->buffers[i], pool->capacity * bytes, capacity * bytes, error);
  }
  return status ? status : add_entries(device, pool, capacity, error);
}

void clfit_lm_pool_drop(struct opencl_device *device, struct lm_pool *pool, uint32_t entry)
{
  static const struct network_progress idle = {.status = CLFIT_DONE};
  if (!device->watch->left)
    clEnqueueWriteBuffer(device->queue, pool->buffers[LM_PROGRESS], CL_TRUE, entry * sizeof idle, sizeof idle, &idle, 0,
                         NULL, NULL);
  pool->progress[entry].status = CLFIT_DONE;
  pool->free_entries[pool->free_count++] = entry;
}

/* ---- entries in host memory ---------------------------------------------------------------------------------- */

static void *map_buffer(struct opencl_device *device, struct lm_pool *pool, cl_map_flags flags, int buffer,
                        uint32_t first, uint32_t count, cl_int *code)
{
  const size_t bytes = entry_bytes(pool, buffer);
  if (*code) return NULL;
  void *address = clEnqueueMapBuffer(device->queue, pool->buffers[buffer], CL_TRUE, flags, first * bytes, count * bytes,
                                     0, NULL, NULL, code);
  return *code ? NULL : address;
}

clfit_status clfit_lm_map(struct opencl_device *device, struct lm_pool *pool, cl_map_flags flags, uint32_t first,
                          uint32_t last, struct lm_mapped *mapped, clfit_error *error)
{
  const uint32_t count = last - first + 1;
  cl_int code = CL_SUCCESS;
  mapped->first = first;
  mapped->task = map_buffer(device, pool, flags, LM_TASK, first, count, &code);
  mapped->progress = map_buffer(device, pool, flags, LM_PROGRESS, first, count, &code);
  mapped->vectors = map_buffer(device, pool, flags, LM_VECTORS_BUFFER, first, count, &code);
  return code ? clfit_fail_cl(error, code, "map device memory") : CLFIT_OK;
}

clfit_status clfit_lm_unmap(struct opencl_device *device, struct lm_pool *pool, struct lm_mapped *mapped,
                            clfit_status status, clfit_error *error)
{
  void *const addresses[] = {[LM_TASK] = mapped->task,
                             [LM_PROGRESS] = mapped->progress,
                             [LM_LOSSES] = NULL,
                             [LM_VECTORS_BUFFER] = mapped->vectors};
  cl_int code = CL_SUCCESS;
  for (int i = 0; i <= LM_VECTORS_BUFFER; i++) {
    if (!addresses[i]) continue;
    const cl_int failed = clEnqueueUnmapMemObject(device->queue, pool->buffers[i], addresses[i], 0, NULL, NULL);
    if (failed) code = failed;
  }
  const cl_int finished = clFinish(device->queue);
  if (!code) code = finished;
  return code && !status ? clfit_fail_cl(error, code, "unmap device memory") : status;
}

static double *entry_begin(const struct lm_pool *pool, const struct lm_mapped *mapped, uint32_t entry)
{
  return mapped->vectors + (size_t)(entry - mapped->first) * LM_VECTORS(pool->hidden);
}

static double *scalar_of(const struct lm_pool *pool, double *begin, size_t scalar)
{
  return begin + 3 * LM_PARAMETERS(pool->hidden) + scalar;
}

struct lm_values clfit_lm_entry_values(const struct lm_pool *pool, const struct lm_mapped *mapped, uint32_t entry)
{
  double *begin = entry_begin(pool, mapped, entry);
  const size_t set = LM_PARAMETERS(pool->hidden);
  return (struct lm_values){.value = begin,
                            .base = begin + set,
                            .diagonal = begin + 2 * set,
                            .damping = scalar_of(pool, begin, LM_DAMPING),
                            .projection = scalar_of(pool, begin, LM_PROJECTION),
                            .small = scalar_of(pool, begin, LM_SMALL)};
}

void clfit_lm_forget(const struct lm_pool *pool, const struct lm_mapped *mapped, uint32_t entry)
{
  *scalar_of(pool, entry_begin(pool, mapped, entry), LM_KNOWN) = 0.0;
}
