/* The host's side of kernels/selftest.h: makes the inputs, computes the expected results and compares bits. */
#include "engine/opencl/selftest.h"
#include "base/error.h"
#include "base/strict.h"
#include "network.h"
#include "numerics.h"

#include <math.h>
#include <stdlib.h>

#define INPUT_COUNT 4096u /* a multiple of every mapping's lanes */

/* One operation of the self-test. The kernel stores its results in one row. */
struct operation {
  const char *name;
  float (*compute)(float a, float b, float c);
  bool normal_only; /* compared only if a and 1/a are normal numbers */
};

static float op_add(float a, float b, float c)
{
  (void)c;
  return a + b;
}

static float op_subtract(float a, float b, float c)
{
  (void)c;
  return a - b;
}

static float op_multiply(float a, float b, float c)
{
  (void)c;
  return a * b;
}

static float op_fma(float a, float b, float c)
{
  return fmaf(a, b, c);
}

static float op_fma_negated(float a, float b, float c)
{
  return fmaf(-a, b, c);
}

static float op_select(float a, float b, float c)
{
  (void)c;
  return a > b ? a : b;
}

static float op_reciprocal(float a, float b, float c)
{
  (void)b, (void)c;
  return reciprocal(a);
}

static float op_square_root(float a, float b, float c)
{
  (void)b, (void)c;
  return sqrtf(fabsf(a));
}

static float op_normal_square_root(float a, float b, float c)
{
  const float root = fabsf(a) < NORMAL_ROOT_LEAST ? 0.0f : sqrtf(fabsf(a));
  (void)b, (void)c;
  return root < 0x1p+100f ? root : 0x1p+100f;
}

#define DEFINE_ACTIVATION(name)                                                                                        \
  static float op_activate_##name(float a, float b, float c)                                                           \
  {                                                                                                                    \
    (void)b, (void)c;                                                                                                  \
    return activate_##name(a);                                                                                         \
  }                                                                                                                    \
  static float op_slope_##name(float a, float b, float c)                                                              \
  {                                                                                                                    \
    (void)b, (void)c;                                                                                                  \
    return slope_##name(activate_##name(a), a);                                                                        \
  }
CLFIT_ACTIVATIONS(DEFINE_ACTIVATION)

/* In the order in which the kernel stores its rows. */
static const struct operation operations[] = {{"a + b", op_add, false},
                                              {"a - b", op_subtract, false},
                                              {"a * b", op_multiply, false},
                                              {"fma(a, b, c)", op_fma, false},
                                              {"fma(-a, b, c)", op_fma_negated, false},
                                              {"a > b ? a : b", op_select, false},
                                              {"1/a", op_reciprocal, true},
                                              {"sqrt(|a|)", op_square_root, false},
                                              {"root of a normal |a|", op_normal_square_root, false}};

/* The program's own activation. */
#define ACTIVATION_ROWS(name) {{#name, op_activate_##name, false}, {"slope of " #name, op_slope_##name, false}},
static const struct operation activations[][2] = {CLFIT_ACTIVATIONS(ACTIVATION_ROWS)};
#define ACTIVATION_ROW_COUNT 2u

/* Inputs that show errors of an arithmetic: zeros, denormals, the smallest and largest normal numbers, infinities, the
 * mantissa that is an exception to Markstein's theorem, then random patterns of all exponents. */
static void make_inputs(float *inputs)
{
  static const uint32_t edges[] = {0x00000000u, 0x80000000u, 0x00000001u, 0x80000001u, 0x007fffffu, 0x00800000u,
                                   0x00800001u, 0x80800000u, 0x3f800000u, 0xbf800000u, 0x3fffffffu, 0x3f7fffffu,
                                   0x7f7fffffu, 0xff7fffffu, 0x7f800000u, 0xff800000u, 0x42800000u, 0xc2800000u,
                                   0x41200000u, 0xc1200000u, 0x20000000u, 0x1fffffffu, 0x0d800000u, 0x0d000000u};
  uint32_t pattern = 0x12345678u;
  for (uint32_t i = 0; i < INPUT_COUNT; i++) {
    /* linear congruential generator from Numerical Recipes; its high bits are random enough here */
    pattern = pattern * 1664525u + 1013904223u;
    bits chosen = i < sizeof edges / sizeof *edges ? edges[i] : pattern ^ (pattern >> 16);
    /* Two of three inputs are between 2^-15 and 2^17, like the numbers in training, so that sums and fma have results
     * that need rounding. */
    if (i >= sizeof edges / sizeof *edges && i % 3)
      chosen = (chosen & 0x87ffffffu) | ((chosen >> 1 & 1u) ? 0x38000000u : 0x40000000u);
    inputs[i] = isnan(REAL_OF(chosen)) ? 1.0f : REAL_OF(chosen);
  }
}

