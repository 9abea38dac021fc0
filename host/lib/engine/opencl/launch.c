/* Launches of the training kernels, and what they leave behind: progress and losses. */
#include "arguments.h"
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>
#include <string.h>

/* ---- arguments ----------------------------------------------------------------------------------------------- */

#define ENUMERATE(name, type) ARGUMENT_##name,
enum { CLFIT_TRAIN_ARGUMENTS(ENUMERATE, ENUMERATE) ARGUMENT_COUNT };

static clfit_status set_argument(cl_kernel kernel, cl_uint index, size_t size, const void *value, clfit_error *error)
{
  cl_int code = clSetKernelArg(kernel, index, size, value);
  return code ? clfit_fail_cl(error, code, "set a kernel argument") : CLFIT_OK;
}

static clfit_status set_train_arguments(const struct opencl_population *population, const struct bank *bank,
                                        cl_uint steps, clfit_error *error)
{
  const cl_uint keep = population->keep, stride = bank->stride, units = bank->capacity / bank->pack;
  const struct {
    const void *value;
    size_t size;
  } arguments[ARGUMENT_COUNT] = {[ARGUMENT_tasks] = {&bank->buffers[TASK], sizeof(cl_mem)},
                                 [ARGUMENT_progress] = {&bank->buffers[PROGRESS], sizeof(cl_mem)},
                                 [ARGUMENT_x_all] = {&population->x, sizeof(cl_mem)},
                                 [ARGUMENT_y_all] = {&population->y, sizeof(cl_mem)},
                                 [ARGUMENT_losses] = {&bank->buffers[LOSSES], sizeof(cl_mem)},
                                 [ARGUMENT_keep] = {&keep, sizeof keep},
                                 [ARGUMENT_stride] = {&stride, sizeof stride},
                                 [ARGUMENT_steps] = {&steps, sizeof steps},
                                 [ARGUMENT_units] = {&units, sizeof units}};
  clfit_status status = CLFIT_OK;
  for (cl_uint i = 0; i < ARGUMENT_COUNT && !status; i++)
    status = set_argument(bank->train, i, arguments[i].size, arguments[i].value, error);
  for (cl_uint i = FIRST_PLANE; i < bank->buffer_count && !status; i++)
    status = set_argument(bank->train, ARGUMENT_COUNT + i - FIRST_PLANE, sizeof(cl_mem), &bank->buffers[i], error);
  return status;
}

/* ---- launches ------------------------------------------------------------------------------------------------ */

/* Number of work-items (or work-groups of a team) for a pool: smaller than the number of networks or packs if each
 * work-item can train several alternately and there is still work for every compute unit. */
static size_t launch_size(const struct opencl_population *population, const struct bank *bank)
{
  const size_t units = bank->capacity / bank->pack, together = bank->made_for.together;
  return units < together * population->device->info.compute_units ? units : (units + together - 1) / together;
}

static clfit_status enqueue_train(const struct opencl_population *population, const struct bank *bank, cl_uint steps,
                                  clfit_error *error)
{
  clfit_status status = set_train_arguments(population, bank, steps, error);
  if (status) return status;
  const size_t shared = bank->made_for.mapping->local_size;
  const size_t local = bank->group * shared;
  const size_t global = launch_size(population, bank) * shared;
  cl_int code = clEnqueueNDRangeKernel(population->device->queue, bank->train, 1, NULL, &global, &local, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "launch the training kernel") : CLFIT_OK;
}

clfit_status clfit_opencl_warm_up(struct opencl_population *population, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->bank_count && !status; i++) {
    struct bank *bank = &population->banks[i];
    if (bank->capacity == bank->warm_capacity) continue;
    status = enqueue_train(population, bank, 0, error);
    if (!status) bank->warm_capacity = bank->capacity;
  }
  cl_int code = clFinish(population->device->queue);
  return code && !status ? clfit_fail_cl(error, code, "warm up") : status;
}

static bool has_running(const struct bank *bank)
{
  for (uint32_t place = 0; place < bank->capacity; place++)
    if (bank->progress[place].status == CLFIT_TRAINING) return true;
  return false;
}

static clfit_status read_bank(const struct opencl_population *population, const struct bank *bank, clfit_error *error)
{
  cl_command_queue queue = population->device->queue;
  cl_int code = clEnqueueReadBuffer(queue, bank->buffers[PROGRESS], CL_TRUE, 0,
                                    bank->capacity * clfit_place_bytes(population, bank, PROGRESS), bank->progress, 0,
                                    NULL, NULL);
  if (!code && population->keep == CLFIT_KEEP_EVERY)
    code =
        clEnqueueReadBuffer(queue, bank->buffers[LOSSES], CL_TRUE, 0,
                            bank->capacity * clfit_place_bytes(population, bank, LOSSES), bank->losses, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "read progress") : CLFIT_OK;
}

clfit_status clfit_opencl_advance(void *self, uint32_t steps, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->bank_count && !status; i++)
    if (has_running(&population->banks[i])) status = enqueue_train(population, &population->banks[i], steps, error);
  cl_int code = clFinish(population->device->queue);
  if (code && !status) status = clfit_fail_cl(error, code, "train");
  for (uint32_t i = 0; i < population->bank_count && !status; i++)
    if (has_running(&population->banks[i])) status = read_bank(population, &population->banks[i], error);
  return status;
}

/* ---- what launches leave behind ------------------------------------------------------------------------------ */

const struct network_progress *clfit_opencl_progress(const void *self, uint32_t slot)
{
  const struct opencl_population *population = self;
  const struct home *home = &population->homes[slot];
  return &population->banks[home->bank].progress[home->place];
}

const float *clfit_opencl_losses(const void *self, uint32_t slot)
{
  const struct opencl_population *population = self;
  const struct home *home = &population->homes[slot];
  const float *all = population->banks[home->bank].losses;
  return all + (size_t)home->place * 2 * CLFIT_EVERY_CAPACITY;
}

clfit_status clfit_opencl_milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  const struct opencl_population *population = self;
  const size_t width = 2 * CLFIT_MILESTONE_CAPACITY, bytes = width * sizeof(float);
  clfit_status status = CLFIT_OK;
  for (uint32_t bank = 0; bank < population->bank_count && !status; bank++) {
    uint32_t first, last;
    if (!clfit_places_range(population, bank, n, slots, &first, &last)) continue;
    float *read = malloc((last - first + 1) * bytes);
    if (!read) return clfit_fail_memory(error);
    cl_int code = clEnqueueReadBuffer(population->device->queue, population->banks[bank].buffers[LOSSES], CL_TRUE,
                                      first * bytes, (last - first + 1) * bytes, read, 0, NULL, NULL);
    if (code) status = clfit_fail_cl(error, code, "read losses");
    for (size_t i = 0; i < n && !status; i++)
      if (population->homes[slots[i]].bank == bank)
        memcpy(pairs + i * width, read + (population->homes[slots[i]].place - first) * width, bytes);
    free(read);
  }
  return status;
}
