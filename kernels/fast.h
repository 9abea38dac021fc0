/*
 * The arithmetic of --mode fast: the activations of numerics.h in as few operations as their tolerance allows. Part of
 * numerics.h in programs built with -DFAST; the same three steps, so that the kernels are the same text.
 *
 * The tolerance is derived from what is promised, a test MSE within 1 % in the median over the chapter's study. An
 * activation that is off by at most E moves a network's answer, and with it the error e that each step learns from, by
 * at most E * sum |w2|, as if the sample's y were that much off. Samples that are off by h move an rmse by at most h, an
 * MSE by 2 h / rmse: 1 % asks for E <= 0.005 rmse / sum |w2|. In the study (55 networks) that is 8e-6 in the median, and
 * at least 2.1e-6 but for seven networks (256 neurons, rate 0.5) whose weights blew up on the way. So E = 2^-19 = 1.9e-6
 * does even if all errors conspire, which they do not:
 *
 *   sigmoid  2^-19: at most 0.25 * 2.7e-6 from exp's polynomial and 1.1e-6 a from 1/d, beside roundings of 2^-24
 *   tanh     2^-18: 1 - 2 sigmoid(-2z)
 *   relu     exact
 *
 * The order of summation stays the strict one: then wide and packed, which a population chooses between by the crowd, give
 * the same bits on a device, and a sweep can be repeated although nobody says how it shall be cut.
 *
 * The weights are not scaled by exp's 1/ln 2: it would make two sums of two fma, and hide behind a hardware exp; but W1
 * and B1 would be rounded wherever a network is stored and taken up again, at moments that the clock decides, and then no
 * sweep could be repeated.
 *
 * NATIVE: the device has exp2 and 1/d in hardware, good to an ulp or two, and says so by OpenCL's native functions (any
 * GPU). Their infinities and zeros come out right, so nothing is clamped; a NaN goes on to the answer and ends the
 * training as diverged.
 */
#ifndef CLFIT_FAST_H
#define CLFIT_FAST_H

/* ---- 1/d, 1 <= d < 2^94, within 1.1e-6 d^-1 -------------------------------------------------------------------- */

#if LANES == 16 && defined(__AVX512F__) && defined(__has_builtin) && !defined(NO_HARDWARE_SEED) /* a test says that */
#if __has_builtin(__builtin_ia32_rcp14ps512_mask)
#define ROUGH_SEED(d) __builtin_ia32_rcp14ps512_mask(d, d, (ushort)0xffff) /* within 2^-14 */
#endif
#endif

NUMERIC real reciprocal_fast(real d)
{
#if defined(NATIVE)
  return native_recip(d);
#elif defined(ROUGH_SEED)
  real r = ROUGH_SEED(d);
  return FMA(FMA(-d, r, 1.0f), r, r);
#else
  /* A linear seed good to 5 % and two Newton steps, each with the constant beside 2 that halves the largest error: found
   * by search over all mantissas, 1.3e-3 and 1.05e-6. */
  real r = REAL_OF(0x7EF33400u - BITS_OF(d));
  r = r * FMA(-d, r, 0x1.0029fp+1f);
  return r * FMA(-d, r, 0x1.000006p+1f);
#endif
}

/* ---- exp2(scale * z), for |scale * z| <= 93 -------------------------------------------------------------------- */

/*
 * scale * z + 1.5*2^23 has the nearest whole number n in its last bits, which go onto the exponent of 2^rest. The
 * polynomial is minimax for the relative error on [-0.5, 0.5] (Remez' exchange, coefficients in binary32): 2.64e-6.
 */
#define EXP2_SHIFT 0x1.8p+23f

NUMERIC struct reduced reduce_exp2(real z, float scale)
{
#ifdef NATIVE
  struct reduced reduced = {native_exp2(z * scale), z, z};
#else
  real shifted = FMA(z, scale, EXP2_SHIFT);
  struct reduced reduced = {FMA(z, scale, -(shifted - EXP2_SHIFT)), shifted, z};
#endif
  return reduced;
}

NUMERIC real exp2_reduced(struct reduced reduced)
{
#ifdef NATIVE
  return reduced.rest;
#else
  real p = FMA(0x1.3997d6p-7f, reduced.rest, 0x1.ca144p-5f);
  p = FMA(p, reduced.rest, 0x1.ec06dap-3f);
  p = FMA(p, reduced.rest, 0x1.62e0dcp-1f);
  p = FMA(p, reduced.rest, 0x1.ffffe8p-1f);
  return REAL_OF(BITS_OF(p) + (BITS_OF(reduced.power) << 23));
#endif
}

NUMERIC real clamp_fast(real z, float limit)
{
#ifndef NATIVE
  z = z > -limit ? z : (real)(-limit);
  z = z < limit ? z : (real)(limit);
#endif
  return z;
}

/* ---- the activations; denominators are 1 + exp, numerators are relu's ------------------------------------------- */

#define LOG2_E 0x1.715476p+0f

NUMERIC struct reduced reduce_fast_sigmoid(real z)
{
  return reduce_exp2(clamp_fast(z, 64.0f), -LOG2_E);
}

NUMERIC struct ratio ratio_fast_sigmoid(struct reduced reduced)
{
  struct ratio ratio = {(real)(1.0f), exp2_reduced(reduced) + 1.0f};
  return ratio;
}

NUMERIC real quotient_fast_sigmoid(struct ratio ratio)
{
  return reciprocal_fast(ratio.denominator);
}

NUMERIC struct reduced reduce_fast_tanh(real z)
{
  return reduce_exp2(clamp_fast(z, 32.0f), 2.0f * LOG2_E);
}

NUMERIC struct ratio ratio_fast_tanh(struct reduced reduced)
{
  return ratio_fast_sigmoid(reduced);
}

NUMERIC real quotient_fast_tanh(struct ratio ratio)
{
  return FMA(-2.0f, reciprocal_fast(ratio.denominator), 1.0f);
}

NUMERIC struct reduced reduce_fast_relu(real z)
{
  return reduce_relu(z);
}

NUMERIC struct ratio ratio_fast_relu(struct reduced reduced)
{
  return ratio_relu(reduced);
}

NUMERIC real quotient_fast_relu(struct ratio ratio)
{
  return ratio.numerator;
}

/* activate_fast_sigmoid(z), activate_fast_tanh(z), activate_fast_relu(z) */
#define DEFINE_ACTIVATE_FAST(name)                                                                                     \
  NUMERIC real activate_fast_##name(real z)                                                                            \
  {                                                                                                                    \
    return quotient_fast_##name(ratio_fast_##name(reduce_fast_##name(z)));                                             \
  }
CLFIT_ACTIVATIONS(DEFINE_ACTIVATE_FAST)
#undef DEFINE_ACTIVATE_FAST

#endif
