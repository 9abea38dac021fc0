/*
 * The arithmetic of --mode fast: the activations of numerics.h in as few operations as their tolerance allows. Part of
 * numerics.h in programs built with -DFAST; chains of steps as there, so that the kernels are the same text.
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

#if LANES == 16 && defined(__AVX512F__) && defined(__has_builtin) && !defined(NO_HARDWARE_SEED) /* a test says that */
#if __has_builtin(__builtin_ia32_rcp14ps512_mask)
#define ROUGH_SEED(d) __builtin_ia32_rcp14ps512_mask(d, d, (ushort)0xffff) /* within 2^-14 */
#endif
#endif

/* ---- 1/value, 1 <= value < 2^94, within 1.1e-6 value^-1; the seed is where the rest was ------------------------- */

#if defined(NATIVE)

DEFINE_STEP(fast_reciprocal, at.value = native_recip(at.value))
#define STEPS_FAST_RECIPROCAL(STEP) STEP(fast_reciprocal)

#elif defined(ROUGH_SEED)

DEFINE_STEP(fast_seed, at.rest = ROUGH_SEED(at.value))
DEFINE_STEP(fast_error, at.value = FMA(-at.value, at.rest, 1.0f))
DEFINE_STEP(fast_reciprocal, at.value = FMA(at.value, at.rest, at.rest))
#define STEPS_FAST_RECIPROCAL(STEP) STEP(fast_seed) STEP(fast_error) STEP(fast_reciprocal)

#else

/* A linear seed good to 5 % and two Newton steps, each with the constant beside 2 that halves the largest error: found
 * by search over all mantissas, 1.3e-3 and 1.05e-6. */
DEFINE_STEP(fast_seed, at.rest = REAL_OF(0x7EF33400u - BITS_OF(at.value)))
DEFINE_STEP(fast_first_error, at.square = FMA(-at.value, at.rest, 0x1.0029fp+1f))
DEFINE_STEP(fast_first, at.rest = at.rest * at.square)
DEFINE_STEP(fast_error, at.square = FMA(-at.value, at.rest, 0x1.000006p+1f))
DEFINE_STEP(fast_reciprocal, at.value = at.rest * at.square)
#define STEPS_FAST_RECIPROCAL(STEP)                                                                                    \
  STEP(fast_seed) STEP(fast_first_error) STEP(fast_first) STEP(fast_error) STEP(fast_reciprocal)

#endif

/* ---- exp2(scale * z), for |scale * z| <= 93 --------------------------------------------------------------------
 *
 * scale * z + 1.5*2^23 has the nearest whole number n in its last bits, which go onto the exponent of 2^rest. The
 * polynomial is minimax for the relative error on [-0.5, 0.5] (Remez' exchange, coefficients in binary32): 2.64e-6.
 */
#define EXP2_SHIFT 0x1.8p+23f
#define LOG2_E     0x1.715476p+0f

#ifdef NATIVE

#define DEFINE_SCALE(name, scale) DEFINE_STEP(name##_exp, at.value = native_exp2(at.z * (scale)))
#define STEPS_EXP2(STEP, name)    STEP(name##_exp)

#else

#define DEFINE_SCALE(name, scale)                                                                                      \
  DEFINE_STEP(name##_shift, at.shifted = FMA(at.z, scale, EXP2_SHIFT))                                                 \
  DEFINE_STEP(name##_rest, at.rest = FMA(at.z, scale, -at.value))
DEFINE_STEP(exp2_whole, at.value = at.shifted - EXP2_SHIFT)
DEFINE_STEP(exp2_4, at.value = FMA(0x1.3997d6p-7f, at.rest, 0x1.ca144p-5f))
DEFINE_STEP(exp2_3, at.value = FMA(at.value, at.rest, 0x1.ec06dap-3f))
DEFINE_STEP(exp2_2, at.value = FMA(at.value, at.rest, 0x1.62e0dcp-1f))
DEFINE_STEP(exp2_1, at.value = FMA(at.value, at.rest, 0x1.ffffe8p-1f))
DEFINE_STEP(exp2_power, at.value = REAL_OF(BITS_OF(at.value) + (BITS_OF(at.shifted) << 23)))
#define STEPS_EXP2(STEP, name)                                                                                         \
  STEP(name##_shift)                                                                                                   \
  STEP(exp2_whole)                                                                                                     \
  STEP(name##_rest)                                                                                                    \
  STEP(exp2_4) STEP(exp2_3) STEP(exp2_2) STEP(exp2_1) STEP(exp2_power)

#endif

/* ---- the activations ------------------------------------------------------------------------------------------- */

#ifdef NATIVE
#define DEFINE_CLAMP(name, limit)
#define STEPS_CLAMP(STEP, name)
#else
#define DEFINE_CLAMP(name, limit)                                                                                      \
  DEFINE_STEP(name##_above, at.z = at.z > -(limit) ? at.z : (real)(-(limit)))                                          \
  DEFINE_STEP(name##_below, at.z = at.z < (limit) ? at.z : (real)(limit))
#define STEPS_CLAMP(STEP, name) STEP(name##_above) STEP(name##_below)
#endif

DEFINE_STEP(fast_denominator, at.value = at.value + 1.0f)

DEFINE_CLAMP(fast_sigmoid, 64.0f)
DEFINE_SCALE(fast_sigmoid, -LOG2_E)

#define STEPS_fast_sigmoid(STEP)                                                                                       \
  STEPS_CLAMP(STEP, fast_sigmoid)                                                                                      \
  STEPS_EXP2(STEP, fast_sigmoid)                                                                                       \
  STEP(fast_denominator)                                                                                               \
  STEPS_FAST_RECIPROCAL(STEP)

DEFINE_CLAMP(fast_tanh, 32.0f)
DEFINE_SCALE(fast_tanh, 2.0f * LOG2_E)
DEFINE_STEP(fast_tanh_value, at.value = FMA(-2.0f, at.value, 1.0f))

#define STEPS_fast_tanh(STEP)                                                                                          \
  STEPS_CLAMP(STEP, fast_tanh)                                                                                         \
  STEPS_EXP2(STEP, fast_tanh)                                                                                          \
  STEP(fast_denominator)                                                                                               \
  STEPS_FAST_RECIPROCAL(STEP)                                                                                          \
  STEP(fast_tanh_value)

#define STEPS_fast_relu(STEP) STEPS_relu(STEP)

/* activate_fast_sigmoid(z), activate_fast_tanh(z), activate_fast_relu(z) */
#define DEFINE_ACTIVATE_FAST(name) DEFINE_ACTIVATE(fast_##name)
CLFIT_ACTIVATIONS(DEFINE_ACTIVATE_FAST)

#endif
