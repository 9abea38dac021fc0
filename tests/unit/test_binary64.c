/*
 * The strict arithmetic in double precision: kernels/binary64.h against MPFR and, at many more points, against the C
 * library's long double; the self-tests of host and device; and the logarithm. With CLFIT_EXHAUSTIVE=1 in the
 * environment there are a hundred times as many points, which takes minutes.
 */
#include "base/log64.h"
#include "engine/binary64.h"
#include "engine/device.h"
#include "engine/opencl/selftest.h"
#include "exact_activation.h"
#include "expect.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Largest errors in units of the last place (ulp), derived with h = 2^-53; a relative error h is at most 1 ulp.
 *
 * exp: r, |r| <= 0.3466, is rounded once (h/4 relative to exp(r)). exp(r) - 1, between -0.2929 and 0.4142, is rounded
 * once (h/4), its term r^2 Q, at most 0.072, has two relative errors of h (0.15h), and the polynomial one of 0.05h;
 * beside exp(r) >= 0.707 these are 0.86h. Where exp(r) < 1 that is at most 0.86 ulp, elsewhere less; the result is
 * rounded once more: 1.36.
 *
 * sigmoid: the denominator has the 0.86h of exp at most, and is rounded once (h); the quotient is rounded: 2.36.
 *
 * tanh, n = 0: u is exact; its cubic term, at most 0.04 of it, has three errors of h, the polynomial one of 0.08h; the
 * sum is rounded and everything after is exact: 0.7. n = -1, with s = 1/2, denominator d >= 1.5, quotient q <= 1/3, in
 * 2^-55: m <= 1/2 is off by 1, which changes the result by s (2 + 2T)/d^2 = 0.44 of that; the numerator <= 1/2 by 1,
 * times s/d: 0.33; d by 4, times s q/d: 0.44; q by 1, times s: 0.5; T and u, below 1/4 where tanh < 1/2, by 1/2 each,
 * the other errors of T by 0.13, times 4s/d^2 = 0.89: 1.0. These are 1.36 ulp where tanh < 1/2; where it is more, T and
 * u may be off by 1 each, but an ulp is 4. The result is rounded: 1.86. Smaller n have smaller s: 1.37 for n = -2.
 *
 * softsign: the denominator is rounded (h), and the quotient: 1.5.
 *
 * softplus: u has the 1.36 of exp. f is exact; s has two roundings (2h) and counts s f of the logarithm, at most 0.18
 * of it; f - s (f - w R) is rounded once in each fma, as is the sum with ln 2, and the rounding of w R counts 0.01.
 * Where z > 0 the last sum is rounded again, but the logarithm is then at most half of it. 1.36 + 0.36 + 0.18 + 0.5
 * (0.5 more where ln 2 is added, and u's error less than 0.6 of it there): 2.5.
 *
 * elu: as exp's 0.86h without its last rounding, in values of at least 0.29 for n < 0, where an ulp is h/2 or more; for
 * n = 0 as the polynomial, relative to the value: 0.5 + 0.15/0.29: 2.2 in all.
 *
 * silu: sigmoid's 2.36, and 1 more beyond 36, where power + 1 is not exact. gelu: the same, and the two roundings of
 * the argument t and those of the constants, 3h |t| at most, times z s (1 - s): at the lower end 62 times 3h, in ulp
 * 190.
 *
 * sine: the rest has three roundings, the first exact, of at most 0.6 ulp together, its slope is at most 1; the cubic
 * term is up to 0.4 of the rest and has three errors of h; the result is rounded, to an ulp that may be half of the
 * rest's (0.5 + 0.6 + 1.2): 2.3.
 *
 * Found in 600 million points: exp 1.02, sigmoid 1.73, tanh 1.29; in 6 million: softsign 1.46, softplus 1.89, elu 1.14,
 * silu 2.39, gelu 2.33 from -1 on, sine 1.83.
 */
#define SOFTSIGN_ULP 1.5
#define SOFTPLUS_ULP 2.5
#define ELU_ULP      2.2
#define SILU_ULP     3.36
#define GELU_ULP     190
#define SINE_ULP     2.3
#define EXP_ULP      1.36
#define SIGMOID_ULP  2.36
#define TANH_ULP     1.86

#define POINTS 2000000 /* against long double */
#define FEWER  100000  /* against MPFR */

static uint64_t random_state = 88172645463325252u;

/* Marsaglia's xorshift. */
static uint64_t draw(void)
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static long many(long count)
{
  const char *text = getenv("CLFIT_EXHAUSTIVE");
  return text && *text && strcmp(text, "0") != 0 ? 100 * count : count;
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

struct function {
  const char *name;
  double (*value)(double);
  long double (*near)(long double);               /* with the C library */
  int (*exact)(mpfr_t, const mpfr_t, mpfr_rnd_t); /* the same with MPFR */
  double limit;                                   /* |z| up to which the error is looked at */
  double most;                                    /* ulp */
};

static long double near_sigmoid(long double z)
{
  return 1 / (1 + expl(-z));
}

static int precise_sigmoid(mpfr_t result, const mpfr_t z, mpfr_rnd_t rounding)
{
  mpfr_neg(result, z, rounding);
  mpfr_exp(result, result, rounding);
  mpfr_add_ui(result, result, 1, rounding);
  return mpfr_ui_div(result, 1, result, rounding);
}

#define DEFINE_NEAR(name, activation)                                                                                  \
  static long double near_##name(long double z)                                                                        \
  {                                                                                                                    \
    return exact_long_value(activation, z);                                                                            \
  }
DEFINE_NEAR(softsign, CLFIT_SOFTSIGN)
DEFINE_NEAR(softplus, CLFIT_SOFTPLUS)
DEFINE_NEAR(elu, CLFIT_ELU)
DEFINE_NEAR(silu, CLFIT_SILU)
DEFINE_NEAR(gelu, CLFIT_GELU)

static int precise_softsign(mpfr_t result, const mpfr_t z, mpfr_rnd_t rounding)
{
  mpfr_t below;
  mpfr_init2(below, 120);
  mpfr_abs(below, z, rounding);
  mpfr_add_ui(below, below, 1, rounding);
  mpfr_div(result, z, below, rounding);
  mpfr_clear(below);
  return 0;
}

static int precise_softplus(mpfr_t result, const mpfr_t z, mpfr_rnd_t rounding)
{
  mpfr_exp(result, z, rounding);
  return mpfr_log1p(result, result, rounding);
}

static int precise_elu(mpfr_t result, const mpfr_t z, mpfr_rnd_t rounding)
{
  return mpfr_sgn(z) > 0 ? mpfr_set(result, z, rounding) : mpfr_expm1(result, z, rounding);
}

/* z sigmoid(t) */
static void precise_product(mpfr_t result, const mpfr_t z, const mpfr_t t, mpfr_rnd_t rounding)
{
  mpfr_t factor;
  mpfr_init2(factor, 120);
  precise_sigmoid(factor, t, rounding);
  mpfr_mul(result, z, factor, rounding);
  mpfr_clear(factor);
}

static int precise_silu(mpfr_t result, const mpfr_t z, mpfr_rnd_t rounding)
{
  precise_product(result, z, z, rounding);
  return 0;
}

static int precise_gelu(mpfr_t result, const mpfr_t z, mpfr_rnd_t rounding)
{
  mpfr_t t, factor;
  mpfr_inits2(120, t, factor, (mpfr_ptr)NULL);
  mpfr_pow_ui(t, z, 3, rounding);
  mpfr_mul_ui(t, t, 44715, rounding);
  mpfr_div_ui(t, t, 1000000, rounding);
  mpfr_add(t, t, z, rounding);
  mpfr_const_pi(factor, rounding);
  mpfr_ui_div(factor, 8, factor, rounding);
  mpfr_sqrt(factor, factor, rounding);
  mpfr_mul(t, t, factor, rounding);
  precise_product(result, z, t, rounding);
  mpfr_clears(t, factor, (mpfr_ptr)NULL);
  return 0;
}

static const struct function functions[] = {
    {"exp", exp64, expl, mpfr_exp, EXP64_LIMIT, EXP_ULP},
    {"sigmoid", sigmoid64, near_sigmoid, precise_sigmoid, SIGMOID64_LIMIT, SIGMOID_ULP},
    {"tanh", tanh64, tanhl, mpfr_tanh, 30, TANH_ULP},
    {"softsign", softsign64, near_softsign, precise_softsign, 1000, SOFTSIGN_ULP},
    {"softplus", softplus64, near_softplus, precise_softplus, SOFTPLUS64_LIMIT, SOFTPLUS_ULP},
    {"elu", elu64, near_elu, precise_elu, ELU64_LIMIT, ELU_ULP},
    {"silu", silu64, near_silu, precise_silu, SILU64_LIMIT, SILU_ULP},
    {"gelu", gelu64, near_gelu, precise_gelu, GELU64_LIMIT, GELU_ULP},
    {"sine", sine64, sinl, mpfr_sin, SINE64_LIMIT, SINE_ULP},
};
#define FUNCTION_COUNT (sizeof functions / sizeof *functions)

/* Points of every size: uniform up to the limit and up to 4, and of any exponent down to 2^-60. */
static double draw_point(double limit, long i)
{
  const double uniform = (double)(draw() >> 11) * 0x1p-52 - 1;
  switch (i % 3) {
  case 0: return uniform * limit;
  case 1: return uniform * 4;
  default: return ldexp(uniform, -(int)(draw() >> 58));
  }
}

static double exactly(const struct function *function, double z)
{
  mpfr_t x;
  mpfr_init2(x, 120);
  mpfr_set_d(x, z, MPFR_RNDN);
  function->exact(x, x, MPFR_RNDN);
  const mpfr_exp_t exponent = mpfr_get_exp(x);
  mpfr_sub_d(x, x, function->value(z), MPFR_RNDN);
  mpfr_mul_2si(x, x, 53 - exponent, MPFR_RNDN);
  const double ulp = fabs(mpfr_get_d(x, MPFR_RNDN));
  mpfr_clear(x);
  return ulp;
}

static double nearly(const struct function *function, double z)
{
  int exponent;
  const long double value = function->near(z);
  frexpl(value, &exponent);
  return (double)(fabsl(value - (long double)function->value(z)) * ldexpl(1, 53 - exponent));
}

static void check_errors(const struct function *function, double (*measure)(const struct function *, double),
                         long count)
{
  double worst = 0, place = 0;
  for (long i = 0; i < count; i++) {
    const double z = draw_point(function->limit, i), ulp = measure(function, z);
    if (ulp <= worst) continue;
    worst = ulp;
    place = z;
  }
  cr_log_info("%s: %.3f ulp at %a", function->name, worst, place);
  cr_assert_leq(worst, function->most, "%s is %.3f ulp off at %a", function->name, worst, place);
}

Test(binary64, errors_against_mpfr)
{
  for (size_t f = 0; f < FUNCTION_COUNT; f++) check_errors(&functions[f], exactly, FEWER);
}

/* A long double of at least 64 bits has an error of a thousandth of a unit of a double. */
Test(binary64, errors_against_long_double)
{
  if (LDBL_MANT_DIG < 64) return;
  for (size_t f = 0; f < FUNCTION_COUNT; f++) check_errors(&functions[f], nearly, many(POINTS));
}

/* Each double around the places where the whole number n changes, and around the clamps. */
Test(binary64, errors_where_n_changes)
{
  for (size_t f = 0; f < FUNCTION_COUNT; f++)
    for (int half = 1; half < 2 * 60; half++) {
      double z = half * 0x1.62e42fefa39efp-2; /* ln 2 / 2 */
      for (int i = 0; i < 100; i++) z = nextafter(z, 0);
      for (int i = 0; i < 200 && z <= functions[f].limit; i++, z = nextafter(z, INFINITY))
        for (int sign = -1; sign <= 1; sign += 2) {
          const double ulp = exactly(&functions[f], sign * z);
          cr_assert_leq(ulp, functions[f].most, "%s is %.3f ulp off at %a", functions[f].name, ulp, sign * z);
        }
    }
}

/* ---- special places -------------------------------------------------------------------------------------------- */

static bool is_same(double a, double b)
{
  return BITS64_OF(a) == BITS64_OF(b);
}

Test(binary64, double_is_binary64)
{
  cr_assert_eq(FLT_EVAL_METHOD, 0);
  cr_assert_eq(DBL_MANT_DIG, 53);
}

Test(binary64, ends)
{
  static const double big[] = {40, 708, 1e10, DBL_MAX, INFINITY};
  for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
    cr_expect(is_same(tanh64(big[i]), 1) && is_same(tanh64(-big[i]), -1));
    cr_expect(is_same(sigmoid64(big[i]), sigmoid64(SIGMOID64_LIMIT)));
    cr_expect(is_same(sigmoid64(-big[i]), sigmoid64(-SIGMOID64_LIMIT)));
  }
  cr_expect(is_same(exp64(INFINITY), exp64(EXP64_LIMIT)) && is_same(exp64(-INFINITY), exp64(-EXP64_LIMIT)));
  cr_expect(exp64(-INFINITY) >= DBL_MIN && exp64(INFINITY) <= DBL_MAX);
  cr_expect(is_same(exp64(0), 1) && is_same(exp64(-0.0), 1));
  cr_expect(is_same(sigmoid64(0), 0.5) && is_same(sigmoid64(-0.0), 0.5));
  cr_expect(is_same(relu64(-0.0), 0) && is_same(relu64(-1), 0) && is_same(relu64(2.5), 2.5));
  cr_expect(is_same(relu64(0x1p-1074), 0x1p-1074) && is_same(relu64(INFINITY), INFINITY));
}

Test(binary64, ends_of_the_others)
{
  static const double big[] = {9000, 1e18, DBL_MAX, INFINITY};
  for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
    const double z = big[i];
    cr_expect(is_same(softplus64(z), z) && is_same(leakyrelu64(z), z) && is_same(elu64(z), z));
    cr_expect(is_same(silu64(z), z) && is_same(gelu64(z), z) && is_same(elu64(-z), -1));
    cr_expect(is_same(softplus64(-z), softplus64(-SOFTPLUS64_LIMIT)) && softplus64(-z) > 1e-28);
    cr_expect(is_same(silu64(-z), silu64(-SILU64_LIMIT)) && is_same(gelu64(-z), gelu64(-GELU64_LIMIT)));
    cr_expect(is_same(leakyrelu64(-z), 0.01 * -z) && is_same(sine64(-z), sine64(-SINE64_LIMIT)));
    cr_expect(is_same(slope_silu64(z, z), 1) && is_same(slope_gelu64(z, z), 1) && is_same(slope_softplus64(z, z), 1));
  }
  cr_expect(is_same(softsign64(INFINITY), 1) && is_same(softsign64(-INFINITY), -1));
  cr_expect(is_same(leakyrelu64(-0.0), 0) && is_same(sine64(0), 0) && is_same(slope_sine64(0, 0), 1));
}

