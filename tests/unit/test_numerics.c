/*
 * The strict arithmetic of kernels/numerics.h, on its own and against float64: the reference and the kernels share it,
 * so nothing else would see a mistake in it. With CLFIT_EXHAUSTIVE=1 in the environment every float32 is looked at,
 * which takes twenty minutes; without, one in SAMPLING and all around the places where something changes.
 */
#include "numerics.h"
#include "rule.h"

#include <criterion/criterion.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>

#define SAMPLING 2039 /* prime, so that all low bits occur */

/* Largest error against float64, in units of the last place. Over all float32: sigmoid 2.44, tanh 2.69. */
#define SIGMOID_ULP 2.5
#define TANH_ULP    3.0

static bool is_exhaustive(void)
{
  const char *text = getenv("CLFIT_EXHAUSTIVE");
  return text && *text && strcmp(text, "0") != 0;
}

static uint32_t stride(void)
{
  return is_exhaustive() ? 1 : SAMPLING;
}

/* Patterns counted so that the numbers rise: -NaN, -inf .. -0, +0 .. inf, NaN. */
static float float_of_rank(uint32_t rank)
{
  return REAL_OF(rank & 0x80000000u ? rank ^ 0x80000000u : ~rank);
}

static uint32_t rank_of_float(float value)
{
  uint32_t pattern = BITS_OF(value);
  return pattern & 0x80000000u ? ~pattern : pattern ^ 0x80000000u;
}

/* |value - exact| in binary32's units of the last place at exact, a normal number. */
static double ulp_error(float value, double exact)
{
  int exponent;
  frexp(exact, &exponent);
  return fabs((double)value - exact) * ldexp(1, 24 - exponent);
}

static bool is_denormal(float value)
{
  return value != 0 && fabsf(value) < FLT_MIN;
}

Test(numerics, float_is_binary32)
{
  cr_assert_eq(FLT_EVAL_METHOD, 0);
  cr_assert_eq(FLT_MANT_DIG, 24);
  volatile float tiny = FLT_MIN;
  cr_assert_neq(tiny / 2, 0, "gradual underflow");
}

/* ---- reciprocal ---------------------------------------------------------------------------------------------- */

/* Every operation commutes with scaling by a power of two: one binade stands for all whose parts stay normal. */
Test(numerics, reciprocal_of_every_mantissa)
{
  uint32_t wrong = 0;
  for (uint32_t mantissa = 0; mantissa < 1u << 23; mantissa++) {
    float d = REAL_OF(0x3f800000u | mantissa);
    wrong += BITS_OF(reciprocal(d)) != BITS_OF(1.0f / d);
  }
  cr_assert_eq(wrong, 0, "%u of 2^23", wrong);
}

/* From 2^125 on the first approximations of the reciprocal may be denormal. */
Test(numerics, reciprocal_of_every_exponent)
{
  static const uint32_t mantissas[] = {0, 1, 0x2aaaaa, 0x400000, 0x7ffffe, 0x7fffff};
  for (uint32_t exponent = 1; exponent < 125 + 127; exponent++)
    for (size_t i = 0; i < sizeof mantissas / sizeof *mantissas; i++) {
      float d = REAL_OF(exponent << 23 | mantissas[i]);
      cr_expect_eq(BITS_OF(reciprocal(d)), BITS_OF(1.0f / d), "1/%a", d);
      cr_expect_eq(BITS_OF(reciprocal(-d)), BITS_OF(-1.0f / d), "1/%a", -d);
    }
}

/* A device's own approximation may be any number within one unit in the last place of 1/d, as NVIDIA's is. Every such
 * seed leads to 1/d correctly rounded, except one that no step gets away from. */
Test(numerics, every_seed_is_refined)
{
  uint64_t seeds = 0;
  for (uint32_t mantissa = 0; mantissa < 1u << 23; mantissa++) {
    float d = REAL_OF(0x3f800000u | mantissa), exact = 1.0f / d;
    for (int k = -3; k <= 3; k++) {
      float seed = REAL_OF(BITS_OF(exact) + (uint32_t)k);
      /* The unit below 1 is 2^-24, and d times any of these floats is a multiple of 2^-48: float64's own error in 1/d,
       * at most 2^-53, decides nothing. */
      if (fabs((double)seed - 1.0 / (double)d) > (seed > 1 ? 0x1p-23 : 0x1p-24) + 0x1p-52) continue;
      seeds++;
      bool right = BITS_OF(refine_reciprocal(d, seed)) == BITS_OF(exact);
      bool is_exception = mantissa == 0x7fffff && seed == 0.5f;
      if (right == is_exception) cr_assert_fail("1/%a from %a", (double)d, (double)seed);
    }
  }
  /* Two for nearly every mantissa, and a third where 1/d is a float itself: for 1. */
  cr_assert_eq(seeds, (2u << 23) + 1, "%lu seeds", (unsigned long)seeds);
}

