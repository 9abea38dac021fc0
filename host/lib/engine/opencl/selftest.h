/* Shared by selftest.c and selftest64.c: running one kernel of a self-test. */
#ifndef CLFIT_OPENCL_SELFTEST_H
#define CLFIT_OPENCL_SELFTEST_H

#include "engine/opencl/opencl.h"

/* A kernel of the self-test: (values, results, count), or (results) alone. */
struct selftest_kernel {
  const char *name;
  size_t global, local; /* local 0: the driver chooses */
  const void *values;   /* values_size bytes; NULL: the kernel takes none */
  size_t values_size;
  void *results; /* results_size bytes */
  size_t results_size;
  cl_uint count;
};

/* *has: the program has the kernel; results are filled only then. */
clfit_status clfit_selftest_kernel(const struct opencl_device *device, cl_program program,
                                   const struct selftest_kernel *run, bool *has, clfit_error *error);

/*
 * Runs kernels/selftest64.h, which the program must include, on `count` inputs (a multiple of `lanes`, its LANES64; the
 * same inputs in every call) and compares the results with the host's, bit for bit. activation: the program's own, of
 * which it computes value and slope. mapping: what the message calls the program. CLFIT_ERROR_INEXACT names the first
 * operation that differs. clfit_binary64_check says whether the host's results are right.
 */
#define SELFTEST64_COUNT 4096u
clfit_status clfit_selftest64_run(const struct opencl_device *device, cl_program program, clfit_activation activation,
                                  const char *mapping, uint32_t lanes, uint32_t count, clfit_error *error);

#endif
