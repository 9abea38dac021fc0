/*
 * Measures the device's ceiling: runs kernels/ceiling.cl with enough work-items to fill the device. The best number of
 * independent sequences of operations per work-item depends on latencies and on the registers that the compiler
 * assigns, so several are timed and the fastest is taken.
 */
#include "base/error.h"
#include "engine/opencl/opencl.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* Minimum duration of a timed launch. Long enough that the cost of enqueueing (10 us with PoCL) is negligible; short
 * enough that some launches are not interrupted by other processes. */
#define LAUNCH_SECONDS 0.002
#define TURNS          40 /* timed launches of each variant that may be the fastest */
/* After so many launches of each variant, those that reached less than KEPT_FROM of the fastest are timed no more.
 * Repeated measurements of one ceiling differed by a tenth on a machine that other users load, too. */
#define FIRST_TURNS 8
#define KEPT_FROM   0.8
#define ROUNDS_MIN  64u
#define ROUNDS_MAX  (1u << 30)

/* CPU: many small work-groups, so that if one core is delayed by another process, other cores take over some of its
 * work-groups. GPU: the number of work-items that a compute unit of present GPUs can hold. */
#define CPU_ITEMS_PER_UNIT 32
#define GPU_ITEMS_PER_UNIT 2048
#define GPU_LOCAL_SIZE     64

enum { FMA_CEILING, MIX_CEILING, CEILING_COUNT };

/* A way to run one of the two kernels. */
struct variant {
  int ceiling;
  uint32_t chains, block; /* the kernel file's CHAINS and BLOCK; block is 0 for fma_ceiling */
};

/* Two fma units with a latency of 4 cycles need 8 independent sequences; more can hide other delays. The operations of
 * one neuron depend on each other (about 100 cycles on a CPU, whose out-of-order window is a few hundred operations):
 * interleaving several neurons in the program helps until their values no longer fit into registers. On a GPU other
 * threads hide the latency. */
static const struct variant variants[] = {{FMA_CEILING, 8, 0},   {FMA_CEILING, 12, 0}, {FMA_CEILING, 16, 0},
                                          {MIX_CEILING, 1, 1},   {MIX_CEILING, 2, 2},  {MIX_CEILING, 4, 4},
                                          {MIX_CEILING, 8, 4},   {MIX_CEILING, 8, 8},  {MIX_CEILING, 12, 12},
                                          {MIX_CEILING, 16, 16}, {MIX_CEILING, 32, 8}};
#define VARIANT_COUNT (sizeof variants / sizeof *variants)

/* Number of float arguments of the kernels, which stand between `results` and `rounds`. */
#define NUMBERS_MAX 3
static const struct ceiling_kernel {
  const char *name;
  cl_uint number_count;
  float numbers[NUMBERS_MAX];
} ceiling_kernels[CEILING_COUNT] = {[FMA_CEILING] = {"fma_ceiling", 2, {0.75f, 0.25f}},           /* factor, addend */
                                    [MIX_CEILING] = {"mix_ceiling", 3, {0.25f, 1.0f, 0x1p-20f}}}; /* x, x_sum, s */

/* A measurement under way. */
struct measurement {
  struct opencl_device *device;
  struct specialisation specialisation;
  size_t global, local;
  cl_mem results;
  float *read; /* [global * lanes] */
  cl_kernel kernels[VARIANT_COUNT];
  cl_uint rounds[VARIANT_COUNT];    /* of a launch */
  double per_second[VARIANT_COUNT]; /* operations, the most of any launch */
};

static double seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static clfit_status make_kernel(const struct measurement *measurement, const struct variant *variant, cl_kernel *kernel,
                                clfit_error *error)
{
  const struct ceiling_kernel *row = &ceiling_kernels[variant->ceiling];
  cl_program program;
  cl_int code;
  clfit_status status = clfit_program_ceiling(measurement->device, &measurement->specialisation, variant->chains,
                                              variant->block, &program, error);
  if (status) return status;
  cl_kernel made = clCreateKernel(program, row->name, &code);
  if (code) return clfit_fail_cl(error, code, "create a kernel");
  *kernel = made;
  code = clSetKernelArg(made, 0, sizeof measurement->results, &measurement->results);
  for (cl_uint i = 0; i < row->number_count && !code; i++)
    code = clSetKernelArg(made, 1 + i, sizeof row->numbers[i], &row->numbers[i]);
  return code ? clfit_fail_cl(error, code, "set a kernel argument") : CLFIT_OK;
}

/* Allocates the buffers and creates all kernels. */
static clfit_status prepare(struct measurement *measurement, clfit_error *error)
{
  const bool gpu = measurement->device->type & CL_DEVICE_TYPE_GPU;
  const size_t units = measurement->device->info.compute_units;
  cl_int code;
  measurement->local = gpu ? GPU_LOCAL_SIZE : 1;
  measurement->global = units * (gpu ? GPU_ITEMS_PER_UNIT : CPU_ITEMS_PER_UNIT);
  const size_t bytes = measurement->global * measurement->specialisation.lanes * sizeof *measurement->read;
  measurement->read = malloc(bytes);
  if (!measurement->read) return clfit_fail_memory(error);
  measurement->results = clCreateBuffer(measurement->device->context, CL_MEM_WRITE_ONLY, bytes, NULL, &code);
  if (code) return clfit_fail_cl(error, code, "allocate device memory");
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < VARIANT_COUNT && !status; i++)
    status = make_kernel(measurement, &variants[i], &measurement->kernels[i], error);
  return status;
}