/* ---- square root --------------------------------------------------------------------------------------------- */

/* Every operation commutes with scaling by a power of four: two binades stand for all whose parts stay normal. */
Test(numerics, square_root_of_every_mantissa)
{
  uint32_t wrong = 0;
  for (uint32_t pattern = 0x3f800000u; pattern < 0x40800000u; pattern++)
    wrong += BITS_OF(square_root(REAL_OF(pattern))) != BITS_OF(sqrtf(REAL_OF(pattern)));
  cr_assert_eq(wrong, 0, "%u of 2^24", wrong);
}

/* Denormal numbers have the exponent 0; some of each number of leading zeros. */
Test(numerics, square_root_of_every_exponent)
{
  static const uint32_t mantissas[] = {0, 1, 0x2aaaaa, 0x400000, 0x7ffffe, 0x7fffff};
  for (uint32_t exponent = 0; exponent < 255; exponent++)
    for (size_t i = 0; i < sizeof mantissas / sizeof *mantissas; i++) {
      float x = REAL_OF(exponent << 23 | mantissas[i]);
      cr_expect_eq(BITS_OF(square_root(x)), BITS_OF(sqrtf(x)), "sqrt(%a)", x);
    }
  for (int zeros = 0; zeros < 23; zeros++)
    for (uint32_t pattern = 0x7fffffu >> zeros; pattern > 0x3fffffu >> zeros; pattern -= 1 + (pattern >> 6))
      cr_expect_eq(BITS_OF(square_root(REAL_OF(pattern))), BITS_OF(sqrtf(REAL_OF(pattern))), "%u", pattern);
}

/* The two lowest binades for which nothing is scaled: a residual that is denormal is exact there. */
Test(numerics, square_root_of_the_smallest_normal_operands)
{
  uint32_t wrong = 0;
  const uint32_t first = BITS_OF(NORMAL_ROOT_LEAST);
  for (uint32_t pattern = first; pattern < first + (2u << 23); pattern++)
    wrong += BITS_OF(normal_square_root(REAL_OF(pattern))) != BITS_OF(sqrtf(REAL_OF(pattern)));
  cr_assert_eq(wrong, 0, "%u of 2^24", wrong);
  cr_assert_eq(BITS_OF(normal_square_root(0.0f)), 0);
  cr_assert(CLFIT_MOMENT_LEAST >= NORMAL_ROOT_LEAST, "the operands of the rules");
}

static float root_refined_from(float x, int ulps_off)
{
  const float rounded = (float)(1.0 / sqrt((double)x));
  return refine_square_root(x, REAL_OF(BITS_OF(rounded) + (uint32_t)ulps_off));
}

/* What the comment at refine_square_root says. */
Test(numerics, few_approximations_of_a_root_are_not_refined)
{
  const int ulps_off[] = {-2, -1, 0, 1, 2};
  uint32_t wrong[5] = {0};
  for (uint32_t pattern = 0x3f800000u; pattern < 0x40800000u; pattern++)
    for (int i = 0; i < 5; i++)
      wrong[i] += BITS_OF(root_refined_from(REAL_OF(pattern), ulps_off[i])) != BITS_OF(sqrtf(REAL_OF(pattern)));
  cr_expect_eq(wrong[0] + wrong[4], 21);
  cr_expect_eq(wrong[1], 3);
  cr_expect_eq(wrong[2], 0);
  cr_expect_eq(wrong[3], 2);
  cr_expect_eq(BITS_OF(refine_square_root(0.0f, INFINITY)), 0);
}

Test(numerics, square_root_of_what_has_none)
{
  static const uint32_t patterns[] = {0x00000000u, 0x80000000u, 0x7f800000u, 0xff800000u, 0xbf800000u};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
    cr_expect_eq(BITS_OF(square_root(REAL_OF(patterns[i]))), patterns[i]);
  cr_expect(isnan(square_root(NAN)));
}

/* ---- exp ----------------------------------------------------------------------------------------------------- */

/* power (1 + value) before it is rounded. With u = 2^-24 and |rest| <= 0.3471, absolutely: rest is rounded once (u/4,
 * as it is below 1/2; times its exp <= 1.415: 0.354u), the polynomial is good to 2^-26.1 of expm1 <= 0.415 (0.097u),
 * its q <= 0.57 is good to 1.5u relative with the chain behind it and rest^2 to u/2, both times q rest^2 <= 0.069
 * (0.138u), the result is rounded once (u/4). That is 0.84u beside exp(rest) >= 0.706; what ln 2 has behind its two
 * parts is 92 times 2^-45 at most. */
