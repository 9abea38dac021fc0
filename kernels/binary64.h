/*
 * The strict arithmetic in binary64, for trainers that need double precision. docs/arithmetic.md describes it.
 *
 * Like numerics.h, which may be included beside it: one text for the host (C99) and for OpenCL C with cl_khr_fp64;
 * functions of values only; a clamp is `z > LO ? z : LO`, so that a NaN becomes LO; no operation depends on the bits of
 * a NaN; a product is never an operand of a sum except through FMA64. The operations are + - *, fma, integer operations
 * on bit patterns, comparison, selection, division and square root: OpenCL asks for these, and for denormal numbers, as
 * in IEEE 754 wherever there are doubles, and selftest64.h checks them. Division and square root are written DIVIDE64
 * and ROOT64.
 *
 * NAME64(z) and slope_NAME64(a, z), where a = NAME64(z), for every activation of numerics.h.
 *
 * LANES64 is the number of values in a `real64`: 1 (the default: a double), 2, 4, 8 or 16 (OpenCL C only).
 */
#ifndef CLFIT_BINARY64_H
#define CLFIT_BINARY64_H

#ifndef LANES64
#define LANES64 1
#endif

#ifdef __OPENCL_VERSION__
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF
#if LANES64 == 1
typedef double real64;
typedef ulong bits64;
#define BITS64_OF(value)   as_ulong(value)
#define REAL64_OF(pattern) as_double(pattern)
#else
#define PASTE64(name, count)        name##count
#define NAME_OF_VECTOR64(name, count) PASTE64(name, count)
typedef NAME_OF_VECTOR64(double, LANES64) real64;
typedef NAME_OF_VECTOR64(ulong, LANES64) bits64;
#if LANES64 == 8
typedef double4 half64; /* half of the lanes */
#else
typedef double2 half64;
#endif
#define BITS64_OF(value)   NAME_OF_VECTOR64(as_ulong, LANES64)(value)
#define REAL64_OF(pattern) NAME_OF_VECTOR64(as_double, LANES64)(pattern)
#endif
/* A test defines wrong ones, to check that the self-test refuses them. */
#ifndef FMA64
#define FMA64(a, b, c) fma((real64)(a), (real64)(b), (real64)(c))
#endif
#ifndef FMA_HALF64
#define FMA_HALF64(a, b, c) fma((half64)(a), (half64)(b), (half64)(c))
#endif
#ifndef DIVIDE64
#define DIVIDE64(a, b) ((a) / (b))
#endif
#ifndef ROOT64
#define ROOT64(x) sqrt(x)
#endif
#define NUMERIC64 static inline
#else
#include <math.h>
#include <stdint.h>
#include <string.h>
typedef double real64;
typedef uint64_t bits64;
#define FMA64(a, b, c) fma(a, b, c)
#define DIVIDE64(a, b) ((a) / (b))
#define ROOT64(x)      sqrt(x)
#ifdef __GNUC__
#define NUMERIC64 static inline __attribute__((always_inline, unused)) /* so that loops over it become vector code */
#else
#define NUMERIC64 static inline
#endif
NUMERIC64 bits64 BITS64_OF(real64 value)
{
  bits64 pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return pattern;
}
NUMERIC64 real64 REAL64_OF(bits64 pattern)
{
  real64 value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}
#endif

/*
 * ---- powers of 2 ----------------------------------------------------------------------------------------------
 *
 * x + 1.5*2^52 + 1023 has n + 1023 in its low bits, with n the integer nearest to x (the 1.5 keeps them positive when n
 * is negative); shifted by 52 they are the bit pattern of 2^n. ln 2 is subtracted in two parts; the first part has 42
 * bits, so that n times it is exact for |n| <= 2^11. Both parts together have an error of 2^-102.
 */
#define SHIFT64    0x1.80000000003ffp+52
#define LN2_HIGH64 0x1.62e42fefa38p-1
#define LN2_LOW64  0x1.ef35793c7673p-45
#define INV_LN2_64 0x1.71547652b82fep+0

/* 2^n from x + SHIFT64. */
NUMERIC64 real64 power_of_shifted64(real64 shifted)
{
  return REAL64_OF(BITS64_OF(shifted) << 52);
}

/*
 * ---- exp ------------------------------------------------------------------------------------------------------
 *
 * x = n ln 2 + r, |r| <= 0.3466, and exp(x) = 2^n (1 + (exp(r) - 1)). The polynomial r + r^2 Q(r) for exp(r) - 1 is
 * minimax for the error relative to exp(r) with coefficients in binary64 (Sollya's fpminimax): 2^-57.5. Neighbouring
 * terms are taken together first (Estrin), because Horner's rule alone would be a chain of ten fma, each of which
 * waits for the one before.
 */
