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

/* A run of kernels/selftest64.h, which the program must include. */
struct selftest64 {
  const struct opencl_device *device;
  cl_program program;
  clfit_activation activation; /* the program's own */
  const char *mapping;         /* what messages call the program */
  uint32_t lanes, count;       /* its LANES64; number of inputs, a multiple of it */
};

#define SELFTEST64_COUNT 4096u

/*
 * Computes the operations of binary64.h, or value and slope of the program's activation, on the same inputs in every
 * call and compares the results with the host's, bit for bit. CLFIT_ERROR_INEXACT names the first operation that
 * differs. clfit_binary64_check says whether the host's results are right.
 */
clfit_status clfit_selftest64_run(const struct selftest64 *test, clfit_error *error);
clfit_status clfit_selftest64_run_activation(const struct selftest64 *test, clfit_error *error);

#endif