#define EXP_TOLERANCE (0.84 / 0.706 * 0x1p-24 + 92 * 0x1p-45)

static struct intermediate take_exp(float t)
{
  struct intermediate at = {.t = t};
  STAGES_EXP(TAKE_STAGE)
  return at;
}

Test(numerics, exp)
{
  double worst = 0;
  uint32_t first = rank_of_float(-64), last = rank_of_float(64);
  for (uint64_t rank = first; rank <= last; rank += stride()) {
    float t = float_of_rank((uint32_t)rank);
    struct intermediate at = take_exp(t);
    cr_assert(fabsf(at.rest) <= 0.3471f && at.power >= 0x1p-93f && at.power <= 0x1p93f, "exp(%a)", t);
    double error = fabs((double)at.power * (1 + (double)at.value) / exp(t) - 1);
    if (error > worst) worst = error;
  }
  cr_assert_leq(worst, EXP_TOLERANCE, "%g of %g", worst, EXP_TOLERANCE);
  cr_log_info("exp: %.3g of the %.3g allowed", worst, EXP_TOLERANCE);
}

Test(numerics, exp_of_zero)
{
  struct intermediate at = take_exp(0);
  cr_expect_eq(at.power, 1);
  cr_expect_eq(at.rest, 0);
  cr_expect_eq(at.value, 0);
}

/* ---- sigmoid and tanh ---------------------------------------------------------------------------------------- */

/* What both have in common. */
struct curve {
  float (*value)(float), (*slope)(float a, float z);
  double (*exact)(double);
  float limit;   /* the argument is clamped to +-limit */
  float nothing; /* up to this |z| the value is +0; negative: nowhere */
  double most;   /* ulp */
};

static double exact_sigmoid(double z)
{
  return 1 / (1 + exp(-z));
}

static const struct curve sigmoid_curve = {activate_sigmoid, slope_sigmoid, exact_sigmoid, SIGMOID_LIMIT, -1,
                                           SIGMOID_ULP};
static const struct curve tanh_curve = {activate_tanh, slope_tanh, tanh, TANH_LIMIT, ZERO_LIMIT, TANH_ULP};

static double check_point(const struct curve *curve, float z)
{
  float a = curve->value(z), slope = curve->slope(a, z);
  cr_assert(!is_denormal(a) && !is_denormal(slope) && slope >= 0 && slope <= 1, "at %a: %a, slope %a", z, a, slope);
  if (fabsf(z) <= curve->nothing) cr_assert_eq(BITS_OF(a), 0, "at %a: %a", z, a);
  if (fabsf(z) > curve->limit) cr_assert_eq(a, curve->value(copysignf(curve->limit, z)), "at %a: %a", z, a);
  if (fabsf(z) > curve->limit || fabsf(z) <= curve->nothing) return 0;
  double error = ulp_error(a, curve->exact(z));
  cr_assert_leq(error, curve->most, "at %a: %a is %.3f ulp off", z, a, error);
  return error;
}

/* All float32 in rising order, or a sample of them. */
static void check_curve(const struct curve *curve)
{
  double worst = 0;
  float before = curve->value(-INFINITY);
  uint32_t step = stride();
  for (uint64_t rank = rank_of_float(-INFINITY); rank <= rank_of_float(INFINITY); rank += step) {
    float z = float_of_rank((uint32_t)rank);
    double error = check_point(curve, z);
    if (error > worst) worst = error;
    float a = curve->value(z);
    cr_assert_geq(a, before, "falls at %a", z);
    before = a;
  }
  cr_assert_geq(curve->value(INFINITY), before);
  cr_log_info("worst of one in %u: %.3f ulp", step, worst);
}

Test(numerics, sigmoid)
{
  check_curve(&sigmoid_curve);
}

Test(numerics, tanh)
{
  check_curve(&tanh_curve);
}

/* Around every place where something changes, each single float32. */
static void check_neighbourhood(const struct curve *curve, float middle)
{
  for (int sign = -1; sign <= 1; sign += 2) {
    uint32_t rank = rank_of_float((float)sign * middle);
    float before = curve->value(float_of_rank(rank - 1001));
    for (uint32_t i = rank - 1000; i <= rank + 1000; i++) {
      float z = float_of_rank(i);
      if (isnan(z)) continue;
      check_point(curve, z);
      cr_assert_geq(curve->value(z), before, "falls at %a", z);
      before = curve->value(z);
    }
  }
}