struct parts_of_exp64 {
  real64 power; /* 2^n */
  real64 value; /* exp(r) - 1 */
};

NUMERIC64 real64 expm1_of_rest64(real64 r)
{
  const real64 square = r * r;
  real64 q = FMA64(0x1.af857843e7cd7p-26, r, 0x1.28afab17a5475p-22);
  q = FMA64(q, square, FMA64(0x1.71dddfd543793p-19, r, 0x1.a019975978956p-16));
  q = FMA64(q, square, FMA64(0x1.a01a01bade4fcp-13, r, 0x1.6c16c18550082p-10));
  q = FMA64(q, square, FMA64(0x1.111111110d644p-7, r, 0x1.5555555550229p-5));
  q = FMA64(q, square, FMA64(0x1.5555555555561p-3, r, 0x1.000000000000bp-1));
  return FMA64(q, square, r);
}

/* exp(x) in two parts, for |x| <= 709. */
NUMERIC64 struct parts_of_exp64 split_exp64(real64 x)
{
  const real64 shifted = FMA64(x, INV_LN2_64, SHIFT64);
  const real64 n = shifted - SHIFT64;
  const real64 r = FMA64(n, -LN2_LOW64, FMA64(n, -LN2_HIGH64, x));
  struct parts_of_exp64 result;
  result.power = power_of_shifted64(shifted);
  result.value = expm1_of_rest64(r);
  return result;
}

/* exp(x). x is clamped to +-708, so that the result is a normal number; NaN gives exp(-708). */
#define EXP64_LIMIT 708.0

NUMERIC64 real64 exp64(real64 x)
{
  x = x > -EXP64_LIMIT ? x : (real64)(-EXP64_LIMIT);
  x = x < EXP64_LIMIT ? x : (real64)(EXP64_LIMIT);
  const struct parts_of_exp64 e = split_exp64(x);
  return FMA64(e.power, e.value, e.power);
}

/*
 * ---- sigmoid: 1 / (1 + exp(-z)) -------------------------------------------------------------------------------
 *
 * z is clamped to +-36: up to there |n| <= 52 and power + 1 is exact, which leaves one rounding in the denominator. The
 * value is at least 2.3e-16 and its slope is nowhere 0. NaN gives the value at -36.
 */
#define SIGMOID64_LIMIT 36.0

NUMERIC64 real64 sigmoid64(real64 z)
{
  z = z > -SIGMOID64_LIMIT ? z : (real64)(-SIGMOID64_LIMIT);
  z = z < SIGMOID64_LIMIT ? z : (real64)(SIGMOID64_LIMIT);
  const struct parts_of_exp64 e = split_exp64(-z);
  return DIVIDE64(1.0, FMA64(e.power, e.value, e.power + 1.0));
}

NUMERIC64 real64 slope_sigmoid64(real64 a, real64 z)
{
  (void)z;
  return FMA64(-a, a, a);
}

/*
 * ---- tanh -----------------------------------------------------------------------------------------------------
 *
 * t = |z| = -n/2 ln 2 - u, with an integer n <= 0, and s = 2^n. By the theorem for sums of arguments, with T = tanh(u),
 *
 *   tanh(t) = ((1 - s) - (1 + s) T) / ((1 + s) - (1 - s) T)
 *
 * Subtracting 1 - s, which is exact, leaves a quotient whose rounding errors count only s-fold (for s = 1 all sums are
 * exact, and the result is -T):
 *
 *   tanh(t) = (1 - s) - s (2 T + m) / (2 - m),  m = (1 - s) (1 + T)
 *
 * n is chosen so that -0.3466 < u <= 0 (up to rounding): positive u would lead to cancellation for n = -1. The offset
 * is the double below ln 2 / 4, so that n = 0 also for the smallest t. T = u + u^3 R(u^2) is minimax for the relative
 * error with coefficients in binary64 (Sollya's fpminimax): 2^-56.7.
 *
 * Odd, and +-1 from +-19.07 on, where the correctly rounded tanh is, too (the slope is then +0). For denormal z the
 * result is z itself. NaN gives -1.
 */
#define TANH64_LIMIT  20.0
#define TANH64_OFFSET 0x1.62e42fefa39eep-3
#define SIGN64        0x8000000000000000u