Test(binary64, tanh_of_tiny_values_is_the_value)
{
  static const double tiny[] = {
      0, 0x1p-1074, 0x1.8p-1060, 0x1p-1022, 0x1.23456789abcdep-700, 0x1.fffffffffffffp-500, 0x1.5555555555555p-100};
  for (size_t i = 0; i < sizeof tiny / sizeof *tiny; i++)
    cr_expect(is_same(tanh64(tiny[i]), tiny[i]) && is_same(tanh64(-tiny[i]), -tiny[i]), "at %a", tiny[i]);
}

Test(binary64, tanh_is_odd_and_at_most_1)
{
  for (long i = 0; i < POINTS / 2; i++) {
    const double z = draw_point(30, i), a = tanh64(z);
    cr_assert(is_same(tanh64(-z), -a) && fabs(a) <= 1, "at %a", z);
  }
}

/* Every NaN is the lower end of the clamp, +0 for ReLU, whatever its sign and payload. */
Test(binary64, nan_is_the_low_end)
{
  static const uint64_t patterns[] = {0x7ff8000000000000u, 0xfff8000000000000u, 0x7ff0000000000001u,
                                      0xfff0000000000001u, 0x7fffffffffffffffu, 0xffffffffffffffffu};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
    const double nan = REAL64_OF(patterns[i]);
    cr_expect(is_same(exp64(nan), exp64(-EXP64_LIMIT)) && is_same(sigmoid64(nan), sigmoid64(-SIGMOID64_LIMIT)));
    cr_expect(is_same(softsign64(nan), -1) && is_same(elu64(nan), -1) && is_same(leakyrelu64(nan), 0));
    cr_expect(is_same(softplus64(nan), softplus64(-SOFTPLUS64_LIMIT)) && is_same(silu64(nan), silu64(-SILU64_LIMIT)));
    cr_expect(is_same(gelu64(nan), gelu64(-GELU64_LIMIT)) && is_same(sine64(nan), sine64(-SINE64_LIMIT)));
    cr_expect(is_same(tanh64(nan), -1) && is_same(relu64(nan), 0) && is_same(slope_relu64(relu64(nan), nan), 0));
  }
}

