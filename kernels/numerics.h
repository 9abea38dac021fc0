/*
 * The strict arithmetic: the functions that a training step needs beyond + - * and fma, built from these operations.
 * docs/arithmetic.md describes the whole arithmetic.
 *
 * Compiled by every device (OpenCL C) and by the host (C99) from this one text. Functions take and return values: no
 * pointers, no state, so address spaces never matter. Only operations that IEEE 754 defines are used, in binary32,
 * rounding to nearest: + - *, fma, integer operations on bit patterns, comparison and selection. Division and square
 * root are used only where HARDWARE_DIVISION says that the device rounds them correctly; elsewhere sequences of fma
 * give the same, correctly rounded, result. Hence the same bits everywhere. A product is never an operand of a sum
 * except through fma(), because some compilers contract a*b+c even if contraction is switched off.
 *
 * LANES is the number of values in a `real`: 1 (the default: a float) or 16 (a float16). The kernel that includes this
 * file defines it.
 *
 * A clamp is written `z > LO ? z : LO`, so that a NaN becomes LO on every device. No operation depends on the bit
 * pattern of a NaN.
 */
#ifndef CLFIT_NUMERICS_H
#define CLFIT_NUMERICS_H

#ifndef LANES
#define LANES 1
#endif

#ifdef __OPENCL_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#if LANES == 16
typedef float16 real;
typedef uint16 bits;
#define BITS_OF(value)   as_uint16(value)
#define REAL_OF(pattern) as_float16(pattern)
#else
typedef float real;
typedef uint bits;
#define BITS_OF(value)   as_uint(value)
#define REAL_OF(pattern) as_float(pattern)
#endif
#ifndef FMA /* a test defines a wrong FMA, to check that the self-test refuses it */
#define FMA(a, b, c) fma((real)(a), (real)(b), (real)(c))
#endif
#define NUMERIC static inline
#define INLINE  __attribute__((always_inline)) static inline
#else
#include <math.h>
#include <stdint.h>
#include <string.h>
typedef float real;
typedef uint32_t bits;
#define FMA(a, b, c) fmaf(a, b, c)
#ifdef __GNUC__
#define NUMERIC static inline __attribute__((always_inline, unused)) /* so that loops over it become vector code */
#else
#define NUMERIC static inline
#endif
NUMERIC bits BITS_OF(real value)
{
  bits pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return pattern;
}
NUMERIC real REAL_OF(bits pattern)
{
  real value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}
#endif

/*
 * 1/d, correctly rounded, for 2^-126 <= d < 2^125 (proven over all 2^23 mantissas; every operation commutes with
 * scaling by a power of two as long as nothing is denormal, so one binade proves all).
 *
 * The integer subtraction is a linear approximation of 1/d with a relative error of 5 %. A cubic step reduces it to
 * 1.3e-4, a Newton step to one ulp, and the last Newton step rounds correctly by Markstein's theorem, except for
 * mantissa 0x7fffff, where r + r*e lies exactly between two floats. Setting the last bit of the factor r in r*e decides
 * this case correctly and changes no other result (this needs a first constant above 0x7EF33800).
 */
NUMERIC real integer_reciprocal(real d)
{
  real r = REAL_OF(0x7EF386F7u - BITS_OF(d));
  real e = FMA(-d, r, 1.0f);
  r = FMA(FMA(e, e, e), r, r);
  e = FMA(-d, r, 1.0f);
  r = FMA(e, r, r);
  e = FMA(-d, r, 1.0f);
  return FMA(e, REAL_OF(BITS_OF(r) | 1u), r);
}

/*
 * 1/d, correctly rounded, from an approximation of it within one ulp: one Newton step, by Markstein's theorem. The last
 * bit is not set here as in integer_reciprocal, because it would change eleven results of an approximation that is
 * already right. Proven for every such approximation of all 2^23 mantissas, with one exception: for mantissa 0x7fffff
 * there is one approximation, a power of two, that the step does not change; the self-test checks that the device does
 * not return it.
 */
NUMERIC real refine_reciprocal(real d, real approximation)
{
  return FMA(FMA(-d, approximation, 1.0f), approximation, approximation);
}