NUMERIC64 real64 tanh_of_rest64(real64 u)
{
  const real64 w = u * u, square = w * w;
  real64 r = FMA64(0x1.f3e15433c978ep-12, w, -0x1.774b75fa21699p-10);
  r = FMA64(r, square, FMA64(0x1.d67498e5ca0dcp-9, w, -0x1.226c9356a46eep-7));
  r = FMA64(r, square, FMA64(0x1.664f401f21f12p-6, w, -0x1.ba1ba1a2366d6p-5));
  r = FMA64(r, square, FMA64(0x1.111111110096fp-3, w, -0x1.55555555554d9p-2));
  return FMA64(u * w, r, u);
}

NUMERIC64 real64 tanh64(real64 z)
{
  z = z > -TANH64_LIMIT ? z : (real64)(-TANH64_LIMIT);
  z = z < TANH64_LIMIT ? z : (real64)(TANH64_LIMIT);
  const bits64 sign = BITS64_OF(z) & SIGN64;
  const real64 t = REAL64_OF(BITS64_OF(z) ^ sign);
  const real64 shifted = FMA64(t - TANH64_OFFSET, -2.0 * INV_LN2_64, SHIFT64);
  const real64 n = shifted - SHIFT64;
  const real64 u = FMA64(n, -0.5 * LN2_LOW64, FMA64(n, -0.5 * LN2_HIGH64, -t));
  const real64 s = power_of_shifted64(shifted);
  const real64 rest = 1.0 - s;
  const real64 value = tanh_of_rest64(u);
  const real64 m = FMA64(rest, value, rest);
  const real64 quotient = DIVIDE64(FMA64(2.0, value, m), 2.0 - m);
  return REAL64_OF(BITS64_OF(FMA64(-s, quotient, rest)) | sign);
}

NUMERIC64 real64 slope_tanh64(real64 a, real64 z)
{
  (void)z;
  return FMA64(-a, a, 1.0);
}

/* ---- relu: max(z, 0), NaN becomes +0 --------------------------------------------------------------------------- */

NUMERIC64 real64 relu64(real64 z)
{
  return z > 0.0 ? z : (real64)(0.0);
}

NUMERIC64 real64 slope_relu64(real64 a, real64 z)
{
  (void)z;
  return a > 0.0 ? (real64)(1.0) : (real64)(0.0);
}

/* ---- softsign: z / (1 + |z|), NaN becomes -1. |z| is clamped at 2^53, where the value is +-1. -------------------- */

#define SOFTSIGN64_LIMIT 0x1p+53

NUMERIC64 real64 softsign64(real64 z)
{
  z = z > -SOFTSIGN64_LIMIT ? z : (real64)(-SOFTSIGN64_LIMIT);
  z = z < SOFTSIGN64_LIMIT ? z : (real64)(SOFTSIGN64_LIMIT);
  return DIVIDE64(z, 1.0 + (z > 0.0 ? z : -z));
}

NUMERIC64 real64 slope_softsign64(real64 a, real64 z)
{
  const real64 rest = 1.0 - (a > 0.0 ? a : -a);
  (void)z;
  return rest * rest;
}

/*
 * ---- softplus: log(1 + exp(z)) = max(z, 0) + log(1 + u), u = exp(-|z|) ------------------------------------------
 *
 * 1 + u is above sqrt(2) divided by 2: log(1 + u) = log(1 + f) + (0 or ln 2), with f = u or (u - 1)/2, which are exact
 * and in [-0.2929, 0.4143]. With s = f/(2 + f), log(1 + f) = log((1 + s)/(1 - s)) = f - s (f - s^2 R(s^2)), R minimax
 * for the relative error with coefficients in binary64 (Sollya's fpminimax): 2^-51, times s^2 R, which is at most 0.05
 * of the logarithm.
 *
 * z is clamped below at -64. NaN gives the value there, 1.6e-28.
 */
#define SOFTPLUS64_LIMIT 64.0
#define LN2_64           0x1.62e42fefa39efp-1