/* ---- slopes ---------------------------------------------------------------------------------------------------- */

/* slope(value(z)) against the exact derivative, with long double's a: a is off by its own ulps times 2^-53, a slope by
 * at most twice that, and it is rounded once. */
Test(binary64, slopes_are_derivatives)
{
  for (int i = -3000; i <= 3000; i++) {
    const double z = i / 100.0;
    const long double a = near_sigmoid(z), t = tanhl(z);
    cr_expect(fabsl(slope_sigmoid64(sigmoid64(z), z) - a * (1 - a)) <= (SIGMOID_ULP + 0.5) * 0x1p-53, "at %g", z);
    cr_expect(fabsl(slope_tanh64(tanh64(z), z) - (1 - t * t)) <= (2 * TANH_ULP + 0.5) * 0x1p-53, "at %g", z);
    cr_expect(is_same(slope_relu64(relu64(z), z), z > 0 ? 1 : 0), "at %g", z);
  }
}

/* Never negative, never denormal: +0 where tanh is +-1, at least 2^-53 elsewhere. */
/* Slopes are sums and products of a few values of about 1, each of which has an error of an ulp or two (of at most
 * 2^-53): found 2.3 of them. gelu's factor is up to 1.4 beside s (1 - s) <= 1/4. */
Test(binary64, slopes_of_the_others_are_derivatives)
{
  static const struct {
    clfit_activation activation;
    double (*value)(double), (*slope)(double, double);
    double limit;
  } rows[] = {{CLFIT_SOFTSIGN, softsign64, slope_softsign64, 1000},
              {CLFIT_SOFTPLUS, softplus64, slope_softplus64, 60},
              {CLFIT_LEAKYRELU, leakyrelu64, slope_leakyrelu64, 100},
              {CLFIT_ELU, elu64, slope_elu64, 39},
              {CLFIT_SILU, silu64, slope_silu64, 63},
              {CLFIT_GELU, gelu64, slope_gelu64, 8.7},
              {CLFIT_SINE, sine64, slope_sine64, SINE64_LIMIT}};
  for (size_t f = 0; f < sizeof rows / sizeof *rows; f++)
    for (long i = 0; i < POINTS / 20; i++) {
      const double z = draw_point(rows[f].limit, i), slope = rows[f].slope(rows[f].value(z), z);
      if (fabs(z) > rows[f].limit) continue;
      cr_assert(fabsl(slope - exact_long_slope(rows[f].activation, z)) <= 3 * 0x1p-53, "%s at %a: %a",
                clfit_activation_name(rows[f].activation), z, slope);
    }
}