Test(numerics, special_places)
{
  static const float places[] = {0,          FLT_MIN,    0x1p-100f,  0x1p-25f,      0x1p-12f,  0.34657359f, 0.5f,   1,
                                 9.0109133f, TANH_LIMIT, 16.635532f, SIGMOID_LIMIT, 88.72284f, 0x1p30f,     FLT_MAX};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    check_neighbourhood(&sigmoid_curve, places[i]);
    check_neighbourhood(&tanh_curve, places[i]);
  }
}

Test(numerics, tanh_is_odd)
{
  uint32_t step = stride();
  for (uint64_t rank = rank_of_float(ZERO_LIMIT) + 1; rank <= rank_of_float(INFINITY); rank += step) {
    float z = float_of_rank((uint32_t)rank);
    cr_assert_eq(BITS_OF(activate_tanh(-z)), BITS_OF(activate_tanh(z)) ^ 0x80000000u, "at %a", z);
  }
}

Test(numerics, ends)
{
  cr_expect_eq(activate_sigmoid(INFINITY), 1);
  cr_expect_eq(activate_sigmoid(FLT_MAX), 1);
  cr_expect_eq(activate_sigmoid(0), 0.5f);
  cr_expect_eq(activate_sigmoid(-0.0f), 0.5f);
  cr_expect_eq(BITS_OF(activate_sigmoid(-INFINITY)), BITS_OF(activate_sigmoid(-SIGMOID_LIMIT)));
  cr_expect_leq(ulp_error(activate_sigmoid(-INFINITY), exp(-64)), SIGMOID_ULP);
  cr_expect_eq(activate_tanh(INFINITY), 1);
  cr_expect_eq(activate_tanh(-INFINITY), -1);
  cr_expect_eq(activate_tanh(TANH_LIMIT), 1);
  cr_expect_eq(activate_tanh(-TANH_LIMIT), -1);
  cr_expect_eq(BITS_OF(activate_tanh(0)), 0);
  cr_expect_eq(BITS_OF(activate_tanh(-0.0f)), 0);
  cr_expect_eq(BITS_OF(activate_tanh(-0x1p-100f)), 0);
  cr_expect_neq(activate_tanh(-0x1.000002p-100f), 0);
}

/* Every NaN is the lower end of the clamp, +0 for ReLU, whatever its sign and payload. */
Test(numerics, nan_is_the_low_end)
{
  static const uint32_t patterns[] = {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xff800001u, 0x7fffffffu, 0xffffffffu};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
    float nan = REAL_OF(patterns[i]);
    cr_assert(isnan(nan));
    cr_expect_eq(BITS_OF(activate_sigmoid(nan)), BITS_OF(activate_sigmoid(-SIGMOID_LIMIT)));
    cr_expect_eq(activate_tanh(nan), -1);
    cr_expect_eq(BITS_OF(activate_relu(nan)), 0);
    cr_expect_eq(BITS_OF(slope_relu(activate_relu(nan), nan)), 0);
  }
}

Test(numerics, relu)
{
  uint32_t step = stride();
  for (uint64_t rank = rank_of_float(-INFINITY); rank <= rank_of_float(INFINITY); rank += step) {
    float z = float_of_rank((uint32_t)rank), a = activate_relu(z);
    cr_assert_eq(BITS_OF(a), z > 0 ? BITS_OF(z) : 0, "at %a", z);
    cr_assert_eq(slope_relu(a, z), z > 0 ? 1 : 0, "at %a", z);
  }
  cr_expect_eq(BITS_OF(activate_relu(-0.0f)), 0);
  cr_expect_eq(activate_relu(REAL_OF(1)), REAL_OF(1), "the smallest denormal");
}

/* ---- slopes -------------------------------------------------------------------------------------------------- */

/*
 * slope(value(z)) against the central difference of the exact curve. With u = 2^-24: a is within `most` ulp, at most
 * most*u; a slope is at most 1 - 2a or -2a times that off, and is rounded once, by at most u/2. A central difference is
 * off by h^2/6 times the third derivative, at most 2, and by the float64 errors of two values, 2^-52 each, over 2h.
 */
static void check_slope(const struct curve *curve, double lipschitz)
{
  const double h = 0x1p-17;
  double tolerance = (lipschitz * curve->most + 0.5) * 0x1p-24 + h * h / 3 + 0x1p-52 / h;
  for (int i = -1000; i <= 1000; i++) {
    float z = (float)i * (curve->limit / 1000);
    double difference = (curve->exact((double)z + h) - curve->exact((double)z - h)) / (2 * h);
    double slope = curve->slope(curve->value(z), z);
    cr_expect(fabs(slope - difference) <= tolerance, "at %a: %.9g, not %.9g", z, slope, difference);
  }
}

Test(numerics, slopes_are_derivatives)
{
  check_slope(&sigmoid_curve, 1);
  check_slope(&tanh_curve, 2);
}