/*
 * HARDWARE_RECIPROCAL (0, or 1 where a real is one float): approximations of 1/d and 1/sqrt(x) come from NVIDIA's
 * instructions rcp.approx.ftz.f32, whose error is at most one ulp, and rsqrt.approx.ftz.f32 (2^-22.9, relatively). The
 * self-test checks the results for every mantissa on the device. NVIDIA's own correctly rounded rcp.rn.f32 and
 * sqrt.rn.f32 are compiled to the same operations, with branches around them for what is not normal.
 */
#ifndef HARDWARE_RECIPROCAL
#define HARDWARE_RECIPROCAL 0
#endif

#if HARDWARE_RECIPROCAL
#ifndef HARDWARE_APPROXIMATION /* a test defines another approximation, on devices that lack the instruction */
#define HARDWARE_APPROXIMATION(d) hardware_approximation(d)
NUMERIC real hardware_approximation(real d)
{
  real approximation;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(approximation) : "f"(d));
  return approximation;
}
#endif
#ifndef HARDWARE_ROOT_APPROXIMATION /* likewise */
#define HARDWARE_ROOT_APPROXIMATION(x) hardware_root_approximation(x)
NUMERIC real hardware_root_approximation(real x)
{
  real approximation;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(approximation) : "f"(x));
  return approximation;
}
#endif
#endif

/* HARDWARE_DIVISION (0, or 1): the device's own division and square root, where it says that it rounds them
 * correctly. */
#ifndef HARDWARE_DIVISION
#define HARDWARE_DIVISION 0
#endif

NUMERIC real reciprocal(real d)
{
#if HARDWARE_DIVISION
  return (real)(1.0f) / d;
#elif HARDWARE_RECIPROCAL
  return refine_reciprocal(d, HARDWARE_APPROXIMATION(d));
#else
  return integer_reciprocal(d);
#endif
}

/*
 * sqrt(x), correctly rounded, for x = +0 and from 2^-100 on (proven over all 2^23 mantissas of an even and an odd
 * exponent: every operation commutes with scaling x by a power of four as long as its result is normal or exact, and
 * the last residual, which alone may be denormal, is exact from 2^-102 on). Infinite or NaN if x is.
 *
 * The integer subtraction gives an approximation of 1/sqrt(x) with a relative error of 3.5 %. From it follow root,
 * about sqrt(x), and inverse, about 1/(2 sqrt(x)), with the common relative error e = 1/2 - inverse root. A cubic step
 * reduces it to 1e-4, a Newton step to the size of rounding errors. The last step adds the correction for x - root^2
 * and rounds correctly by Markstein's theorem.
 */
NUMERIC real integer_square_root(real x)
{
  real inverse = REAL_OF(0x5F375A86u - (BITS_OF(x) >> 1));
  real root = x * inverse;
  inverse = 0.5f * inverse;
  real e = FMA(-inverse, root, 0.5f);
  e = FMA(1.5f * e, e, e);
  root = FMA(root, e, root);
  inverse = FMA(inverse, e, inverse);
  e = FMA(-inverse, root, 0.5f);
  root = FMA(root, e, root);
  inverse = FMA(inverse, e, inverse);
  return FMA(inverse, FMA(-root, root, x), root);
}

/*
 * The same from an approximation of 1/sqrt(x): one Newton step. Right for all of 2^24 x where the approximation is
 * correctly rounded, wrong for 3 where it is one ulp too small, for 2 where it is one too large, and for 21 where it is
 * two off (only those 2 are within NVIDIA's bound); so the self-test tries all with the device's own. The approximation
 * of 1/sqrt(0) is infinite.
 */
NUMERIC real refine_square_root(real x, real approximation)
{
  const real inverse = approximation < 0x1p+64f ? approximation : (real)(0x1p+64f);
  const real root = x * inverse;
  return FMA(0.5f * inverse, FMA(-root, root, x), root);
}

#ifndef HARDWARE_ROOT /* a test defines a wrong square root, to check that the self-test refuses it */
#define HARDWARE_ROOT(x) sqrt(x)
#endif

/* Where normal_square_root is correctly rounded, beside +0. */
#define NORMAL_ROOT_LEAST 0x1p-100f

NUMERIC real normal_square_root(real x)
{
#if HARDWARE_DIVISION
  return HARDWARE_ROOT(x);
#elif HARDWARE_RECIPROCAL
  return refine_square_root(x, HARDWARE_ROOT_APPROXIMATION(x));
#else
  return integer_square_root(x);
#endif
}

