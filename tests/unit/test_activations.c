/*
 * The activations of kernels/numerics.h beside sigmoid, tanh and relu (test_numerics.c), on their own and against
 * float64. With CLFIT_EXHAUSTIVE=1 in the environment every float32 is looked at; without, one in SAMPLING.
 */
#include "exact_activation.h"
#include "numerics.h"

#include <criterion/criterion.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>

#define SAMPLING 2039 /* prime, so that all low bits occur */
#define UNIT     0x1p-24

/*
 * The bounds are a little above the errors found over all float32 between 2^-12 and 2^14, which docs/arithmetic.md
 * states; with u = 2^-24. They are about what the roundings amount to. Values, in ulp: softsign has three roundings;
 * softplus and silu that of exp and three more; sine that of the rest, of the polynomial's last sum and its terms.
 * gelu's argument of exp has two roundings, which are many ulp where the value is tiny, but little beside |z|. Slopes,
 * absolutely in u: softsign's 1 - |a| has the error of a, up to two ulp of u/2, doubled by the square; softplus's
 * exp(-a) has at most 2u a exp(-a) < u from a, and exp's own; silu's and gelu's have three roundings of at most 1.1,
 * and exp's; sine's is a sine, of which an ulp near 1 is u.
 */
struct curve {
  clfit_activation activation;
  float (*value)(float), (*slope)(float a, float z);
  double low, high; /* the argument is clamped here */
  bool to_zero;     /* |z| up to ZERO_LIMIT gives +0 */
  bool rises;
  double ulp, relative; /* allowed, in ulp and in |z| u; 0: not looked at */
  double slope_error;   /* in u */
  double fall;          /* ulp by which it may fall where it should rise */
};

static const struct curve curves[] = {
    {CLFIT_SOFTSIGN, activate_softsign, slope_softsign, -INFINITY, INFINITY, true, true, 2.1, 0, 2.5, 2},
    {CLFIT_SOFTPLUS, activate_softplus, slope_softplus, -SOFTPLUS_LIMIT, INFINITY, false, true, 2, 0, 1.6, 2},
    {CLFIT_LEAKYRELU, activate_leakyrelu, slope_leakyrelu, -INFINITY, INFINITY, false, true, 0.5, 0, 0, 0},
    {CLFIT_ELU, activate_elu, slope_elu, -ELU_LIMIT, INFINITY, true, true, 1, 0, 1, 0},
    {CLFIT_SILU, activate_silu, slope_silu, -SIGMOID_LIMIT, INFINITY, true, false, 3, 2.6, 2.5, 0},
    {CLFIT_GELU, activate_gelu, slope_gelu, -GELU_LIMIT, INFINITY, true, false, 0, 2.6, 2.6, 0},
    {CLFIT_SINE, activate_sine, slope_sine, -SINE_LIMIT, SINE_LIMIT, true, false, 2.2, 0, 2.3, 0},
};
#define CURVES (sizeof curves / sizeof *curves)