Test(binary64, slopes_of_saturated_units)
{
  for (double z = 15; z <= 40; z += 0x1p-6)
    for (int sign = -1; sign <= 1; sign += 2) {
      const double of_tanh = slope_tanh64(tanh64(sign * z), sign * z),
                   of_sigmoid = slope_sigmoid64(sigmoid64(sign * z), sign * z);
      cr_expect(is_same(of_tanh, 0) || of_tanh >= 0x1p-53, "tanh at %g: %a", sign * z, of_tanh);
      cr_expect(of_sigmoid >= 0x1p-53, "sigmoid at %g: %a", sign * z, of_sigmoid);
    }
  cr_expect(is_same(slope_tanh64(1, 20), 0) && is_same(slope_tanh64(-1, -20), 0));
}

/* ---- self-tests ------------------------------------------------------------------------------------------------ */

Test(binary64, the_host_is_right)
{
  EXPECT_OK(clfit_binary64_check(&error));
}

static clfit_device *device;

static void open_device(void)
{
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
}

static void close_device(void)
{
  clfit_device_close(device);
}

TestSuite(binary64_device, .init = open_device, .fini = close_device);

static clfit_status run_selftest(clfit_activation activation, uint32_t lanes, const char *sabotage, uint32_t count)
{
  char options[OPTIONS_SIZE];
  cl_program program;
  const char *name = clfit_activation_name(activation);
  snprintf(options, sizeof options, "-cl-std=CL1.2 -DLANES64=%u -DACTIVATE64=%s64 -DSLOPE64=slope_%s64 %s", lanes, name,
           name, sabotage);
  EXPECT_OK(clfit_program_get(device->opencl, "selftest64.h", options, &program, &error));
  const struct selftest64 test = {.device = device->opencl,
                                  .program = program,
                                  .activation = activation,
                                  .mapping = "alone",
                                  .lanes = lanes,
                                  .count = count};
  const clfit_status status = clfit_selftest64_run(&test, &error);
  return status ? status : clfit_selftest64_run_activation(&test, &error);
}

