/* Figures of a fit, and the rate beyond which training is not stable. */
#include "clfit.h"
#include "exact_activation.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POISON 0xA5

static clfit_figures figures_of(size_t n, const double *z, const double *y)
{
  clfit_figures figures;
  memset(&figures, POISON, sizeof figures);
  clfit_figures_compute(n, z, y, &figures);
  return figures;
}

static void expect_all_nan(clfit_figures figures)
{
  cr_expect(isnan(figures.rss));
  cr_expect(isnan(figures.mse));
  cr_expect(isnan(figures.rmse));
  cr_expect(isnan(figures.max_error));
  cr_expect(isnan(figures.r2));
}

/* Errors 0.5, -1, 0.25, 2; mean y 2.5, sum of (y - 2.5)^2 = 5: all exact in binary. */
Test(figures, by_hand)
{
  const double z[] = {1.5f, 1, 3.25f, 6};
  const double y[] = {1, 2, 3, 4};
  clfit_figures figures = figures_of(4, z, y);
  cr_expect_eq(figures.rss, 0.25 + 1 + 0.0625 + 4);
  cr_expect_eq(figures.mse, 5.3125 / 4);
  cr_expect_eq(figures.rmse, sqrt(5.3125 / 4));
  cr_expect_eq(figures.max_error, 2);
  cr_expect_eq(figures.r2, 1 - 5.3125 / 5);
}

Test(figures, perfect_fit)
{
  const double z[] = {1, 2, 3};
  const double y[] = {1, 2, 3};
  clfit_figures figures = figures_of(3, z, y);
  cr_expect(figures.rss == 0 && figures.mse == 0 && figures.rmse == 0 && figures.max_error == 0 && figures.r2 == 1);
}

/* y is not rounded to float32 first, and the largest error may be negative. */
Test(figures, errors_are_float64)
{
  const double z[] = {0.1f, -1};
  const double y[] = {0.1, 1};
  double e = (double)0.1f - 0.1;
  clfit_figures figures = figures_of(2, z, y);
  cr_expect_eq(figures.rss, e * e + 4);
  cr_expect_eq(figures.max_error, 2);
  cr_expect_eq(figures_of(1, z, y).max_error, e);
}

/* Beyond 2^54 numbers are 4 apart: three ones in a row are rounded away one by one, but not their sum. */
Test(figures, sums_in_index_order)
{
  const double rising[] = {1, 1, 1, 0x1p27f}, falling[] = {0x1p27f, 1, 1, 1};
  const double y[] = {0, 0, 0, 0};
  cr_expect_eq(figures_of(4, rising, y).rss, 0x1p54 + 4);
  cr_expect_eq(figures_of(4, falling, y).rss, 0x1p54);
}

Test(figures, equal_y_have_no_r2)
{
  const double z[] = {1, 2, 3};
  const double y[] = {0.1, 0.1, 0.1}; /* whose mean, summed and divided, is not 0.1 */
  clfit_figures figures = figures_of(3, z, y);
  cr_expect(isnan(figures.r2));
  cr_expect(isfinite(figures.rss) && isfinite(figures.mse) && isfinite(figures.rmse) && isfinite(figures.max_error));
  cr_expect(isnan(figures_of(1, z, y).r2));
}

Test(figures, nothing_and_not_finite)
{
  const double good_z[] = {1, 2, 3}, bad_z[] = {NAN, INFINITY, -INFINITY};
  const double good_y[] = {1, 2, 4}, bad_y[] = {NAN, INFINITY, -INFINITY};
  expect_all_nan(figures_of(0, NULL, NULL));
  for (size_t place = 0; place < 3; place++)
    for (size_t kind = 0; kind < 3; kind++) {
      double z[3];
      double y[3];
      memcpy(z, good_z, sizeof z);
      memcpy(y, good_y, sizeof y);
      z[place] = bad_z[kind];
      expect_all_nan(figures_of(3, z, good_y));
      y[place] = bad_y[kind];
      expect_all_nan(figures_of(3, good_z, y));
      expect_all_nan(figures_of(3, z, y));
    }
}

/* A sum beyond float64 is not finite, and NaN; the largest error still is a number. */
Test(figures, overflow)
{
  const double z[] = {0, 0};
  const double y[] = {1e200, -1e200};
  clfit_figures figures = figures_of(2, z, y);
  cr_expect(isnan(figures.rss) && isnan(figures.mse) && isnan(figures.rmse) && isnan(figures.r2));
  cr_expect_eq(figures.max_error, 1e200);
}

/* ---- the stable rate ----------------------------------------------------------------------------------------- */

