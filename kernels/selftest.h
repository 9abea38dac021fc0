/*
 * The self-test of the strict arithmetic, part of every program that trains, so that it is compiled with the same
 * options, compiler and vector width as the training kernel: one work-item applies every operation that training uses
 * to LANES inputs. The host compares bits before the device's first training. Of the activations a program tests its
 * own alone, in a kernel of its own, which is all that the host runs of later programs: each kernel that runs costs a
 * CPU's compiler a second.
 *
 * values: [count], results: [operations][count]; count is a multiple of LANES, global size count / LANES.
 */
#ifndef CLFIT_SELFTEST_H
#define CLFIT_SELFTEST_H

#include "activation.h"
#include "network.h"

#if LANES == 16
#define LOAD_REAL(index, pointer)         vload16(index, pointer)
#define STORE_REAL(value, index, pointer) vstore16(value, index, pointer)
#else
#define LOAD_REAL(index, pointer)         (pointer)[index]
#define STORE_REAL(value, index, pointer) (pointer)[index] = (value)
#endif

#ifdef FAST
/* The activation that this program was built with, for a test that compares its error with the tolerance of fast
 * mode. results: [count]. */
kernel void activations(global const float *values, global float *results)
{
  const uint i = get_global_id(0);
  STORE_REAL(ACTIVATE(LOAD_REAL(i, values)), i, results);
}
#else
#define STORE(value) STORE_REAL(value, i, results + count * row++);
kernel void selftest(global const float *values, global float *results, uint count)
{
  const uint i = get_global_id(0);
  const uint rows = count / LANES;
  const real a = LOAD_REAL(i, values), b = LOAD_REAL((i + 1) % rows, values), c = LOAD_REAL((i + 2) % rows, values);
  uint row = 0;
  STORE(a + b)
  STORE(a - b)
  STORE(a * b)
  STORE(FMA(a, b, c))
  STORE(FMA(-a, b, c))
  STORE(a > b ? a : b)
  STORE(reciprocal(a))
  STORE(square_root(fabs(a)))
  /* what an infinity or NaN gives is the same to those who use it, as long as it is not small */
  const real root = normal_square_root(fabs(a) < NORMAL_ROOT_LEAST ? (real)(0.0f) : fabs(a));
  STORE(root < 0x1p+100f ? root : (real)(0x1p+100f))
}

kernel void selftest_activation(global const float *values, global float *results, uint count)
{
  const uint i = get_global_id(0);
  const real a = LOAD_REAL(i, values);
  uint row = 0;
  STORE(ACTIVATE(a))
  STORE(SLOPE(ACTIVATE(a), a))
}
#undef STORE

#if HARDWARE_RECIPROCAL
#ifndef MANTISSAS /* a test of something else tries fewer */
#define MANTISSAS (1u << 23)
#endif
/* All mantissas, divided among the work-items: wrong[i] is the number of mantissas of work-item i for which the
 * reciprocal from the hardware's approximation differs from integer_reciprocal, plus those for which the square root
 * does, with an even and an odd exponent. One in 64 also with small and large exponents, because nothing says that the
 * hardware's approximation is the same one in all binades. */
kernel void selftest_approximations(global uint *wrong)
{
  uint count = 0;
  for (uint mantissa = get_global_id(0); mantissa < MANTISSAS; mantissa += get_global_size(0)) {
    const real d = REAL_OF(0x3f800000u | mantissa);
    count += BITS_OF(reciprocal(d)) != BITS_OF(integer_reciprocal(d));
    for (uint exponent = 27; exponent <= 227; exponent += 100) {
      if (exponent != 127 && mantissa % 64 != 0) continue;
      for (uint odd = 0; odd < 2; odd++) {
        const real x = REAL_OF((exponent + odd) << 23 | mantissa);
        count += BITS_OF(normal_square_root(x)) != BITS_OF(integer_square_root(x));
      }
    }
  }
  wrong[get_global_id(0)] = count;
}
#endif

#endif

#endif
