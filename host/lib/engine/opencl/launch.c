/* Launches of the training kernels, and reading the progress and losses that they store. */
#include "arguments.h"
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>
#include <string.h>

/* ---- arguments ----------------------------------------------------------------------------------------------- */

#define ENUMERATE(name, type) ARGUMENT_##name,
enum { CLFIT_TRAIN_ARGUMENTS(ENUMERATE, ENUMERATE, ) ARGUMENT_COUNT };

static clfit_status set_argument(cl_kernel kernel, cl_uint index, size_t size, const void *value, clfit_error *error)
{
  cl_int code = clSetKernelArg(kernel, index, size, value);
  return code ? clfit_fail_cl(error, code, "set a kernel argument") : CLFIT_OK;
}

static clfit_status set_train_arguments(const struct opencl_population *population, const struct pool *pool,
                                        cl_uint steps, clfit_error *error)
{
  const cl_uint losses_kept = population->losses_kept, stride = pool->stride, units = pool->capacity / pool->pack;
  const struct {
    const void *value;
    size_t size;
  } arguments[ARGUMENT_COUNT] = {[ARGUMENT_tasks] = {&pool->buffers[TASK], sizeof(cl_mem)},
                                 [ARGUMENT_progress] = {&pool->buffers[PROGRESS], sizeof(cl_mem)},
                                 [ARGUMENT_x_all] = {&population->x, sizeof(cl_mem)},
                                 [ARGUMENT_y_all] = {&population->y, sizeof(cl_mem)},
                                 [ARGUMENT_losses] = {&pool->buffers[LOSSES], sizeof(cl_mem)},
                                 [ARGUMENT_losses_kept] = {&losses_kept, sizeof losses_kept},
                                 [ARGUMENT_stride] = {&stride, sizeof stride},
                                 [ARGUMENT_steps] = {&steps, sizeof steps},
                                 [ARGUMENT_units] = {&units, sizeof units}};
  clfit_status status = CLFIT_OK;
  for (cl_uint i = 0; i < ARGUMENT_COUNT && !status; i++)
    status = set_argument(pool->train, i, arguments[i].size, arguments[i].value, error);
  for (cl_uint i = FIRST_PLANE; i < pool->buffer_count && !status; i++)
    status = set_argument(pool->train, ARGUMENT_COUNT + i - FIRST_PLANE, sizeof(cl_mem), &pool->buffers[i], error);
  return status;
}

/* ---- launches ------------------------------------------------------------------------------------------------ */

/* Number of work-items (or work-groups of a team) for a pool: smaller than the number of networks or packs if each
 * work-item can train several alternately and there is still work for every compute unit. */
static size_t launch_size(const struct opencl_population *population, const struct pool *pool)
{
  const size_t units = pool->capacity / pool->pack, interleaved = pool->specialisation.interleaved;
  return units < interleaved * population->device->info.compute_units ? units : (units + interleaved - 1) / interleaved;
}

static clfit_status enqueue_train(const struct opencl_population *population, const struct pool *pool,
                                  cl_command_queue queue, cl_uint steps, clfit_error *error)
{
  clfit_status status = set_train_arguments(population, pool, steps, error);
  if (status) return status;
  const size_t shared = pool->specialisation.mapping->local_size;
  const size_t local = pool->work_group_packs * shared;
  const size_t global = launch_size(population, pool) * shared;
  cl_int code = clEnqueueNDRangeKernel(queue, pool->train, 1, NULL, &global, &local, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "launch the training kernel") : CLFIT_OK;
}

clfit_status clfit_opencl_warm_up(struct opencl_population *population, clfit_error *error)
{
  const struct opencl_device *device = population->device;
  clfit_status status = CLFIT_OK;
  bool launched = false;
  for (uint32_t i = 0; i < population->pool_count && !status; i++) {
    struct pool *pool = &population->pools[i];
    if (pool->capacity == pool->warm_capacity) continue;
    status = enqueue_train(population, pool, device->first_queue, 0, error);
    launched = true;
  }
  /* also after a failure: what has been launched must not go on beside what follows on the other queue */
  clfit_status finished = launched ? clfit_watched_finish(device, "warm up", status ? NULL : error) : CLFIT_OK;
  if (!status) status = finished;
  for (uint32_t i = 0; i < population->pool_count && !status; i++)
    population->pools[i].warm_capacity = population->pools[i].capacity;
  return status;
}

static bool has_running(const struct pool *pool)
{
  for (uint32_t entry = 0; entry < pool->capacity; entry++)
    if (pool->progress[entry].status == CLFIT_TRAINING) return true;
  return false;
}

static clfit_status read_pool(const struct opencl_population *population, const struct pool *pool, clfit_error *error)
{
  cl_command_queue queue = population->device->queue;
  cl_int code = clEnqueueReadBuffer(queue, pool->buffers[PROGRESS], CL_TRUE, 0,
                                    pool->capacity * clfit_entry_bytes(population, pool, PROGRESS), pool->progress, 0,
                                    NULL, NULL);
  if (!code && population->losses_kept == CLFIT_LOSSES_EVERY)
    code =
        clEnqueueReadBuffer(queue, pool->buffers[LOSSES], CL_TRUE, 0,
                            pool->capacity * clfit_entry_bytes(population, pool, LOSSES), pool->losses, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "read progress") : CLFIT_OK;
}

clfit_status clfit_opencl_advance(void *self, uint32_t steps, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->pool_count && !status; i++)
    if (has_running(&population->pools[i]))
      status = enqueue_train(population, &population->pools[i], population->device->queue, steps, error);
  cl_int code = clFinish(population->device->queue);
  if (code && !status) status = clfit_fail_cl(error, code, "train");
  for (uint32_t i = 0; i < population->pool_count && !status; i++)
    if (has_running(&population->pools[i])) status = read_pool(population, &population->pools[i], error);
  return status;
}

/* ---- progress and losses ------------------------------------------------------------------------------------- */

const struct network_progress *clfit_opencl_progress(const void *self, uint32_t slot)
{
  const struct opencl_population *population = self;
  const struct location *location = &population->locations[slot];
  return &population->pools[location->pool].progress[location->entry];
}

const float *clfit_opencl_losses(const void *self, uint32_t slot)
{
  const struct opencl_population *population = self;
  const struct location *location = &population->locations[slot];
  const struct pool *pool = &population->pools[location->pool];
  return pool->losses + location->entry * (clfit_entry_bytes(population, pool, LOSSES) / sizeof *pool->losses);
}

clfit_status clfit_opencl_milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  const struct opencl_population *population = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t pool = 0; pool < population->pool_count && !status; pool++) {
    uint32_t first, last;
    if (!clfit_entries_range(population, pool, n, slots, &first, &last)) continue;
    const size_t bytes = clfit_entry_bytes(population, &population->pools[pool], LOSSES), width = bytes / sizeof *pairs;
    float *read = malloc((last - first + 1) * bytes);
    if (!read) return clfit_fail_memory(error);
    cl_int code = clEnqueueReadBuffer(population->device->queue, population->pools[pool].buffers[LOSSES], CL_TRUE,
                                      first * bytes, (last - first + 1) * bytes, read, 0, NULL, NULL);
    if (code) status = clfit_fail_cl(error, code, "read losses");
    for (size_t i = 0; i < n && !status; i++)
      if (population->locations[slots[i]].pool == pool)
        memcpy(pairs + i * 4 * CLFIT_MILESTONE_CAPACITY, read + (population->locations[slots[i]].entry - first) * width,
               bytes);
    free(read);
  }
  return status;
}