/* sqrt(x), correctly rounded. Returns x itself if x is 0, negative, infinite or NaN. x below 2^-100, which includes
 * denormal numbers, is multiplied by 2^64 first; other x by 1, which is faster than a branch. */
NUMERIC real square_root(real x)
{
#if HARDWARE_DIVISION
  const real root = HARDWARE_ROOT(x);
#else
  const real scale = x < NORMAL_ROOT_LEAST ? (real)(0x1p+64f) : (real)(1.0f);
  const real unscale = x < NORMAL_ROOT_LEAST ? (real)(0x1p-32f) : (real)(1.0f);
  const real root = normal_square_root(x * scale) * unscale;
#endif
  return x > 0.0f && x <= 0x1.fffffep+127f ? root : x;
}

/*
 * An activation is a sequence of stages, most of them a single operation, each of which needs the result of the stage
 * before. A kernel takes several vectors of neurons through one stage before it goes to the next, so that the processor
 * finds independent operations next to each other in the instruction stream.
 *
 * STAGES_NAME(STAGE) lists the stages of an activation. Each is a function that takes the intermediate values (struct
 * intermediate) and returns them changed; activate_NAME(z) applies all of them.
 */
struct intermediate { /* fast.h uses some members for other values */
  real z;             /* the argument */
  real t;             /* the argument of exp */
  real shifted;       /* t / ln 2, its nearest whole number n in the last bits */
  real rest;          /* t - n ln 2, at most 0.3471 in absolute value */
  real square;        /* of the rest */
  real power;         /* 2^n */
  real numerator;     /* of the last quotient, or a factor of the last product */
  real value;         /* the result so far; after the last stage, the activation */
};

#define DEFINE_STAGE(name, statements)                                                                                 \
  NUMERIC struct intermediate name(struct intermediate at)                                                             \
  {                                                                                                                    \
    statements;                                                                                                        \
    return at;                                                                                                         \
  }

/*
 * The list of activations. Host and device code of each is generated from STAGES_NAME, slope_NAME and activate_NAME.
 * slope_NAME(a, z) is the derivative at z, where a = activate_NAME(z). Most are functions of a, because a kernel has a
 * at hand when it updates; one that uses z makes the kernels compute z again. USES_Z_slope_NAME (0 or 1) says which.
 */
#define CLFIT_ACTIVATIONS(X)                                                                                           \
  X(sigmoid) X(tanh) X(relu) X(softsign) X(softplus) X(leakyrelu) X(elu) X(silu) X(gelu) X(sine)

#define USES_Z_slope_sigmoid   0
#define USES_Z_slope_tanh      0
#define USES_Z_slope_relu      0
#define USES_Z_slope_softsign  0
#define USES_Z_slope_softplus  0
#define USES_Z_slope_leakyrelu 0
#define USES_Z_slope_elu       0
#define USES_Z_slope_silu      1
#define USES_Z_slope_gelu      1
#define USES_Z_slope_sine      1

/* Activations that are about z for small z are +0 for |z| up to this, so that no result is denormal. */
#define ZERO_LIMIT         0x1p-100f
#define ZERO_IF_TINY(z, value) ((z) <= ZERO_LIMIT && (z) >= -ZERO_LIMIT ? (real)(0.0f) : (value))

/*
 * ---- exp(t) = 2^n * (1 + value), for |t| <= 64 -----------------------------------------------------------------
 *
 * t / ln 2 + 1.5*2^23 + 127 has n + 127 in its low bits (the 1.5 keeps them positive when n is negative); shifted by 23
 * they are the bit pattern of 2^n. n ln 2 is subtracted from t in two parts; the first part of ln 2 has 16 bits, so
 * that n times it is exact. The polynomial for exp(rest) - 1 is minimax for the relative error (Sollya's fpminimax,
 * coefficients in binary32): 2^-26.1.
 */
#define EXP_SHIFT 0x1.8000fep+23f

