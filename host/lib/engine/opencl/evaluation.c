/* Answers of trained networks, computed on the device where they lie. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>

/* What one launch of the evaluation kernel works on. */
struct evaluation {
  const struct opencl_population *population;
  const struct bank *bank;
  uint32_t count;        /* networks */
  const cl_uint *places; /* [count], of the bank */
  size_t n_x;
  const float *x; /* [n_x] */
  float *z;       /* [count][n_x] */
};

static cl_int set_arguments(const struct evaluation *evaluation, cl_mem places, cl_mem x, cl_mem z)
{
  const struct bank *bank = evaluation->bank;
  const cl_uint stride = bank->stride, pack = bank->pack;
  const cl_ulong points = evaluation->n_x;
  cl_uint next = 0;
  cl_int code = clSetKernelArg(bank->evaluate, next++, sizeof(cl_mem), &bank->buffers[TASK]);
  if (!code) code = clSetKernelArg(bank->evaluate, next++, sizeof places, &places);
  for (uint32_t plane = 0; plane < PLANE_COUNT && !code; plane++)
    code = clSetKernelArg(bank->evaluate, next++, sizeof(cl_mem), &bank->buffers[clfit_plane_buffer(0, plane)]);
  if (!code) code = clSetKernelArg(bank->evaluate, next++, sizeof x, &x);
  if (!code) code = clSetKernelArg(bank->evaluate, next++, sizeof z, &z);
  if (!code) code = clSetKernelArg(bank->evaluate, next++, sizeof stride, &stride);
  if (!code) code = clSetKernelArg(bank->evaluate, next++, sizeof pack, &pack);
  return code ? code : clSetKernelArg(bank->evaluate, next, sizeof points, &points);
}

static cl_int enqueue(const struct evaluation *evaluation, cl_mem z)
{
  const struct opencl_device *device = evaluation->population->device;
  const struct evaluation_size size = clfit_mapping_evaluation(device->type);
  const size_t taken = (size_t)size.lanes * size.batch;
  const size_t global[] = {(evaluation->n_x + taken - 1) / taken, evaluation->count}, local[] = {1, 1};
  /* On a CPU the local size is fixed, because PoCL compiles a separate kernel for each local size. */
  const size_t *chosen = device->type & CL_DEVICE_TYPE_GPU ? NULL : local;
  cl_int code =
      clEnqueueNDRangeKernel(device->queue, evaluation->bank->evaluate, 2, NULL, global, chosen, 0, NULL, NULL);
  const size_t bytes = evaluation->n_x * evaluation->count * sizeof *evaluation->z;
  return code ? code : clEnqueueReadBuffer(device->queue, z, CL_TRUE, 0, bytes, evaluation->z, 0, NULL, NULL);
}

static clfit_status run(const struct evaluation *evaluation, clfit_error *error)
{
  const cl_mem_flags input = CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR;
  const size_t count = evaluation->count, n_x = evaluation->n_x;
  cl_context context = evaluation->population->device->context;
  cl_mem places = NULL, x = NULL, z = NULL;
  cl_int code;
  places = clCreateBuffer(context, input, count * sizeof *evaluation->places, (void *)evaluation->places, &code);
  if (!code) x = clCreateBuffer(context, input, n_x * sizeof *evaluation->x, (void *)evaluation->x, &code);
  if (!code) z = clCreateBuffer(context, CL_MEM_WRITE_ONLY, n_x * count * sizeof *evaluation->z, NULL, &code);
  if (!code) code = set_arguments(evaluation, places, x, z);
  if (!code) code = enqueue(evaluation, z);
  if (places) clReleaseMemObject(places);
  if (x) clReleaseMemObject(x);
  if (z) clReleaseMemObject(z);
  return code ? clfit_fail_cl(error, code, "evaluate") : CLFIT_OK;
}

/* Successive slots whose networks are in the same pool are evaluated by one launch. */
clfit_status clfit_opencl_evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                                   clfit_error *error)
{
  const struct opencl_population *population = self;
  cl_uint *places = malloc(n * sizeof *places);
  if (!places) return clfit_fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t first = 0, i = 0; i < n && !status; first = i) {
    const uint32_t bank = population->homes[slots[first]].bank;
    for (; i < n && population->homes[slots[i]].bank == bank; i++)
      places[i - first] = population->homes[slots[i]].place;
    status = run(&(struct evaluation){.population = population,
                                      .bank = &population->banks[bank],
                                      .count = (uint32_t)(i - first),
                                      .places = places,
                                      .n_x = n_x,
                                      .x = x,
                                      .z = z + first * n_x},
                 error);
  }
  free(places);
  return status;
}