static clfit_state state_of(uint32_t hidden, uint32_t samples, clfit_activation activation)
{
  clfit_network network;
  clfit_state state;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.samples = samples;
  network.activation = activation;
  cr_assert_eq(clfit_state_init(&state, &network, NULL), CLFIT_OK);
  return state;
}

static clfit_data *data_of(size_t n, const double *x)
{
  clfit_data *data;
  cr_assert_eq(clfit_data_create(n, x, x, &data, NULL), CLFIT_OK);
  return data;
}

/* x = 2: z1 = 2*2 + 1, a = 5, slope 1, norm 5^2 + 3^2 (1 + 2^2) + 1 = 71. x = -2: a = 0, norm 1. */
Test(stable_rate, by_hand)
{
  const float parameters[] = {2, 1, 3, 100};
  const double x[] = {-2, 2, 50};
  clfit_state state = state_of(1, 2, CLFIT_RELU);
  clfit_data *data = data_of(3, x);
  memcpy(state.parameters, parameters, sizeof parameters);
  cr_expect_eq(clfit_state_stable_rate(&state, data), 2.0 / 71);
  state.network.samples = 1; /* the third sample never counted, now the second does not */
  cr_expect_eq(clfit_state_stable_rate(&state, data), 2.0);
  clfit_data_free(data);
  clfit_state_clear(&state);
}

/* The answer of a network in float64, with the parameters W1 B1 W2 B2. */
static double answer(size_t hidden, clfit_activation activation, const double *parameters, double x)
{
  double z = parameters[3 * hidden];
  for (size_t j = 0; j < hidden; j++) {
    double z1 = parameters[j] * x + parameters[hidden + j];
    z += parameters[2 * hidden + j] * exact_value(activation, z1);
  }
  return z;
}

/* Squared norm of the gradient by central differences. */
static double gradient_norm(const clfit_state *state, double x)
{
  enum { MOST = 3 * 33 + 1 };
  size_t hidden = state->network.hidden, n = clfit_parameter_count(state->network.hidden);
  double parameters[MOST], h = 0x1p-20, norm = 0;
  for (size_t i = 0; i < n; i++) parameters[i] = state->parameters[i];
  for (size_t i = 0; i < n; i++) {
    double middle = parameters[i];
    parameters[i] = middle + h;
    double above = answer(hidden, state->network.activation, parameters, x);
    parameters[i] = middle - h;
    double below = answer(hidden, state->network.activation, parameters, x);
    parameters[i] = middle;
    norm += (above - below) / (2 * h) * ((above - below) / (2 * h));
  }
  return norm;
}

/* The formula is the gradient's, for every activation. How far float32 may take it away, with u = 2^-24: z1 is below 4
 * and rounded once (2u), an activation is good to 3 ulp, so a is within 5u and a slope, at most 2-Lipschitz in a and
 * rounded once, within 11u. The sum of the a^2, beside the 1, changes by at most 2*5u sum|a| <= 5u (H + sum a^2), the
 * rest by 2 * sum w2^2 * slope * 11u * (1 + x^2) <= 2*6*11u * 2.5625. What the differences lose (h^2, 2^-50/h) is
 * nothing beside it. */
#define GRADIENT_TOLERANCE ((5 * 33 + 2 * 6 * 11 * 2.5625) * 0x1p-24)

Test(stable_rate, is_the_gradient)
{
  static const uint32_t sizes[] = {1, 31, 33};
  const double x[] = {-0.75, 0, 0.5, 1.25};
  clfit_data *data = data_of(4, x);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++) {
      clfit_state state = state_of(sizes[i], 4, activation);
      for (size_t j = sizes[i]; j < 2 * sizes[i]; j++) state.parameters[j] = 0.25f; /* B1: no ReLU on its kink */
      double largest = 0;
      for (size_t k = 0; k < 4; k++) largest = fmax(largest, gradient_norm(&state, x[k]));
      double rate = clfit_state_stable_rate(&state, data);
      cr_expect(fabs(rate * largest / 2 - 1) <= GRADIENT_TOLERANCE, "%s, %u: %.9g, not %.9g",
                clfit_activation_name(activation), sizes[i], rate, 2 / largest);
      clfit_state_clear(&state);
    }
  clfit_data_free(data);
}