DEFINE_STAGE(exp_shift, at.shifted = FMA(at.t, 0x1.715476p+0f, EXP_SHIFT)) /* 1/ln 2 */
DEFINE_STAGE(exp_whole, at.value = at.shifted - EXP_SHIFT)
DEFINE_STAGE(exp_rest_high, at.rest = FMA(at.value, -0x1.62e4p-1f, at.t))
DEFINE_STAGE(exp_rest, at.rest = FMA(at.value, -0x1.7f7d1cp-20f, at.rest))
DEFINE_STAGE(exp_5, at.value = FMA(0x1.6b71d4p-10f, at.rest, 0x1.1227cep-7f))
DEFINE_STAGE(exp_4, at.value = FMA(at.value, at.rest, 0x1.555718p-5f))
DEFINE_STAGE(exp_3, at.value = FMA(at.value, at.rest, 0x1.5554b0p-3f))
DEFINE_STAGE(exp_2, at.value = FMA(at.value, at.rest, 0x1.fffffep-2f))
DEFINE_STAGE(exp_square, at.square = at.rest * at.rest)
DEFINE_STAGE(exp_1, at.value = FMA(at.value, at.square, at.rest))
DEFINE_STAGE(exp_power, at.power = REAL_OF(BITS_OF(at.shifted) << 23))

#define STAGES_EXP(STAGE)                                                                                              \
  STAGE(exp_shift)                                                                                                     \
  STAGE(exp_whole)                                                                                                     \
  STAGE(exp_rest_high)                                                                                                 \
  STAGE(exp_rest)                                                                                                      \
  STAGE(exp_5) STAGE(exp_4) STAGE(exp_3) STAGE(exp_2) STAGE(exp_square) STAGE(exp_1) STAGE(exp_power)

/* ---- sigmoid: 1 / (1 + exp(-z)). Clamped at 64, so that no result is denormal: at least 1.6e-28. --------------- */

#define SIGMOID_LIMIT 64.0f

DEFINE_STAGE(sigmoid_above, at.z = at.z > -SIGMOID_LIMIT ? at.z : (real)(-SIGMOID_LIMIT))
DEFINE_STAGE(sigmoid_below, at.z = at.z < SIGMOID_LIMIT ? at.z : (real)(SIGMOID_LIMIT); at.t = -at.z)
/* 1 + 2^n + 2^n * value: first power + 1, which is exact for |n| <= 23, so that only the rounding of the fma below is
 * left. */
DEFINE_STAGE(sigmoid_sum, at.t = at.power + 1.0f)
DEFINE_STAGE(sigmoid_denominator, at.value = FMA(at.power, at.value, at.t))
DEFINE_STAGE(sigmoid_quotient, at.value = reciprocal(at.value))

/* 1 / (1 + exp(t)), |t| <= 64 */
#define STAGES_LOGISTIC(STAGE)                                                                                         \
  STAGES_EXP(STAGE) STAGE(sigmoid_sum) STAGE(sigmoid_denominator) STAGE(sigmoid_quotient)

#define STAGES_sigmoid(STAGE) STAGE(sigmoid_above) STAGE(sigmoid_below) STAGES_LOGISTIC(STAGE)

NUMERIC real slope_sigmoid(real a, real z)
{
  (void)z;
  return FMA(-a, a, a);
}

/*
 * ---- tanh: (exp(2z) - 1) / (exp(2z) + 1) ------------------------------------------------------------------------
 *
 * Computed for -|z|, where the rounded quotient is still monotone; then the sign is set. The result is odd, +-1 beyond
 * +-10 (the correctly rounded tanh is 1 from 9.02 on), and +0 for |z| <= 2^-100, so that no result is denormal.
 */

#define TANH_LIMIT 10.0f

DEFINE_STAGE(tanh_fold, at.t = at.z > 0.0f ? -at.z : at.z)
DEFINE_STAGE(tanh_clamp, at.t = at.t > -TANH_LIMIT ? at.t : (real)(-TANH_LIMIT))
DEFINE_STAGE(tanh_double, at.t = at.t + at.t)
DEFINE_STAGE(tanh_numerator, at.numerator = FMA(at.power, at.value, at.power - 1.0f))
DEFINE_STAGE(tanh_sign, at.numerator = at.z > 0.0f ? -at.numerator : at.numerator)
DEFINE_STAGE(tanh_zero, at.numerator = ZERO_IF_TINY(at.z, at.numerator))
DEFINE_STAGE(tanh_denominator, at.value = FMA(at.power, at.value, at.power + 1.0f))
DEFINE_STAGE(tanh_reciprocal, at.value = reciprocal(at.value))
DEFINE_STAGE(tanh_quotient, at.value = at.numerator * at.value)

