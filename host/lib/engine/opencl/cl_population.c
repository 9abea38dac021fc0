/* A population on an OpenCL device: its samples, creating and freeing it, and the table of the backend's functions. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>

static clfit_status add_data(void *self, const struct samples_added *added, clfit_error *error)
{
  struct opencl_population *population = self;
  cl_command_queue queue = population->device->queue;
  const size_t total = added->first + added->count;
  const size_t kept = added->first * sizeof(float), bytes = added->count * sizeof(float);
  clfit_status status = CLFIT_OK;
  if (total > population->sample_capacity) {
    /* at least doubled, so that adding many small data sets copies each sample only a few times */
    size_t doubled = 2 * population->sample_capacity;
    size_t capacity = total > doubled ? total : doubled;
    status = clfit_buffer_grow(population->device, &population->x, kept, capacity * sizeof(float), error);
    if (!status) status = clfit_buffer_grow(population->device, &population->y, kept, capacity * sizeof(float), error);
    if (status) return status;
    population->sample_capacity = capacity;
  }
  cl_int code = clEnqueueWriteBuffer(queue, population->x, CL_TRUE, kept, bytes, added->x, 0, NULL, NULL);
  if (!code) code = clEnqueueWriteBuffer(queue, population->y, CL_TRUE, kept, bytes, added->y, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "write samples") : CLFIT_OK;
}

static void free_population(void *self)
{
  struct opencl_population *population = self;
  if (!population || population->device->watch->left) return;
  clFinish(population->device->queue);
  for (uint32_t i = 0; i < population->pool_count; i++) clfit_pool_clear(&population->pools[i]);
  if (population->x) clReleaseMemObject(population->x);
  if (population->y) clReleaseMemObject(population->y);
  free(population->pools);
  free(population->locations);
  free(population);
}

clfit_status clfit_opencl_create(struct opencl_device *device, const char *mapping, clfit_mode mode,
                                 uint32_t losses_kept, void **self, clfit_error *error)
{
  struct opencl_population *population = calloc(1, sizeof *population);
  if (!population) return clfit_fail_memory(error);
  population->device = device;
  population->mapping = mapping ? clfit_mapping_find(mapping) : NULL;
  population->mode = mode;
  population->losses_kept = losses_kept;
  *self = population;
  return CLFIT_OK;
}

const struct backend clfit_opencl_backend = {.add_data = add_data,
                                             .take = clfit_opencl_take,
                                             .advance = clfit_opencl_advance,
                                             .evaluate = clfit_opencl_evaluate,
                                             .give = clfit_opencl_give,
                                             .drop = clfit_opencl_drop,
                                             .progress = clfit_opencl_progress,
                                             .losses = clfit_opencl_losses,
                                             .milestones = clfit_opencl_milestones,
                                             .free = free_population};