static uint32_t stride(void)
{
  const char *text = getenv("CLFIT_EXHAUSTIVE");
  return text && *text && strcmp(text, "0") != 0 ? 1 : SAMPLING;
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

/* binary32's unit of the last place at exact, a normal number. */
static double ulp_of(double exact)
{
  int exponent;
  frexp(exact, &exponent);
  return ldexp(1, exponent - 24);
}

static bool is_denormal(float value)
{
  return value != 0 && fabsf(value) < FLT_MIN;
}

/* relu and leakyrelu let positive denormal numbers through. */
static void check_range(const struct curve *curve, float z, float a, float slope)
{
  const char *name = clfit_activation_name(curve->activation);
  cr_assert(!isnan(a) && !isnan(slope) && fabsf(slope) < 1.2f && !is_denormal(slope), "%s at %a: slope %a", name, z,
            slope);
  cr_assert(!is_denormal(a) || (curve->activation == CLFIT_LEAKYRELU && a == z), "%s at %a: %a", name, z, a);
  if (curve->to_zero && fabsf(z) <= ZERO_LIMIT) cr_assert_eq(BITS_OF(a), 0, "%s at %a: %a", name, z, a);
  if (z < curve->low) cr_assert_eq(BITS_OF(a), BITS_OF(curve->value((float)curve->low)), "%s at %a: %a", name, z, a);
  if (z > curve->high) cr_assert_eq(BITS_OF(a), BITS_OF(curve->value((float)curve->high)), "%s at %a: %a", name, z, a);
}

static void check_errors(const struct curve *curve, float z, float a, float slope)
{
  if (z < curve->low || z > curve->high || fabsf(z) <= ZERO_LIMIT || isinf(z)) return;
  const char *name = clfit_activation_name(curve->activation);
  const double exact = exact_value(curve->activation, z), off = fabs(a - exact);
  if (curve->ulp > 0) cr_assert_leq(off, curve->ulp * ulp_of(exact), "%s at %a: %a, not %a", name, z, a, exact);
  if (curve->relative > 0) cr_assert_leq(off, curve->relative * UNIT * fabs(z), "%s at %a: %a", name, z, a);
  const double bent = fabs(slope - exact_slope(curve->activation, z));
  cr_assert_leq(bent, curve->slope_error * UNIT, "%s at %a: slope %a is off by %g", name, z, slope, bent);
}

static void check_curve(const struct curve *curve, uint32_t first, uint32_t last, uint32_t step)
{
  float before = -INFINITY;
  for (uint64_t rank = first; rank <= last; rank += step) {
    const float z = float_of_rank((uint32_t)rank), a = curve->value(z), slope = curve->slope(a, z);
    check_range(curve, z, a, slope);
    check_errors(curve, z, a, slope);
    if (curve->rises && !isinf(a) && !isinf(before))
      cr_assert_geq(a, before - curve->fall * ulp_of(before), "%s falls at %a",
                    clfit_activation_name(curve->activation), z);
    before = a;
  }
}

Test(activations, every_float)
{
  for (size_t c = 0; c < CURVES; c++)
    check_curve(&curves[c], rank_of_float(-INFINITY), rank_of_float(INFINITY), stride());
}

/* Around every place where something changes, each single float32; of sine around multiples of pi and pi / 2. */
Test(activations, special_places)
{
  static const float places[] = {0,           FLT_MIN, 0x1p-100f, 0x1p-63f,   0x1p-25f, 0x1p-12f,
                                 0.34657359f, 0.5f,    1,         1.2784645f, 8.75f,    17.33f,
                                 20,          61.8f,   64,        8192,       0x1p24f,  0x1p127f};
  for (size_t c = 0; c < CURVES; c++) {
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
      for (int sign = -1; sign <= 1; sign += 2) {
        const uint32_t rank = rank_of_float((float)sign * places[i]);
        check_curve(&curves[c], rank - 1000, rank + 1000, 1);
      }
    for (int n = 1; n < 5215; n++) {
      const uint32_t rank = rank_of_float((float)(n * 1.5707963267948966));
      check_curve(&curves[c], rank - 10, rank + 10, 1);
    }
  }
}

/* Every NaN is the lower end of the clamp, +0 for leakyrelu, whatever its sign and payload. */
Test(activations, nan_is_the_low_end)
{
  static const uint32_t patterns[] = {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xff800001u, 0x7fffffffu, 0xffffffffu};
  for (size_t c = 0; c < CURVES; c++)
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
      const float nan = REAL_OF(patterns[i]), a = curves[c].value(nan), slope = curves[c].slope(a, nan);
      const float low = curves[c].activation == CLFIT_LEAKYRELU ? 0 : (float)curves[c].low;
      const float want = curves[c].value(low);
      cr_expect(BITS_OF(a) == BITS_OF(want) && BITS_OF(slope) == BITS_OF(curves[c].slope(want, low)), "%s: %a, %a",
                clfit_activation_name(curves[c].activation), a, slope);
    }
}

/* A padded neuron has a = -0 and z = 0; its slope times its weight, which is +0, must be 0. */
Test(activations, slope_of_padding_is_finite)
{
  for (size_t c = 0; c < CURVES; c++) cr_expect(fabsf(curves[c].slope(-0.0f, 0.0f)) <= 1);
}

Test(activations, ends)
{
  cr_expect(activate_softsign(INFINITY) == 1 && activate_softsign(-INFINITY) == -1);
  cr_expect(activate_softplus(INFINITY) == INFINITY && activate_softplus(100) == 100 &&
            activate_softplus(-1e9f) > 1e-28f);
  cr_expect(activate_leakyrelu(INFINITY) == INFINITY && activate_leakyrelu(-INFINITY) == -INFINITY);
  cr_expect(activate_elu(INFINITY) == INFINITY && activate_elu(-INFINITY) == -1 && activate_elu(-18) == -1);
  cr_expect(activate_silu(INFINITY) == INFINITY && activate_silu(-INFINITY) < 0 && activate_silu(70) == 70);
  cr_expect(activate_gelu(INFINITY) == INFINITY && activate_gelu(-INFINITY) < 0 && activate_gelu(70) == 70);
  cr_expect(slope_silu(INFINITY, INFINITY) == 1 && slope_gelu(INFINITY, INFINITY) == 1);
  cr_expect(slope_softplus(INFINITY, INFINITY) == 1 && slope_softsign(1, INFINITY) == 0 && slope_elu(-1, -20) == 0);
}

/* softsign and sine are odd, to the last bit. */
Test(activations, odd)
{
  const uint32_t step = stride();
  for (uint64_t rank = rank_of_float(ZERO_LIMIT) + 1; rank <= rank_of_float(INFINITY); rank += step) {
    const float z = float_of_rank((uint32_t)rank);
    cr_assert_eq(BITS_OF(activate_softsign(-z)), BITS_OF(activate_softsign(z)) ^ 0x80000000u, "at %a", z);
    cr_assert_eq(BITS_OF(activate_sine(-z)), BITS_OF(activate_sine(z)) ^ 0x80000000u, "at %a", z);
  }
}