#define STAGES_tanh(STAGE)                                                                                             \
  STAGE(tanh_fold)                                                                                                     \
  STAGE(tanh_clamp)                                                                                                    \
  STAGE(tanh_double)                                                                                                   \
  STAGES_EXP(STAGE)                                                                                                    \
  STAGE(tanh_numerator)                                                                                                \
  STAGE(tanh_sign)                                                                                                     \
  STAGE(tanh_zero)                                                                                                     \
  STAGE(tanh_denominator)                                                                                              \
  STAGE(tanh_reciprocal)                                                                                               \
  STAGE(tanh_quotient)

NUMERIC real slope_tanh(real a, real z)
{
  (void)z;
  return FMA(-a, a, 1.0f);
}

/* ---- relu: max(z, 0), NaN becomes +0 --------------------------------------------------------------------------- */

DEFINE_STAGE(relu_choice, at.value = at.z > 0.0f ? at.z : (real)(0.0f))

#define STAGES_relu(STAGE) STAGE(relu_choice)

NUMERIC real slope_relu(real a, real z)
{
  (void)z;
  return a > 0.0f ? (real)(1.0f) : (real)(0.0f);
}

/*
 * ---- softsign: z / (1 + |z|) -------------------------------------------------------------------------------------
 *
 * |z| is clamped at 2^24, where the value is +-1. The sign is set last, so that the result is odd.
 */
#define SOFTSIGN_LIMIT 0x1p+24f

DEFINE_STAGE(softsign_fold, at.t = at.z > 0.0f ? at.z : -at.z)
DEFINE_STAGE(softsign_clamp, at.t = at.t < SOFTSIGN_LIMIT ? at.t : (real)(SOFTSIGN_LIMIT))
DEFINE_STAGE(softsign_denominator, at.value = at.t + 1.0f)
DEFINE_STAGE(softsign_reciprocal, at.value = reciprocal(at.value))
DEFINE_STAGE(softsign_sign, at.numerator = at.z > 0.0f ? at.t : -at.t)
DEFINE_STAGE(softsign_zero, at.numerator = ZERO_IF_TINY(at.z, at.numerator))
DEFINE_STAGE(softsign_quotient, at.value = at.numerator * at.value)

#define STAGES_softsign(STAGE)                                                                                         \
  STAGE(softsign_fold)                                                                                                 \
  STAGE(softsign_clamp)                                                                                                \
  STAGE(softsign_denominator)                                                                                          \
  STAGE(softsign_reciprocal)                                                                                           \
  STAGE(softsign_sign)                                                                                                 \
  STAGE(softsign_zero)                                                                                                 \
  STAGE(softsign_quotient)

/* 1 / (1 + |z|)^2 */
NUMERIC real slope_softsign(real a, real z)
{
  const real rest = 1.0f - (a > 0.0f ? a : -a);
  (void)z;
  return rest * rest;
}

/*
 * ---- softplus: log(1 + exp(z)) = max(z, 0) + log(1 + u), u = exp(-|z|) --------------------------------------------
 *
 * z is clamped below at -64, so that no result is denormal: at least 1.6e-28. log(1 + u) = u + u^2 Q(u) on [0, 1], with
 * Q minimax for the relative error (Sollya's fpminimax, coefficients in binary32): 2^-27.5.
 */
#define SOFTPLUS_LIMIT 64.0f