static bool is_meant(const struct operation *operation, float a)
{
  return !operation->normal_only || (fabsf(a) >= 0x1p-125f && fabsf(a) <= 0x1p+125f);
}

static bool same(float got, float want)
{
  return BITS_OF(got) == BITS_OF(want) || (isnan(got) && isnan(want));
}

static clfit_status compare(const struct opencl_device *device, const struct specialisation *specialisation,
                            size_t rows, const struct operation *all, const float *inputs, const float *results,
                            clfit_error *error)
{
  for (size_t row = 0; row < rows; row++)
    for (uint32_t i = 0; i < INPUT_COUNT; i++) {
      const struct operation *operation = &all[row];
      float a = inputs[i], b = inputs[(i + specialisation->lanes) % INPUT_COUNT],
            c = inputs[(i + 2 * specialisation->lanes) % INPUT_COUNT];
      float got = results[row * INPUT_COUNT + i];
      if (!is_meant(operation, a)) continue;
      float want = operation->compute(a, b, c);
      if (same(got, want)) continue;
      const char *hint = fabsf(want) < 0x1p-126f && got == 0.0f ? " (it flushes denormal numbers to zero)" : "";
      return clfit_fail(
          error, CLFIT_ERROR_INEXACT,
          "device %s (%s) does not compute the strict arithmetic: %s on mapping %s gives %a, not %a, for a = %a, "
          "b = %a, c = %a%s; choose another device, or --mode fast, which does not need it",
          device->info.id, device->info.name, operation->name, specialisation->mapping->name, (double)got, (double)want,
          (double)a, (double)b, (double)c, hint);
    }
  return CLFIT_OK;
}

/* ---- running a kernel ------------------------------------------------------------------------------------------ */

static cl_int enqueue(const struct opencl_device *device, cl_kernel kernel, const struct selftest_kernel *run,
                      cl_mem values, cl_mem results)
{
  cl_uint argument = 0;
  cl_int code = CL_SUCCESS;
  if (values) code = clSetKernelArg(kernel, argument++, sizeof values, &values);
  if (!code) code = clSetKernelArg(kernel, argument++, sizeof results, &results);
  if (!code && values) code = clSetKernelArg(kernel, argument, sizeof run->count, &run->count);
  if (!code)
    code = clEnqueueNDRangeKernel(device->first_queue, kernel, 1, NULL, &run->global, run->local ? &run->local : NULL,
                                  0, NULL, NULL);
  return code;
}

static clfit_status read_results(const struct opencl_device *device, const struct selftest_kernel *run, cl_mem results,
                                 clfit_error *error)
{
  clfit_status status = clfit_watched_finish(device, "run the self-test", error);
  if (status) return status;
  cl_int code =
      clEnqueueReadBuffer(device->first_queue, results, CL_TRUE, 0, run->results_size, run->results, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "run the self-test") : CLFIT_OK;
}

clfit_status clfit_selftest_kernel(const struct opencl_device *device, cl_program program,
                                   const struct selftest_kernel *run, bool *has, clfit_error *error)
{
  cl_mem values = NULL, results = NULL;
  cl_int code;
  cl_kernel kernel = clCreateKernel(program, run->name, &code);
  *has = code != CL_INVALID_KERNEL_NAME;
  if (!*has) return CLFIT_OK;
  if (!code && run->values)
    values = clCreateBuffer(device->context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, run->values_size,
                            (void *)run->values, &code);
  if (!code) results = clCreateBuffer(device->context, CL_MEM_WRITE_ONLY, run->results_size, NULL, &code);
  if (!code) code = enqueue(device, kernel, run, values, results);
  clfit_status status =
      code ? clfit_fail_cl(error, code, "run the self-test") : read_results(device, run, results, error);
  if (status == CLFIT_ERROR_INTERRUPTED) return status; /* the call that was left goes on with them */
  if (results) clReleaseMemObject(results);
  if (values) clReleaseMemObject(values);
  if (kernel) clReleaseKernel(kernel);
  return status;
}

/* kernel: stores a row for each of the operations. */
static clfit_status run_operations(struct opencl_device *device, const struct specialisation *specialisation,
                                   cl_program program, const char *kernel, size_t rows, const struct operation *all,
                                   clfit_error *error)
{
  const size_t size = rows * INPUT_COUNT * sizeof(float);
  float inputs[INPUT_COUNT];
  float *outputs = malloc(size);
  bool has;
  if (!outputs) return clfit_fail_memory(error);
  make_inputs(inputs);
  const struct selftest_kernel run = {.name = kernel,
                                      .global = INPUT_COUNT / specialisation->lanes,
                                      .values = inputs,
                                      .values_size = sizeof inputs,
                                      .results = outputs,
                                      .results_size = size,
                                      .count = INPUT_COUNT};
  clfit_status status = clfit_selftest_kernel(device, program, &run, &has, error);
  if (!status && !has) status = clfit_fail_cl(error, CL_INVALID_KERNEL_NAME, "run the self-test");
  if (!status) status = compare(device, specialisation, rows, all, inputs, outputs, error);
  free(outputs);
  return status;
}