/* The same bits as on the host, in each width. */
Test(binary64_device, passes)
{
  static const uint32_t lanes[] = {1, 4, 8};
  for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++)
    for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
      if (lanes[i] == 8 || activation == CLFIT_TANH) EXPECT_OK(run_selftest(activation, lanes[i], "", 1u << 18));
}

/* Rounded twice, or wrong in one bit. */
Test(binary64_device, what_is_not_exact_is_refused)
{
  EXPECT_ERROR(run_selftest(CLFIT_TANH, 8, "-DFMA64(a,b,c)=((a)*(b)+(c))", SELFTEST64_COUNT), CLFIT_ERROR_INEXACT,
               "FMA64(a, b, c)");
  EXPECT_ERROR(run_selftest(CLFIT_TANH, 8, "-DFMA_HALF64(a,b,c)=((a)*(b)+(c))", SELFTEST64_COUNT), CLFIT_ERROR_INEXACT,
               "FMA_HALVES64(a, b, c)");
  EXPECT_ERROR(run_selftest(CLFIT_TANH, 1, "-DDIVIDE64(a,b)=((a)*(1.0/(b)))", SELFTEST64_COUNT), CLFIT_ERROR_INEXACT,
               "DIVIDE64(a, b)");
  EXPECT_ERROR(run_selftest(CLFIT_TANH, 1, "-DROOT64(x)=as_double(as_ulong(sqrt(x))^1ul)", SELFTEST64_COUNT),
               CLFIT_ERROR_INEXACT, "ROOT64(fabs(a))");
}