DEFINE_STAGE(softplus_above, at.z = at.z > -SOFTPLUS_LIMIT ? at.z : (real)(-SOFTPLUS_LIMIT))
DEFINE_STAGE(softplus_fold, at.t = at.z > 0.0f ? -at.z : at.z)
DEFINE_STAGE(softplus_clamp, at.t = at.t > -SOFTPLUS_LIMIT ? at.t : (real)(-SOFTPLUS_LIMIT))
DEFINE_STAGE(softplus_exp, at.t = FMA(at.power, at.value, at.power))
DEFINE_STAGE(softplus_square, at.square = at.t * at.t)
DEFINE_STAGE(softplus_9, at.value = FMA(-0x1.b22adep-9f, at.t, 0x1.4a9226p-6f))
DEFINE_STAGE(softplus_8, at.value = FMA(at.value, at.t, -0x1.d7efa8p-5f))
DEFINE_STAGE(softplus_7, at.value = FMA(at.value, at.t, 0x1.b53c48p-4f))
DEFINE_STAGE(softplus_6, at.value = FMA(at.value, at.t, -0x1.3a6736p-3f))
DEFINE_STAGE(softplus_5, at.value = FMA(at.value, at.t, 0x1.935568p-3f))
DEFINE_STAGE(softplus_4, at.value = FMA(at.value, at.t, -0x1.ff2556p-3f))
DEFINE_STAGE(softplus_3, at.value = FMA(at.value, at.t, 0x1.554ddap-2f))
DEFINE_STAGE(softplus_2, at.value = FMA(at.value, at.t, -0x1.ffffd2p-2f))
DEFINE_STAGE(softplus_log, at.value = FMA(at.value, at.square, at.t))
DEFINE_STAGE(softplus_larger, at.t = at.z > 0.0f ? at.z : (real)(0.0f))
DEFINE_STAGE(softplus_sum, at.value = at.t + at.value)

#define STAGES_softplus(STAGE)                                                                                         \
  STAGE(softplus_above)                                                                                                \
  STAGE(softplus_fold)                                                                                                 \
  STAGE(softplus_clamp)                                                                                                \
  STAGES_EXP(STAGE)                                                                                                    \
  STAGE(softplus_exp)                                                                                                  \
  STAGE(softplus_square)                                                                                               \
  STAGE(softplus_9)                                                                                                    \
  STAGE(softplus_8)                                                                                                    \
  STAGE(softplus_7)                                                                                                    \
  STAGE(softplus_6)                                                                                                    \
  STAGE(softplus_5)                                                                                                    \
  STAGE(softplus_4)                                                                                                    \
  STAGE(softplus_3)                                                                                                    \
  STAGE(softplus_2)                                                                                                    \
  STAGE(softplus_log)                                                                                                  \
  STAGE(softplus_larger)                                                                                               \
  STAGE(softplus_sum)

/* ---- leakyrelu: z, or 0.01 z for negative z; NaN becomes +0 ----------------------------------------------------- */

#define LEAKYRELU_SLOPE 0.01f

DEFINE_STAGE(leakyrelu_product, at.value = at.z * LEAKYRELU_SLOPE)
DEFINE_STAGE(leakyrelu_zero, at.value = at.z < -ZERO_LIMIT ? at.value : (real)(0.0f))
DEFINE_STAGE(leakyrelu_choice, at.value = at.z > 0.0f ? at.z : at.value)

#define STAGES_leakyrelu(STAGE) STAGE(leakyrelu_product) STAGE(leakyrelu_zero) STAGE(leakyrelu_choice)

NUMERIC real slope_leakyrelu(real a, real z)
{
  (void)z;
  return a > 0.0f ? (real)(1.0f) : (real)(LEAKYRELU_SLOPE);
}

/*
 * ---- elu: z, or exp(z) - 1 for negative z ------------------------------------------------------------------------
 *
 * z is clamped below at -20 (the correctly rounded value is -1 from -17.33 on). For positive z exp's argument is 0.
 */
#define ELU_LIMIT 20.0f

DEFINE_STAGE(elu_above, at.z = at.z > -ELU_LIMIT ? at.z : (real)(-ELU_LIMIT))
DEFINE_STAGE(elu_negative, at.t = at.z < 0.0f ? at.z : (real)(0.0f))
DEFINE_STAGE(elu_difference, at.value = FMA(at.power, at.value, at.power - 1.0f))
DEFINE_STAGE(elu_choice, at.value = at.z > 0.0f ? at.z : at.value)
DEFINE_STAGE(elu_zero, at.value = ZERO_IF_TINY(at.z, at.value))

#define STAGES_elu(STAGE)                                                                                              \
  STAGE(elu_above) STAGE(elu_negative) STAGES_EXP(STAGE) STAGE(elu_difference) STAGE(elu_choice) STAGE(elu_zero)

NUMERIC real slope_elu(real a, real z)
{
  (void)z;
  return a > 0.0f ? (real)(1.0f) : a + 1.0f;
}

/*
 * ---- silu: z sigmoid(z) ------------------------------------------------------------------------------------------
 *
 * z is clamped below at -64; only sigmoid's argument is clamped above, too. At the lower end the value is -1.0e-26.
 */
