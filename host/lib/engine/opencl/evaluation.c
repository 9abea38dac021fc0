/* Predictions of trained networks, computed on the device from the pools' buffers. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>

/* The input and output of one launch of the evaluation kernel. */
struct evaluation {
  const struct opencl_population *population;
  const struct pool *pool;
  uint32_t count;         /* networks */
  const cl_uint *entries; /* [count], of the pool */
  size_t n_x;
  const float *x; /* [n_x] */
  float *z;       /* [count][n_x] */
};

static cl_int set_arguments(const struct evaluation *evaluation, cl_mem entries, cl_mem x, cl_mem z)
{
  const struct pool *pool = evaluation->pool;
  const cl_uint stride = pool->stride, pack = pool->pack;
  const cl_ulong points = evaluation->n_x;
  cl_uint next = 0;
  cl_int code = clSetKernelArg(pool->evaluate, next++, sizeof(cl_mem), &pool->buffers[TASK]);
  if (!code) code = clSetKernelArg(pool->evaluate, next++, sizeof entries, &entries);
  for (uint32_t plane = 0; plane < PLANE_COUNT && !code; plane++)
    code = clSetKernelArg(pool->evaluate, next++, sizeof(cl_mem), &pool->buffers[clfit_plane_buffer(0, plane)]);
  if (!code) code = clSetKernelArg(pool->evaluate, next++, sizeof x, &x);
  if (!code) code = clSetKernelArg(pool->evaluate, next++, sizeof z, &z);
  if (!code) code = clSetKernelArg(pool->evaluate, next++, sizeof stride, &stride);
  if (!code) code = clSetKernelArg(pool->evaluate, next++, sizeof pack, &pack);
  return code ? code : clSetKernelArg(pool->evaluate, next, sizeof points, &points);
}

static cl_int enqueue(const struct evaluation *evaluation, cl_mem z)
{
  const struct opencl_device *device = evaluation->population->device;
  const struct evaluation_size size = clfit_mapping_evaluation(device->type);
  const size_t taken = (size_t)size.lanes * size.passes;
  const size_t global[] = {(evaluation->n_x + taken - 1) / taken, evaluation->count}, local[] = {1, 1};
  const size_t *chosen = device->compiles_local_sizes ? local : NULL;
  cl_int code =
      clEnqueueNDRangeKernel(device->queue, evaluation->pool->evaluate, 2, NULL, global, chosen, 0, NULL, NULL);
  const size_t bytes = evaluation->n_x * evaluation->count * sizeof *evaluation->z;
  return code ? code : clEnqueueReadBuffer(device->queue, z, CL_TRUE, 0, bytes, evaluation->z, 0, NULL, NULL);
}

static clfit_status run(const struct evaluation *evaluation, clfit_error *error)
{
  const cl_mem_flags input = CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR;
  const size_t count = evaluation->count, n_x = evaluation->n_x;
  cl_context context = evaluation->population->device->context;
  cl_mem entries = NULL, x = NULL, z = NULL;
  cl_int code;
  entries = clCreateBuffer(context, input, count * sizeof *evaluation->entries, (void *)evaluation->entries, &code);
  if (!code) x = clCreateBuffer(context, input, n_x * sizeof *evaluation->x, (void *)evaluation->x, &code);
  if (!code) z = clCreateBuffer(context, CL_MEM_WRITE_ONLY, n_x * count * sizeof *evaluation->z, NULL, &code);
  if (!code) code = set_arguments(evaluation, entries, x, z);
  if (!code) code = enqueue(evaluation, z);
  if (entries) clReleaseMemObject(entries);
  if (x) clReleaseMemObject(x);
  if (z) clReleaseMemObject(z);
  return code ? clfit_fail_cl(error, code, "evaluate") : CLFIT_OK;
}

/* Successive slots whose networks are in the same pool are evaluated by one launch. */
clfit_status clfit_opencl_evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                                   clfit_error *error)
{
  const struct opencl_population *population = self;
  cl_uint *entries = malloc(n * sizeof *entries);
  if (!entries) return clfit_fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t first = 0, i = 0; i < n && !status; first = i) {
    const uint32_t pool = population->locations[slots[first]].pool;
    for (; i < n && population->locations[slots[i]].pool == pool; i++)
      entries[i - first] = population->locations[slots[i]].entry;
    status = run(&(struct evaluation){.population = population,
                                      .pool = &population->pools[pool],
                                      .count = (uint32_t)(i - first),
                                      .entries = entries,
                                      .n_x = n_x,
                                      .x = x,
                                      .z = z + first * n_x},
                 error);
  }
  free(entries);
  return status;
}