/* log(1 + u), 0 <= u <= 1 */
NUMERIC64 real64 log1p_of_exp64(real64 u)
{
  const real64 f = u > 0x1.a827999fcef32p-2 ? 0.5 * (u - 1.0) : u; /* sqrt(2) - 1 */
  const real64 added = u > 0x1.a827999fcef32p-2 ? (real64)(LN2_64) : (real64)(0.0);
  const real64 s = DIVIDE64(f, 2.0 + f), w = s * s;
  real64 r = FMA64(0x1.2b5949cfe9c75p-3, w, 0x1.39fe4eb5b695ap-3);
  r = FMA64(r, w, 0x1.7462b50a97c71p-3);
  r = FMA64(r, w, 0x1.c71c62e541c4ep-3);
  r = FMA64(r, w, 0x1.2492492defb07p-2);
  r = FMA64(r, w, 0x1.999999999531cp-2);
  r = FMA64(r, w, 0x1.5555555555558p-1);
  return added + FMA64(-s, FMA64(-w, r, f), f);
}

NUMERIC64 real64 softplus64(real64 z)
{
  z = z > -SOFTPLUS64_LIMIT ? z : (real64)(-SOFTPLUS64_LIMIT);
  real64 t = z > 0.0 ? -z : z;
  t = t > -SOFTPLUS64_LIMIT ? t : (real64)(-SOFTPLUS64_LIMIT);
  const struct parts_of_exp64 e = split_exp64(t);
  return (z > 0.0 ? z : (real64)(0.0)) + log1p_of_exp64(FMA64(e.power, e.value, e.power));
}

/* sigmoid(z) = 1 - exp(-a) */
NUMERIC64 real64 slope_softplus64(real64 a, real64 z)
{
  const struct parts_of_exp64 e = split_exp64(a < SOFTPLUS64_LIMIT ? -a : (real64)(-SOFTPLUS64_LIMIT));
  (void)z;
  return -FMA64(e.power, e.value, e.power - 1.0);
}

/* ---- leakyrelu: z, or 0.01 z for negative z; NaN becomes +0 ------------------------------------------------------ */

#define LEAKYRELU64_SLOPE 0.01

NUMERIC64 real64 leakyrelu64(real64 z)
{
  const real64 product = LEAKYRELU64_SLOPE * z;
  return z > 0.0 ? z : z < 0.0 ? product : (real64)(0.0);
}

NUMERIC64 real64 slope_leakyrelu64(real64 a, real64 z)
{
  (void)z;
  return a > 0.0 ? (real64)(1.0) : (real64)(LEAKYRELU64_SLOPE);
}

/* ---- elu: z, or exp(z) - 1 for negative z. z is clamped below at -40, where the value is -1, as for NaN. --------- */

#define ELU64_LIMIT 40.0

NUMERIC64 real64 elu64(real64 z)
{
  z = z > -ELU64_LIMIT ? z : (real64)(-ELU64_LIMIT);
  const struct parts_of_exp64 e = split_exp64(z < 0.0 ? z : (real64)(0.0));
  const real64 below = FMA64(e.power, e.value, e.power - 1.0);
  return z > 0.0 ? z : below;
}

NUMERIC64 real64 slope_elu64(real64 a, real64 z)
{
  (void)z;
  return a > 0.0 ? (real64)(1.0) : a + 1.0;
}

/*
 * ---- silu and gelu: z sigmoid(t), with t = z or sqrt(8/pi) (z + 0.044715 z^3) -------------------------------------
 *
 * z is clamped below, at -64 or -8.75, so that t is at least -64; NaN gives the value there. Only in sigmoid's argument
 * is z clamped above, too. gelu's t has up to two rounding errors, |t| times as many in the value.
 *
 * The slope is s + z t' s (1 - s), s = sigmoid(t). The smaller one of s and 1 - s is computed, q = sigmoid(-|t|), and
 * 1 - q is the other, because 1 - s would have a large relative error where s is about 1.
 */
#define SILU64_LIMIT 64.0
#define GELU64_LIMIT 8.75
#define GELU64_1     0x1.9884533d43651p+0 /* sqrt(8/pi) */
#define GELU64_3     0x1.2444f2a4d8b4bp-4 /* 0.044715 sqrt(8/pi) */
#define GELU64_3_3   0x1.b6676bf7450fp-3  /* 3 times that */

/* 1 + exp(t), |t| <= 64 */
NUMERIC64 real64 one_and_exp64(real64 t)
{
  const struct parts_of_exp64 e = split_exp64(t);
  return FMA64(e.power, e.value, e.power + 1.0);
}

/* s + factor s (1 - s), s = sigmoid(t), |t| <= 64 */
NUMERIC64 real64 slope_of_product64(real64 factor, real64 t)
{
  const real64 q = DIVIDE64(1.0, one_and_exp64(t > 0.0 ? t : -t)), other = 1.0 - q;
  return FMA64(factor * q, other, t > 0.0 ? other : q);
}