DEFINE_STAGE(silu_above, at.z = at.z > -SIGMOID_LIMIT ? at.z : (real)(-SIGMOID_LIMIT))
DEFINE_STAGE(silu_factor, at.numerator = ZERO_IF_TINY(at.z, at.z))
DEFINE_STAGE(silu_product, at.value = at.numerator * at.value)

#define STAGES_silu(STAGE)                                                                                             \
  STAGE(silu_above) STAGE(silu_factor) STAGE(sigmoid_below) STAGES_LOGISTIC(STAGE) STAGE(silu_product)

/*
 * ---- gelu: z sigmoid(sqrt(8/pi) (z + 0.044715 z^3)) = z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) ---------------
 *
 * z is clamped below at -8.75; only sigmoid's argument is clamped above, too, which makes it at most 61.8. At the lower
 * end the value is -1.3e-26.
 */
#define GELU_LIMIT 8.75f
#define GELU_1     0x1.988454p+0f /* sqrt(8/pi) */
#define GELU_3     0x1.2444f2p-4f /* 0.044715 sqrt(8/pi) */
#define GELU_3_3   0x1.b6676cp-3f /* 3 times that */

DEFINE_STAGE(gelu_above, at.z = at.z > -GELU_LIMIT ? at.z : (real)(-GELU_LIMIT))
DEFINE_STAGE(gelu_below, at.z = at.z < GELU_LIMIT ? at.z : (real)(GELU_LIMIT))
DEFINE_STAGE(gelu_square, at.square = at.z * at.z)
DEFINE_STAGE(gelu_cubic, at.value = FMA(at.square, GELU_3, GELU_1))
DEFINE_STAGE(gelu_argument, at.t = -at.z * at.value)

#define STAGES_GELU_ARGUMENT(STAGE) STAGE(gelu_below) STAGE(gelu_square) STAGE(gelu_cubic) STAGE(gelu_argument)

#define STAGES_gelu(STAGE)                                                                                             \
  STAGE(gelu_above)                                                                                                    \
  STAGE(silu_factor)                                                                                                   \
  STAGES_GELU_ARGUMENT(STAGE)                                                                                          \
  STAGES_LOGISTIC(STAGE)                                                                                               \
  STAGE(silu_product)

/*
 * ---- sine --------------------------------------------------------------------------------------------------------
 *
 * z = n pi + rest, |rest| <= 1.5713, and sin(z) = (-1)^n sin(rest). z/pi + 1.5*2^23 has n in its low bits; the lowest
 * one becomes the sign. pi is subtracted in three parts of 24 bits (Cody and Waite). The first fma is exact: its result
 * is a multiple of 2^-23 or of z's last place, and below 2. |z| is clamped at 2^13, up to which no float is so close to
 * a multiple of pi that the three parts do not suffice. The odd polynomial of degree 9 is minimax for the relative
 * error (Sollya's fpminimax, coefficients in binary32): 2^-27.2.
 */
#define SINE_LIMIT 0x1p+13f
#define SINE_SHIFT 0x1.8p+23f
#define SINE_INV_PI 0x1.45f306p-2f

DEFINE_STAGE(sine_above, at.z = at.z > -SINE_LIMIT ? at.z : (real)(-SINE_LIMIT))
DEFINE_STAGE(sine_below, at.z = at.z < SINE_LIMIT ? at.z : (real)(SINE_LIMIT))
DEFINE_STAGE(sine_zero, at.z = ZERO_IF_TINY(at.z, at.z))
DEFINE_STAGE(sine_shift, at.shifted = FMA(at.z, SINE_INV_PI, SINE_SHIFT))
DEFINE_STAGE(sine_whole, at.value = at.shifted - SINE_SHIFT)
DEFINE_STAGE(sine_rest_high, at.rest = FMA(at.value, -0x1.921fb6p+1f, at.z))
DEFINE_STAGE(sine_rest_middle, at.rest = FMA(at.value, 0x1.777a5cp-24f, at.rest))
DEFINE_STAGE(sine_rest, at.rest = FMA(at.value, 0x1.ee59dap-49f, at.rest))
DEFINE_STAGE(sine_square, at.square = at.rest * at.rest)
DEFINE_STAGE(sine_7, at.value = FMA(0x1.5dc884p-19f, at.square, -0x1.9f70ecp-13f))
DEFINE_STAGE(sine_5, at.value = FMA(at.value, at.square, 0x1.110edap-7f))
DEFINE_STAGE(sine_3, at.value = FMA(at.value, at.square, -0x1.55554cp-3f))
DEFINE_STAGE(sine_cube, at.square = at.square * at.rest)
DEFINE_STAGE(sine_1, at.value = FMA(at.value, at.square, at.rest))
DEFINE_STAGE(sine_sign, at.value = REAL_OF(BITS_OF(at.value) ^ (BITS_OF(at.shifted) << 31)))