/* Launches a variant. *seconds: how long it took. */
static clfit_status launch(const struct measurement *measurement, size_t variant, double *seconds, clfit_error *error)
{
  const struct ceiling_kernel *row = &ceiling_kernels[variants[variant].ceiling];
  const cl_kernel kernel = measurement->kernels[variant];
  const cl_uint *rounds = &measurement->rounds[variant];
  cl_command_queue queue = measurement->device->queue;
  cl_int code = clSetKernelArg(kernel, 1 + row->number_count, sizeof *rounds, rounds);
  double start = seconds_now();
  if (!code)
    code = clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &measurement->global, &measurement->local, 0, NULL, NULL);
  if (!code) code = clFinish(queue);
  *seconds = seconds_now() - start;
  return code ? clfit_fail_cl(error, code, "measure the ceiling") : CLFIT_OK;
}

/* Results that are not finite show that the kernel was compiled wrongly; its speed would mean nothing. */
static clfit_status check_finite(const struct measurement *measurement, clfit_error *error)
{
  const clfit_device_info *info = &measurement->device->info;
  const size_t count = measurement->global * measurement->specialisation.lanes;
  cl_int code = clEnqueueReadBuffer(measurement->device->queue, measurement->results, CL_TRUE, 0,
                                    count * sizeof *measurement->read, measurement->read, 0, NULL, NULL);
  if (code) return clfit_fail_cl(error, code, "read the ceiling's results");
  for (size_t i = 0; i < count; i++)
    if (!isfinite(measurement->read[i]))
      return clfit_fail(error, CLFIT_ERROR_INEXACT, "device %s (%s): a ceiling's result is %g", info->id, info->name,
                        (double)measurement->read[i]);
  return CLFIT_OK;
}

/* Doubles the rounds until a launch is long enough. These first launches also include the compilation that some drivers
 * (PoCL) do at the first launch. */
static clfit_status calibrate(struct measurement *measurement, size_t variant, clfit_error *error)
{
  cl_uint *rounds = &measurement->rounds[variant];
  double seconds = 0.0;
  clfit_status status = CLFIT_OK;
  for (*rounds = ROUNDS_MIN; seconds < LAUNCH_SECONDS && *rounds < ROUNDS_MAX && !status;) {
    *rounds *= 2;
    status = launch(measurement, variant, &seconds, error);
  }
  return status ? status : check_finite(measurement, error);
}

static clfit_status time_variant(struct measurement *measurement, size_t variant, clfit_error *error)
{
  double seconds, *best = &measurement->per_second[variant];
  clfit_status status = launch(measurement, variant, &seconds, error);
  if (status) return status;
  const double chains = (double)measurement->global * measurement->specialisation.lanes * variants[variant].chains;
  *best = fmax(*best, chains * measurement->rounds[variant] / seconds);
  return CLFIT_OK;
}

/* The most operations per second of the variants of a kernel. */
static double fastest(const struct measurement *measurement, int ceiling)
{
  double most = 0.0;
  for (size_t i = 0; i < VARIANT_COUNT; i++)
    if (variants[i].ceiling == ceiling) most = fmax(most, measurement->per_second[i]);
  return most;
}

/* Times the variants alternately, so that a short disturbance by another process does not affect one of them only. */
static clfit_status time_variants(struct measurement *measurement, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  bool kept[VARIANT_COUNT];
  for (size_t i = 0; i < VARIANT_COUNT; i++) kept[i] = true;
  for (int turn = 0; turn < TURNS && !status; turn++) {
    if (turn == FIRST_TURNS)
      for (size_t i = 0; i < VARIANT_COUNT; i++)
        kept[i] = measurement->per_second[i] >= KEPT_FROM * fastest(measurement, variants[i].ceiling);
    for (size_t i = 0; i < VARIANT_COUNT && !status; i++)
      if (kept[i]) status = time_variant(measurement, i, error);
  }
  return status;
}

clfit_status clfit_opencl_ceiling(struct opencl_device *device, clfit_mode mode, clfit_activation activation,
                                  clfit_optimizer optimizer, clfit_ceiling *ceiling, clfit_error *error)
{
  /* packed uses the vector width that suits the device (16 on a CPU, 1 on a GPU), so its operations are the device's
   * fastest; the ceiling holds for the other mappings too. */
  struct measurement measurement = {
      .device = device, .specialisation = clfit_specialise(clfit_mapping_find("packed"), device->type, activation, 1)};
  measurement.specialisation.mode = mode;
  measurement.specialisation.optimizer = optimizer;
  clfit_status status = prepare(&measurement, error);
  for (size_t i = 0; i < VARIANT_COUNT && !status; i++) status = calibrate(&measurement, i, error);
  if (!status) status = time_variants(&measurement, error);
  for (size_t i = 0; i < VARIANT_COUNT; i++)
    if (measurement.kernels[i]) clReleaseKernel(measurement.kernels[i]);
  if (measurement.results) clReleaseMemObject(measurement.results);
  free(measurement.read);
  if (!status)
    *ceiling = (clfit_ceiling){.size = sizeof *ceiling,
                               .fma_per_second = fastest(&measurement, FMA_CEILING),
                               .updates_per_second = fastest(&measurement, MIX_CEILING)};
  return status;
}