/* The chapter's rate 0.1 is beyond the limit at the start: its first epoch blows up. */
Test(stable_rate, of_the_chapter)
{
  clfit_target *target;
  clfit_data *data;
  cr_assert_eq(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, NULL), CLFIT_OK);
  cr_assert_eq(clfit_data_sample(target, 0, 1, 1000, 0, &data, NULL), CLFIT_OK);
  clfit_state state = state_of(128, 1000, CLFIT_SIGMOID);
  double rate = clfit_state_stable_rate(&state, data);
  /* b is 0.216, so the 128 activations lie within 0.446 .. 0.554: their squares sum to 25 .. 40; w2 adds below 0.8 */
  cr_expect(rate < 2.0 / 26 && rate > 2.0 / 42, "%g", rate);
  clfit_state_clear(&state);
  clfit_data_free(data);
  clfit_target_free(target);
}

Test(stable_rate, of_a_diverged_state)
{
  const double x[] = {1};
  clfit_state state = state_of(3, 1, CLFIT_TANH);
  clfit_data *data = data_of(1, x);
  for (size_t i = 0; i < clfit_parameter_count(3); i++) state.parameters[i] = NAN;
  cr_expect(isnan(clfit_state_stable_rate(&state, data)));
  state.parameters[8] = INFINITY;
  cr_expect(isnan(clfit_state_stable_rate(&state, data)));
  clfit_data_free(data);
  clfit_state_clear(&state);
}

/* Parameters as large as they get overflow nothing in float64. */
Test(stable_rate, of_huge_parameters)
{
  const double x[] = {FLT_MAX};
  clfit_state state = state_of(1, 1, CLFIT_RELU);
  clfit_data *data = data_of(1, x);
  const float parameters[] = {1, 0, FLT_MAX, 0};
  memcpy(state.parameters, parameters, sizeof parameters);
  double m = FLT_MAX;
  cr_expect_eq(clfit_state_stable_rate(&state, data), 2 / (m * m + m * m * (1 + m * m)));
  clfit_data_free(data);
  clfit_state_clear(&state);
}

/* ---- defects --------------------------------------------------------------------------------------------------- */

/* Two neurons with these W1 and B1, at x = -1, 0 and 1. */
static clfit_defect defect_of(clfit_activation activation, float w1, float b1, float other_b1, double r2)
{
  const double x[] = {-1, 0, 1};
  float parameters[] = {w1, w1, b1, other_b1, 1, 1, 0};
  clfit_state state = {.size = sizeof state, .parameters = parameters};
  clfit_data *data;
  clfit_network_default(&state.network);
  state.network.hidden = 2;
  state.network.samples = 3;
  state.network.activation = activation;
  cr_assert_eq(clfit_data_create(3, x, x, &data, NULL), CLFIT_OK);
  clfit_defect defect = clfit_fit_defect(&state, data, r2);
  clfit_data_free(data);
  return defect;
}

Test(figures, a_fit_is_saturated_if_all_its_neurons_are)
{
  cr_expect_eq(defect_of(CLFIT_SIGMOID, 1, 30, -30, 0.5), CLFIT_DEFECT_SATURATED);
  cr_expect_eq(defect_of(CLFIT_SIGMOID, 40, 20, -20, 0.5), CLFIT_DEFECT_SATURATED); /* a step between samples */
  cr_expect_eq(defect_of(CLFIT_SIGMOID, 1, 30, 10, 0.5), CLFIT_DEFECT_NONE);
  cr_expect_eq(defect_of(CLFIT_SIGMOID, 40, 0, 20, 0.5), CLFIT_DEFECT_NONE); /* only at x = 0 it is not */
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 20, -20, 0.5), CLFIT_DEFECT_SATURATED);
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 20, 3, 0.5), CLFIT_DEFECT_NONE);
  cr_expect_eq(defect_of(CLFIT_RELU, 1, -2, -3, 0.5), CLFIT_DEFECT_SATURATED); /* dead */
  cr_expect_eq(defect_of(CLFIT_RELU, 1, -2, 100, 0.5), CLFIT_DEFECT_NONE);
}

Test(figures, a_fit_that_explains_nothing_is_constant)
{
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 0, 0, 0.0099), CLFIT_DEFECT_CONSTANT);
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 0, 0, -3), CLFIT_DEFECT_CONSTANT);
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 0, 0, CLFIT_CONSTANT_R2), CLFIT_DEFECT_NONE);
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 0, 0, NAN), CLFIT_DEFECT_NONE);
  cr_expect_eq(defect_of(CLFIT_TANH, 1, 20, 20, -3), CLFIT_DEFECT_SATURATED); /* which explains the other */
  cr_expect_null(clfit_defect_name(CLFIT_DEFECT_NONE));
  cr_expect_null(clfit_defect_name((clfit_defect)3));
  cr_expect_str_eq(clfit_defect_name(CLFIT_DEFECT_SATURATED), "saturated");
}
