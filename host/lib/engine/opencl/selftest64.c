/* The host's side of kernels/selftest64.h: makes the inputs, computes the expected results and compares bits. */
#include "base/error.h"
#include "base/strict.h"
#include "engine/binary64.h"
#include "engine/opencl/selftest.h"

#include <math.h>
#include <stdlib.h>

/* Zeros, denormals, the smallest and largest normal numbers, infinities, and the arguments at which the functions are
 * clamped or change to the next power of 2. */
static const double edges[] = {0.0,
                               -0.0,
                               0x1p-1074,
                               -0x1p-1074,
                               0x0.fffffffffffffp-1022,
                               0x1p-1022,
                               0x1.0000000000001p-1022,
                               -0x1p-1022,
                               1.0,
                               -1.0,
                               0x1.fffffffffffffp+0,
                               0x1.fffffffffffffp-1,
                               0x1.fffffffffffffp+1023,
                               -0x1.fffffffffffffp+1023,
                               INFINITY,
                               -INFINITY,
                               EXP64_LIMIT,
                               -EXP64_LIMIT,
                               SIGMOID64_LIMIT,
                               -SIGMOID64_LIMIT,
                               TANH64_LIMIT,
                               -TANH64_LIMIT,
                               0x1.62e42fefa39efp-1,
                               0x1.62e42fefa39efp-2,
                               -0x1.62e42fefa39efp-2,
                               0x1.62e42fefa39fp-2};
#define EDGE_COUNT (sizeof edges / sizeof *edges)

static void make_inputs(double *inputs, uint32_t count)
{
  uint64_t pattern = 0x123456789abcdef0u;
  for (uint32_t i = 0; i < count; i++) {
    /* linear congruential generator of Knuth's MMIX; its high bits are random enough here */
    pattern = pattern * 6364136223846793005u + 1442695040888963407u;
    uint64_t chosen = pattern ^ (pattern >> 32);
    /* Two of three inputs are between 2^-15 and 2^17, like the numbers in training, so that sums and fma have results
     * that need rounding. */
    if (i % 3)
      chosen = (chosen & 0x80ffffffffffffffu) | ((chosen >> 56 & 1u) ? 0x3f00000000000000u : 0x4000000000000000u);
    const double value = i < EDGE_COUNT ? edges[i] : REAL64_OF(chosen);
    inputs[i] = isnan(value) ? 1.0 : value;
  }
}

static bool same(double got, double want)
{
  return BITS64_OF(got) == BITS64_OF(want) || (isnan(got) && isnan(want));
}

/* results: of `rows` operations from number `first` on. */
static clfit_status compare(const struct selftest64 *test, size_t first, size_t rows, const double *inputs,
                            const double *results, clfit_error *error)
{
  const struct opencl_device *device = test->device;
  const uint32_t lanes = test->lanes, count = test->count;
  for (size_t row = 0; row < rows; row++) {
    const struct operation64 *operation = clfit_selftest64_operation(test->activation, first + row);
    for (uint32_t i = 0; i < count; i++) {
      const double a = inputs[i], b = inputs[(i + lanes) % count], c = inputs[(i + 2 * lanes) % count];
      const double got = results[row * count + i], want = operation->compute(a, b, c);
      if (same(got, want)) continue;
      return clfit_fail(error, CLFIT_ERROR_INEXACT,
                        "device %s (%s) does not compute the strict arithmetic in double precision: %s on mapping %s "
                        "gives %a, not %a, for a = %a, b = %a, c = %a; choose another device",
                        device->info.id, device->info.name, operation->expression, test->mapping, got, want, a, b, c);
    }
  }
  return CLFIT_OK;
}

static clfit_status run_rows(const struct selftest64 *test, const char *kernel, size_t first, size_t rows,
                             clfit_error *error)
{
  const uint32_t count = test->count;
  double *inputs = malloc((1 + rows) * count * sizeof *inputs);
  if (!inputs) return clfit_fail_memory(error);
  make_inputs(inputs, count);
  bool has;
  const struct selftest_kernel run = {.name = kernel,
                                      .global = count / test->lanes,
                                      .values = inputs,
                                      .values_size = count * sizeof *inputs,
                                      .results = inputs + count,
                                      .results_size = rows * count * sizeof *inputs,
                                      .count = count};
  clfit_status status = clfit_selftest_kernel(test->device, test->program, &run, &has, error);
  if (!status && !has) status = clfit_fail_cl(error, CL_INVALID_KERNEL_NAME, "run the self-test");
  if (!status) status = compare(test, first, rows, inputs, inputs + count, error);
  free(inputs);
  return status;
}

clfit_status clfit_selftest64_run(const struct selftest64 *test, clfit_error *error)
{
  return run_rows(test, "selftest64", 0, OPERATION64_ACTIVATIONS, error);
}

clfit_status clfit_selftest64_run_activation(const struct selftest64 *test, clfit_error *error)
{
  return run_rows(test, "selftest64_activation", OPERATION64_ACTIVATIONS, SELFTEST64_ROWS - OPERATION64_ACTIVATIONS,
                  error);
}