/* ---- every mantissa's reciprocal and square root ---------------------------------------------------------------- */

#define APPROXIMATION_ITEMS 8192u

/* Programs that use the hardware's approximations have this kernel. The approximations depend on the device, so all
 * mantissas are checked. */
static clfit_status run_approximations(struct opencl_device *device, cl_program program, clfit_error *error)
{
  cl_uint wrong[APPROXIMATION_ITEMS], sum = 0;
  bool has;
  const struct selftest_kernel run = {
      .name = "selftest_approximations", .global = APPROXIMATION_ITEMS, .results = wrong, .results_size = sizeof wrong};
  clfit_status status = clfit_selftest_kernel(device, program, &run, &has, error);
  for (size_t i = 0; i < APPROXIMATION_ITEMS && !status && has; i++) sum += wrong[i];
  if (status || sum == 0) return status;
  return clfit_fail(error, CLFIT_ERROR_INEXACT,
                    "device %s (%s): %u reciprocals and square roots of 2^23 mantissas are wrong", device->info.id,
                    device->info.name, sum);
}

/* ---- sums across work-items ------------------------------------------------------------------------------------ */

#define TURNS 64u /* sums computed by each team of a work-group; each adds 32 values */

/* What each of the 32 values' work-items must get. */
static float add_partial_sums(const float *values)
{
  float sum[CLFIT_PARTIAL_SUMS];
  for (int i = 0; i < CLFIT_PARTIAL_SUMS; i++) sum[i] = values[i];
  for (int width = CLFIT_PARTIAL_SUMS / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) sum[i] += sum[i + width];
  return sum[0];
}

static clfit_status compare_sums(const struct opencl_device *device, size_t count, const float *values,
                                 const float *sums, clfit_error *error)
{
  for (size_t i = 0; i < count; i++) {
    const float want = add_partial_sums(values + i / CLFIT_PARTIAL_SUMS * CLFIT_PARTIAL_SUMS);
    if (!same(sums[i], want))
      return clfit_fail(error, CLFIT_ERROR_INEXACT,
                        "device %s (%s) is refused for strict training: the sum of 32 work-items on mapping team "
                        "gives %a, not %a",
                        device->info.id, device->info.name, (double)sums[i], (double)want);
  }
  return CLFIT_OK;
}

/* Only the mapping in which work-items add each other's values (team) has this kernel. */
static clfit_status run_sums(struct opencl_device *device, const struct specialisation *specialisation,
                             cl_program program, clfit_error *error)
{
  const struct mapping *mapping = specialisation->mapping;
  const size_t local = mapping->local_size * clfit_mapping_group(mapping, specialisation->batches, device);
  const size_t count = local * TURNS;
  float inputs[INPUT_COUNT];
  bool has;
  float *sums = calloc(2 * count, sizeof *sums);
  if (!sums) return clfit_fail_memory(error);
  float *values = sums + count;
  make_inputs(inputs);
  /* large values are replaced, because one of them, or an infinite sum, would hide errors in all others */
  for (size_t i = 0; i < count; i++) {
    const float value = inputs[i % INPUT_COUNT];
    values[i] = fabsf(value) < 0x1p+20f ? value : 1.0f;
  }
  const struct selftest_kernel run = {.name = "selftest_sums",
                                      .global = local,
                                      .local = local,
                                      .values = values,
                                      .values_size = count * sizeof *values,
                                      .results = sums,
                                      .results_size = count * sizeof *sums,
                                      .count = TURNS};
  clfit_status status = clfit_selftest_kernel(device, program, &run, &has, error);
  if (!status && has) status = compare_sums(device, count, values, sums, error);
  free(sums);
  return status;
}

clfit_status clfit_selftest_run(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program program, clfit_error *error)
{
  if (specialisation->mode == CLFIT_FAST)
    return device->instructions & INSTRUCTION_SHUFFLE ? run_sums(device, specialisation, program, error) : CLFIT_OK;
  clfit_status status = run_operations(device, specialisation, program, "selftest",
                                       sizeof operations / sizeof *operations, operations, error);
  if (!status) status = run_approximations(device, program, error);
  return status ? status : run_sums(device, specialisation, program, error);
}

clfit_status clfit_selftest_run_activation(struct opencl_device *device, const struct specialisation *specialisation,
                                           cl_program program, clfit_error *error)
{
  if (specialisation->mode == CLFIT_FAST) return CLFIT_OK;
  return run_operations(device, specialisation, program, "selftest_activation", ACTIVATION_ROW_COUNT,
                        activations[specialisation->activation], error);
}