/* ---- logarithm ------------------------------------------------------------------------------------------------- */

static double round_log(double x)
{
  mpfr_t exact;
  mpfr_init2(exact, 53);
  mpfr_set_d(exact, x, MPFR_RNDN);
  mpfr_log(exact, exact, MPFR_RNDN);
  const double result = mpfr_get_d(exact, MPFR_RNDN);
  mpfr_clear(exact);
  return result;
}

/* Uniform ones, as a random stream gives them, ones of any exponent, and ones just below 1. */
static double draw_positive(long i)
{
  switch (i % 3) {
  case 0: return (double)((draw() >> 11) + 1) * 0x1p-53;
  case 1: return REAL64_OF(draw() % 0x7fefffffffffffffu + 1);
  default: return 1 - (double)((draw() & 0xffffffu) + 1) * 0x1p-53;
  }
}

Test(log64, is_correctly_rounded)
{
  for (long i = 0; i < many(200000); i++) {
    const double x = draw_positive(i);
    cr_assert(is_same(clfit_log64(x), round_log(x)), "ln %a is %a, not %a", x, clfit_log64(x), round_log(x));
  }
}

Test(log64, special_places)
{
  static const double places[] = {0x1p-1074,
                                  0x1p-1022,
                                  0.5,
                                  0x1.6a09e667f3bccp-1,
                                  0x1.6a09e667f3bcdp-1,
                                  0x1.fffffffffffffp-1,
                                  0x1.0000000000001p+0,
                                  0x1.6a09e667f3bccp+0,
                                  0x1.6a09e667f3bcdp+0,
                                  2,
                                  DBL_MAX};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    cr_expect(is_same(clfit_log64(places[i]), round_log(places[i])), "ln %a", places[i]);
  cr_expect(is_same(clfit_log64(1), 0));
  cr_expect(is_same(clfit_log64(0), -INFINITY) && is_same(clfit_log64(-0.0), -INFINITY));
  cr_expect(is_same(clfit_log64(INFINITY), INFINITY));
  cr_expect(isnan(clfit_log64(-1)) && isnan(clfit_log64(NAN)) && isnan(clfit_log64(-INFINITY)));
}