NUMERIC64 real64 silu64(real64 z)
{
  z = z > -SILU64_LIMIT ? z : (real64)(-SILU64_LIMIT);
  return DIVIDE64(z, one_and_exp64(z < SILU64_LIMIT ? -z : (real64)(-SILU64_LIMIT)));
}

NUMERIC64 real64 slope_silu64(real64 a, real64 z)
{
  (void)a;
  z = z > -SILU64_LIMIT ? z : (real64)(-SILU64_LIMIT);
  z = z < SILU64_LIMIT ? z : (real64)(SILU64_LIMIT);
  return slope_of_product64(z, z);
}

NUMERIC64 real64 gelu64(real64 z)
{
  z = z > -GELU64_LIMIT ? z : (real64)(-GELU64_LIMIT);
  const real64 inner = z < GELU64_LIMIT ? z : (real64)(GELU64_LIMIT);
  return DIVIDE64(z, one_and_exp64(-inner * FMA64(inner * inner, GELU64_3, GELU64_1)));
}

NUMERIC64 real64 slope_gelu64(real64 a, real64 z)
{
  (void)a;
  z = z > -GELU64_LIMIT ? z : (real64)(-GELU64_LIMIT);
  z = z < GELU64_LIMIT ? z : (real64)(GELU64_LIMIT);
  const real64 square = z * z;
  return slope_of_product64(z * FMA64(square, GELU64_3_3, GELU64_1), z * FMA64(square, GELU64_3, GELU64_1));
}

/*
 * ---- sine -------------------------------------------------------------------------------------------------------
 *
 * z = h pi + rest, |rest| <= 1.5709, with a whole h: sin(z) = (-1)^h sin(rest); for the slope h is a whole number n and
 * 1/2: cos(z) = -(-1)^n sin(rest). pi is subtracted in three parts of 53 bits (Cody and Waite). The first fma is exact,
 * but for a slope at |z| < 1, where the rest is large and has a rounding error of its own size. |z| is clamped at 2^13;
 * NaN gives sin(-2^13). The odd polynomial of degree 17 is minimax for the relative error with coefficients in binary64
 * (Sollya's fpminimax): 2^-61.5. Terms are taken together as in exp.
 */
#define SINE64_LIMIT  0x1p+13
#define SINE64_SHIFT  0x1.8p+52
#define SINE64_INV_PI 0x1.45f306dc9c883p-2

NUMERIC64 real64 clamp_sine64(real64 z)
{
  z = z > -SINE64_LIMIT ? z : (real64)(-SINE64_LIMIT);
  return z < SINE64_LIMIT ? z : (real64)(SINE64_LIMIT);
}

NUMERIC64 real64 sine_of_rest64(real64 z, real64 h)
{
  const real64 high = FMA64(h, -0x1.921fb54442d18p+1, z);
  const real64 rest = FMA64(h, 0x1.f1976b7ed8fbcp-109, FMA64(h, -0x1.1a62633145c07p-53, high));
  const real64 w = rest * rest, square = w * w;
  real64 r = FMA64(0x1.883b6f79463d5p-49, w, -0x1.ae43d71d48d02p-41);
  r = FMA64(r, square, FMA64(0x1.6123ce3ff79aep-33, w, -0x1.ae6454d92caadp-26));
  r = FMA64(r, square, FMA64(0x1.71de3a52aa6efp-19, w, -0x1.a01a01a014eb1p-13));
  r = FMA64(r, square, FMA64(0x1.11111111110c9p-7, w, -0x1.5555555555555p-3));
  return FMA64(rest * w, r, rest);
}

/* value times (-1)^n, from n + SINE64_SHIFT */
NUMERIC64 real64 sign_sine64(real64 value, real64 shifted)
{
  return REAL64_OF(BITS64_OF(value) ^ (BITS64_OF(shifted) << 63));
}

NUMERIC64 real64 sine64(real64 z)
{
  z = clamp_sine64(z);
  const real64 shifted = FMA64(z, SINE64_INV_PI, SINE64_SHIFT);
  return sign_sine64(sine_of_rest64(z, shifted - SINE64_SHIFT), shifted);
}

NUMERIC64 real64 slope_sine64(real64 a, real64 z)
{
  (void)a;
  z = clamp_sine64(z);
  const real64 shifted = FMA64(z, SINE64_INV_PI, -0.5) + SINE64_SHIFT;
  return -sign_sine64(sine_of_rest64(z, (shifted - SINE64_SHIFT) + 0.5), shifted);
}

#endif