/* sin(z), where value is n and shifted has n in its last bit */
#define STAGES_SINE(STAGE)                                                                                             \
  STAGE(sine_rest_high)                                                                                                \
  STAGE(sine_rest_middle)                                                                                              \
  STAGE(sine_rest)                                                                                                     \
  STAGE(sine_square)                                                                                                   \
  STAGE(sine_7) STAGE(sine_5) STAGE(sine_3) STAGE(sine_cube) STAGE(sine_1) STAGE(sine_sign)

#define STAGES_sine(STAGE)                                                                                             \
  STAGE(sine_above) STAGE(sine_below) STAGE(sine_zero) STAGE(sine_shift) STAGE(sine_whole) STAGES_SINE(STAGE)

/* ---- activate_sigmoid(z) and so on: all stages at once ---------------------------------------------------------- */

#define TAKE_STAGE(stage) at = stage(at);
#define DEFINE_ACTIVATE(name)                                                                                          \
  NUMERIC real activate_##name(real z)                                                                                 \
  {                                                                                                                    \
    struct intermediate at = {.z = z};                                                                                 \
    STAGES_##name(TAKE_STAGE) return at.value;                                                                         \
  }
CLFIT_ACTIVATIONS(DEFINE_ACTIVATE)

/* ---- slopes that apply stages themselves ------------------------------------------------------------------------ */

/* sigmoid(z) = 1 - exp(-a), with the argument of exp clamped at -64 */
NUMERIC real slope_softplus(real a, real z)
{
  struct intermediate at = {.t = -a};
  (void)z;
  TAKE_STAGE(softplus_clamp)
  STAGES_EXP(TAKE_STAGE)
  TAKE_STAGE(elu_difference)
  return -at.value;
}

/* s + factor s (1 - s), s = sigmoid(z). 1 - s would have a large relative error where s is about 1, and factor can be
 * large there; so q = sigmoid(-|z|), the smaller of s and 1 - s, is computed, and 1 - q is the other. */
NUMERIC real slope_of_product(struct intermediate at, real factor)
{
  at.t = at.z > 0.0f ? at.z : -at.z;
  STAGES_LOGISTIC(TAKE_STAGE)
  const real other = 1.0f - at.value;
  return FMA(factor * at.value, other, at.z > 0.0f ? other : at.value);
}

/* s + z s (1 - s), s = sigmoid(z) */
NUMERIC real slope_silu(real a, real z)
{
  struct intermediate at = {.z = z};
  (void)a;
  TAKE_STAGE(silu_above)
  TAKE_STAGE(sigmoid_below)
  return slope_of_product(at, at.z);
}

/* s + z u' s (1 - s), s = sigmoid(u), u = sqrt(8/pi) (z + 0.044715 z^3) */
NUMERIC real slope_gelu(real a, real z)
{
  struct intermediate at = {.z = z};
  (void)a;
  TAKE_STAGE(gelu_above)
  STAGES_GELU_ARGUMENT(TAKE_STAGE)
  const real factor = at.z * FMA(at.square, GELU_3_3, GELU_1);
  at.z = -at.t;
  return slope_of_product(at, factor);
}

/* cos(z) = -(-1)^n sin(z - (n + 1/2) pi) */
NUMERIC real slope_sine(real a, real z)
{
  struct intermediate at = {.z = z};
  (void)a;
  TAKE_STAGE(sine_above)
  TAKE_STAGE(sine_below)
  at.shifted = FMA(at.z, SINE_INV_PI, -0.5f) + SINE_SHIFT;
  at.value = (at.shifted - SINE_SHIFT) + 0.5f;
  STAGES_SINE(TAKE_STAGE)
  return -at.value;
}

#ifdef FAST
#include "fast.h" /* other functions of the same kinds, for --mode fast; nothing above changes */
#endif

#endif
