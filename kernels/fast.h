/*
 * The arithmetic of --mode fast: the activations of numerics.h in as few operations as their tolerance allows. Part of
 * numerics.h in programs built with -DFAST; activations are sequences of stages as there, so that the kernels need no
 * other code for them.
 *
 * The tolerance is derived from what is promised, a test MSE within 1 % in the median over the chapter's study. An
 * error of at most E in an activation changes the prediction, and so the error e of each step, by at most E * sum |w2|,
 * as an error of that size in the sample's y would. An error of at most h in every y changes the rmse by at most h, and
 * the MSE by the fraction 2 h / rmse. To stay within 1 %, E must be at most 0.005 rmse / sum |w2|. In the study (55
 * networks) this bound is 8e-6 in the median and at least 2.1e-6, except for seven networks (256 neurons or rate 0.5)
 * whose weights became very large during training. So E = 2^-19 = 1.9e-6 is small enough even if all errors had the
 * same sign:
 *
 *   sigmoid  2^-19: at most 0.25 * 2.7e-6 from exp's polynomial and 1.1e-6 a from 1/d, beside roundings of 2^-24
 *   tanh     2^-18: 1 - 2 sigmoid(-2z)
 *   relu     exact
 *   others   as in the strict arithmetic, except that the device may contract; slopes that apply stages, too
 *
 * The order of summation is the strict one. So wide and packed, between which a population chooses by the number of
 * networks that are taken together, give the same bits on one device, and a sweep gives the same results again however
 * its networks are grouped.
 *
 * W1 and B1 are not stored multiplied by 1/ln 2, although that would turn two fma of exp into additions: they would be
 * rounded each time a network is copied to the host and back. When that happens depends on timing, so results could not
 * be repeated.
 *
 * NATIVE_FUNCTIONS (any GPU): the device computes OpenCL's native_exp2 and native_recip in hardware, to within an ulp
 * or two. They map infinite arguments to the right limits, so the argument is not clamped; a NaN argument makes the
 * prediction NaN, which ends the training as diverged.
 */
#ifndef CLFIT_FAST_H
#define CLFIT_FAST_H

/* NO_HARDWARE_APPROXIMATION: set by a test that needs the other variant */
#if LANES == 16 && defined(__AVX512F__) && defined(__has_builtin) && !defined(NO_HARDWARE_APPROXIMATION)
#if __has_builtin(__builtin_ia32_rcp14ps512_mask)
#define ROUGH_APPROXIMATION(d) __builtin_ia32_rcp14ps512_mask(d, d, (ushort)0xffff) /* within 2^-14 */
#endif
#endif

/* ---- 1/value, 1 <= value < 2^94, relative error at most 1.1e-6. The first approximation is in `rest`. ---------- */

#if defined(NATIVE_FUNCTIONS)

DEFINE_STAGE(fast_reciprocal, at.value = native_recip(at.value))
#define STAGES_FAST_RECIPROCAL(STAGE) STAGE(fast_reciprocal)

#elif defined(ROUGH_APPROXIMATION)

DEFINE_STAGE(fast_approximation, at.rest = ROUGH_APPROXIMATION(at.value))
DEFINE_STAGE(fast_error, at.value = FMA(-at.value, at.rest, 1.0f))
DEFINE_STAGE(fast_reciprocal, at.value = FMA(at.value, at.rest, at.rest))
#define STAGES_FAST_RECIPROCAL(STAGE) STAGE(fast_approximation) STAGE(fast_error) STAGE(fast_reciprocal)

#else

/* A linear approximation with a relative error of 5 % and two Newton steps r = r * (c - d r). c is slightly larger than
 * 2, which makes the largest error half as large; the constants were found by search over all mantissas. Errors after
 * the steps: 1.3e-3 and 1.05e-6. */
DEFINE_STAGE(fast_approximation, at.rest = REAL_OF(0x7EF33400u - BITS_OF(at.value)))
DEFINE_STAGE(fast_first_error, at.square = FMA(-at.value, at.rest, 0x1.0029fp+1f))
DEFINE_STAGE(fast_first, at.rest = at.rest * at.square)
DEFINE_STAGE(fast_error, at.square = FMA(-at.value, at.rest, 0x1.000006p+1f))
DEFINE_STAGE(fast_reciprocal, at.value = at.rest * at.square)
#define STAGES_FAST_RECIPROCAL(STAGE)                                                                                  \
  STAGE(fast_approximation) STAGE(fast_first_error) STAGE(fast_first) STAGE(fast_error) STAGE(fast_reciprocal)

#endif

/*
 * ---- exp2(scale * z), for |scale * z| <= 93 ---------------------------------------------------------------------
 *
 * scale * z + 1.5*2^23 has the integer n nearest to scale * z in its low bits. Shifted by 23, they are added to the
 * exponent of 2^rest. The polynomial is minimax for the relative error on [-0.5, 0.5] (Remez' exchange, coefficients in
 * binary32): 2.64e-6.
 */
