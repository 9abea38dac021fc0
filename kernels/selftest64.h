/*
 * The self-test of binary64.h, part of every program that computes with it: one work-item applies every operation to
 * LANES64 inputs, and the host compares bits before the device's first training. Value and slope of the program's
 * activation have a kernel of their own, which is all that the host runs of later programs.
 *
 * values: [count], results: [operations][count]; count is a multiple of LANES64, global size count / LANES64.
 */
#ifndef CLFIT_SELFTEST64_H
#define CLFIT_SELFTEST64_H

#include "binary64.h"

#ifdef __OPENCL_VERSION__
#ifndef ACTIVATE64
#define ACTIVATE64 tanh64
#define SLOPE64    slope_tanh64
#endif
#endif

/* fma of each half of the lanes. */
#if defined(__OPENCL_VERSION__) && LANES64 > 1
#define FMA_HALVES64(a, b, c) ((real64)(FMA_HALF64((a).lo, (b).lo, (c).lo), FMA_HALF64((a).hi, (b).hi, (c).hi)))
#else
#define FMA_HALVES64(a, b, c) FMA64(a, b, c)
#endif

/* X(name, expression of a, b and c): the rows of the results. Host and device code are generated from this list. */
#define CLFIT_OPERATIONS64(X)                                                                                          \
  X(add, a + b)                                                                                                        \
  X(subtract, a - b)                                                                                                   \
  X(multiply, (a * b))                                                                                                 \
  X(fma, FMA64(a, b, c))                                                                                               \
  X(fma_negated, FMA64(-a, b, c))                                                                                      \
  X(fma_halves, FMA_HALVES64(a, b, c))                                                                                 \
  X(select, a > b ? a : b)                                                                                             \
  X(divide, DIVIDE64(a, b))                                                                                            \
  X(root, ROOT64(fabs(a)))                                                                                             \
  X(exp, exp64(a))

#ifdef __OPENCL_VERSION__
#if LANES64 == 1
#define LOAD_REAL64(index, pointer)         (pointer)[index]
#define STORE_REAL64(value, index, pointer) (pointer)[index] = (value)
#else
#define LOAD_REAL64(index, pointer)         NAME_OF_VECTOR64(vload, LANES64)(index, pointer)
#define STORE_REAL64(value, index, pointer) NAME_OF_VECTOR64(vstore, LANES64)(value, index, pointer)
#endif

#define STORE_OPERATION64(name, expression) STORE_REAL64(expression, i, results + count * row++);
kernel void selftest64(global const double *values, global double *results, uint count)
{
  const uint i = get_global_id(0);
  const uint rows = count / LANES64;
  const real64 a = LOAD_REAL64(i, values), b = LOAD_REAL64((i + 1) % rows, values),
               c = LOAD_REAL64((i + 2) % rows, values);
  ulong row = 0;
  CLFIT_OPERATIONS64(STORE_OPERATION64)
}

kernel void selftest64_activation(global const double *values, global double *results, uint count)
{
  const uint i = get_global_id(0);
  const real64 a = LOAD_REAL64(i, values);
  ulong row = 0;
  STORE_OPERATION64(activation, ACTIVATE64(a));
  STORE_OPERATION64(slope, SLOPE64(ACTIVATE64(a), a));
}
#undef STORE_OPERATION64
#endif

#endif