#define EXP2_SHIFT 0x1.8p+23f
#define LOG2_E     0x1.715476p+0f

#ifdef NATIVE_FUNCTIONS

#define DEFINE_SCALE(name, scale) DEFINE_STAGE(name##_exp, at.value = native_exp2(at.z * (scale)))
#define STAGES_EXP2(STAGE, name)  STAGE(name##_exp)

#else

#define DEFINE_SCALE(name, scale)                                                                                      \
  DEFINE_STAGE(name##_shift, at.shifted = FMA(at.z, scale, EXP2_SHIFT))                                                \
  DEFINE_STAGE(name##_rest, at.rest = FMA(at.z, scale, -at.value))
DEFINE_STAGE(exp2_whole, at.value = at.shifted - EXP2_SHIFT)
DEFINE_STAGE(exp2_4, at.value = FMA(0x1.3997d6p-7f, at.rest, 0x1.ca144p-5f))
DEFINE_STAGE(exp2_3, at.value = FMA(at.value, at.rest, 0x1.ec06dap-3f))
DEFINE_STAGE(exp2_2, at.value = FMA(at.value, at.rest, 0x1.62e0dcp-1f))
DEFINE_STAGE(exp2_1, at.value = FMA(at.value, at.rest, 0x1.ffffe8p-1f))
DEFINE_STAGE(exp2_power, at.value = REAL_OF(BITS_OF(at.value) + (BITS_OF(at.shifted) << 23)))
#define STAGES_EXP2(STAGE, name)                                                                                       \
  STAGE(name##_shift)                                                                                                  \
  STAGE(exp2_whole)                                                                                                    \
  STAGE(name##_rest)                                                                                                   \
  STAGE(exp2_4) STAGE(exp2_3) STAGE(exp2_2) STAGE(exp2_1) STAGE(exp2_power)

#endif

/* ---- the activations ------------------------------------------------------------------------------------------- */

#ifdef NATIVE_FUNCTIONS
#define DEFINE_CLAMP(name, limit)
#define STAGES_CLAMP(STAGE, name)
#else
#define DEFINE_CLAMP(name, limit)                                                                                      \
  DEFINE_STAGE(name##_above, at.z = at.z > -(limit) ? at.z : (real)(-(limit)))                                         \
  DEFINE_STAGE(name##_below, at.z = at.z < (limit) ? at.z : (real)(limit))
#define STAGES_CLAMP(STAGE, name) STAGE(name##_above) STAGE(name##_below)
#endif

DEFINE_STAGE(fast_denominator, at.value = at.value + 1.0f)

DEFINE_CLAMP(fast_sigmoid, 64.0f)
DEFINE_SCALE(fast_sigmoid, -LOG2_E)

#define STAGES_fast_sigmoid(STAGE)                                                                                     \
  STAGES_CLAMP(STAGE, fast_sigmoid)                                                                                    \
  STAGES_EXP2(STAGE, fast_sigmoid)                                                                                     \
  STAGE(fast_denominator)                                                                                              \
  STAGES_FAST_RECIPROCAL(STAGE)

DEFINE_CLAMP(fast_tanh, 32.0f)
DEFINE_SCALE(fast_tanh, 2.0f * LOG2_E)
DEFINE_STAGE(fast_tanh_value, at.value = FMA(-2.0f, at.value, 1.0f))

#define STAGES_fast_tanh(STAGE)                                                                                        \
  STAGES_CLAMP(STAGE, fast_tanh)                                                                                       \
  STAGES_EXP2(STAGE, fast_tanh)                                                                                        \
  STAGE(fast_denominator)                                                                                              \
  STAGES_FAST_RECIPROCAL(STAGE)                                                                                        \
  STAGE(fast_tanh_value)

#define STAGES_fast_relu(STAGE)      STAGES_relu(STAGE)
#define STAGES_fast_softsign(STAGE)  STAGES_softsign(STAGE)
#define STAGES_fast_softplus(STAGE)  STAGES_softplus(STAGE)
#define STAGES_fast_leakyrelu(STAGE) STAGES_leakyrelu(STAGE)
#define STAGES_fast_elu(STAGE)       STAGES_elu(STAGE)
#define STAGES_fast_silu(STAGE)      STAGES_silu(STAGE)
#define STAGES_fast_gelu(STAGE)      STAGES_gelu(STAGE)
#define STAGES_fast_sine(STAGE)      STAGES_sine(STAGE)

/* activate_fast_sigmoid(z) and so on */
#define DEFINE_ACTIVATE_FAST(name) DEFINE_ACTIVATE(fast_##name)
CLFIT_ACTIVATIONS(DEFINE_ACTIVATE_FAST)

#endif
