/* Tables, splines, polynomials and rational functions beside a network. */
#include "clfit.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static clfit_error error;

static clfit_alternatives_options options_of(double max_error, double max_rmse, size_t bytes)
{
  clfit_alternatives_options options;
  clfit_alternatives_options_default(&options);
  options.max_error = max_error;
  options.max_rmse = max_rmse;
  options.bytes = bytes;
  return options;
}

/* ---- the columns of any curve ---------------------------------------------------------------------------------- */

/* x + a sin(pi x): a straight line at whole numbers. */
static void wave(void *context, size_t n, const double *x, double *z)
{
  double a = *(double *)context;
  for (size_t i = 0; i < n; i++) z[i] = x[i] + a * sin(3.14159265358979323846 * x[i]);
}

static clfit_alternative network_row(size_t n, const double *x, const double *y, double a, uint32_t hidden,
                                     clfit_activation activation)
{
  clfit_alternatives_options options = options_of(1e-9, 0, 0);
  clfit_alternative row;
  cr_assert_eq(clfit_alternatives_network(n, x, y, NULL, &options, hidden, activation, wave, &a, &row, &error),
               CLFIT_OK, "%s", error.message);
  return row;
}

static const double five[] = {0, 1, 2, 3, 4};

/* The grid has at least 8,192 points over 4, so that the top of the wave is missed by at most h = 1/4096 and the
 * departure by a (pi h)^2/2. The slope is 1 + a pi cos(pi x): positive everywhere for a = 0.25, not for 0.5. */
Test(alternatives, between_the_rows)
{
  clfit_alternative row = network_row(5, five, five, 0.5, 1, CLFIT_TANH);
  cr_expect_lt(fabs(row.departure - 0.5), 0.5 * 3e-7);
  cr_expect_eq(row.monotone, CLFIT_MONOTONE_NO);
  cr_expect(row.met && row.max_error < 1e-9, "at the rows themselves there is no error");
  row = network_row(5, five, five, 0.25, 1, CLFIT_TANH);
  cr_expect_lt(fabs(row.departure - 0.25), 0.25 * 3e-7);
  cr_expect_eq(row.monotone, CLFIT_MONOTONE_YES);
}

Test(alternatives, monotone_is_asked_of_monotone_data)
{
  static const double up_and_down[] = {0, 1, 2, 1, 0}, level[] = {1, 1, 1, 1, 1};
  cr_expect_eq(network_row(5, five, up_and_down, 0, 1, CLFIT_TANH).monotone, CLFIT_MONOTONE_NOT_ASKED);
  cr_expect_eq(network_row(5, five, level, 0, 1, CLFIT_TANH).monotone, CLFIT_MONOTONE_YES);
  static const double down[] = {4, 3, 2, 1, 0};
  cr_expect_eq(network_row(5, five, down, 0, 1, CLFIT_TANH).monotone, CLFIT_MONOTONE_NO);
  /* Of equal x the mean counts: 0.5, 1, 2. */
  static const double x[] = {0, 0, 1, 2}, y[] = {3, -2, 1, 2};
  cr_expect_eq(network_row(4, x, y, 0, 1, CLFIT_TANH).monotone, CLFIT_MONOTONE_YES);
}

Test(alternatives, errors_by_hand)
{
  static const double x[] = {0, 1, 2, 2}, y[] = {0, 2, 2, 4};
  clfit_alternative row = network_row(4, x, y, 0, 3, CLFIT_RELU);
  cr_expect_lt(fabs(row.rmse - sqrt((1.0 + 4.0) / 4)), 1e-15); /* wave(1) has a rounding of sin(pi) */
  cr_expect_lt(fabs(row.max_error - 2), 1e-15);
  cr_expect_not(row.met);
  cr_expect_str_eq(row.kind, "network");
  cr_expect_str_eq(row.description, "3 relu neurons");
}

static void expect_operations(clfit_activation activation, uint32_t multiply_adds, uint32_t divisions, uint32_t exps,
                              uint32_t compares)
{
  clfit_operations found = network_row(5, five, five, 0, 7, activation).operations;
  cr_expect_eq(found.multiply_adds, multiply_adds);
  cr_expect_eq(found.divisions, divisions);
  cr_expect_eq(found.exps, exps);
  cr_expect_eq(found.compares, compares);
}

Test(alternatives, operations_of_a_network)
{
  expect_operations(CLFIT_SIGMOID, 21, 7, 7, 0);
  expect_operations(CLFIT_TANH, 21, 7, 7, 0);
  expect_operations(CLFIT_RELU, 14, 0, 0, 7);
  clfit_alternative row = network_row(5, five, five, 0, 7, CLFIT_TANH);
  cr_expect_eq(row.parameters, 22);
  cr_expect_eq(row.bytes, 88);
  cr_expect_eq(clfit_operations_weigh(&row.operations), 21 + 4 * 7 + 20 * 7);
}

/* ---- bad input ------------------------------------------------------------------------------------------------- */

static void expect_refused(size_t n, double x, double y, double weight, clfit_alternatives_options options,
                           const char *message)
{
  double a = 0, xs[] = {0, x}, ys[] = {0, y}, weights[] = {weight, weight};
  clfit_alternative row;
  clfit_status status = clfit_alternatives_network(n, xs, ys, weights, &options, 1, CLFIT_TANH, wave, &a, &row, &error);
  cr_expect_eq(status, CLFIT_ERROR_ARGUMENT);
  cr_expect(strstr(error.message, message), "\"%s\" has no \"%s\"", error.message, message);
}

Test(alternatives, bad_input)
{
  clfit_alternatives_options good = options_of(1, 0, 0);
  expect_refused(2, NAN, 0, 1, good, "row 2");
  expect_refused(2, 0, INFINITY, 1, good, "row 2");
  expect_refused(2, 0, 1e39, 1, good, "float32");
  expect_refused(2, 0, 0, -1, good, "weight");
  expect_refused(2, 0, 0, NAN, good, "weight");
  expect_refused(2, 0, 0, 0, good, "positive weight");
  expect_refused(0, 0, 0, 1, good, "no row");
  expect_refused(2, 0, 0, 1, options_of(0, 0, 0), "bound");
  expect_refused(2, 0, 0, 1, options_of(-1, 0, 4), "bound");
  expect_refused(2, 0, 0, 1, options_of(0, NAN, 4), "bound");
  double a = 0;
  clfit_alternative row;
  cr_expect_eq(clfit_alternatives_network(5, five, five, NULL, &good, 0, 0, wave, &a, &row, &error),
               CLFIT_ERROR_ARGUMENT);
  cr_expect_eq(clfit_alternatives_network(5, five, five, NULL, &good, 1, 99, wave, &a, &row, NULL),
               CLFIT_ERROR_ARGUMENT);
}

/* ---- the verdict ----------------------------------------------------------------------------------------------- */

static clfit_alternative row_of(const char *kind, size_t parameters, double rmse, uint32_t multiply_adds)
{
  return (clfit_alternative){.size = sizeof(clfit_alternative),
                             .kind = kind,
                             .description = "as it is",
                             .parameters = parameters,
                             .bytes = 4 * parameters,
                             .rmse = rmse,
                             .max_error = rmse,
                             .operations = {.multiply_adds = multiply_adds},
                             .departure = 1,
                             .monotone = CLFIT_MONOTONE_YES,
                             .met = rmse <= 1};
}

static const clfit_alternative *verdict_of(const clfit_alternative *row, double bound)
{
  clfit_alternative network = row_of("network", 10, 0.5, 100);
  clfit_alternatives_options options = options_of(0, bound, 40);
  char text[CLFIT_VERDICT_SIZE];
  const clfit_alternative *verdict = clfit_alternatives_verdict(&options, &network, row, 1, text);
  cr_expect_eq(strchr(text, '\n'), NULL);
  cr_expect_gt(strlen(text), 20);
  return verdict;
}

Test(alternatives, verdict)
{
  clfit_alternative row = row_of("table", 10, 0.5, 100);
  cr_expect_eq(verdict_of(&row, 0), &row);
  row.rmse = 0.6;
  cr_expect_eq(verdict_of(&row, 0), NULL, "a larger rmse");
  cr_expect_eq(verdict_of(&row, 1), &row, "within the bound no error counts");
  row.met = false;
  cr_expect_eq(verdict_of(&row, 1), NULL, "beyond the bound");
  row = row_of("table", 11, 0.5, 100);
  cr_expect_eq(verdict_of(&row, 1), NULL, "more bytes");
  row = row_of("table", 10, 0.5, 101);
  cr_expect_eq(verdict_of(&row, 1), NULL, "more operations");
  row = row_of("table", 10, 0.5, 90);
  row.operations.divisions = 3;
  cr_expect_eq(verdict_of(&row, 1), NULL, "a division counts as 4");
  row = row_of("table", 10, 0.5, 100);
  row.departure = 2.1;
  cr_expect_eq(verdict_of(&row, 1), NULL, "swings between the rows");
  row.departure = 1;
  row.monotone = CLFIT_MONOTONE_NO;
  cr_expect_eq(verdict_of(&row, 1), NULL, "less monotone");
  row = row_of("table", 0, NAN, 0);
  cr_expect_eq(verdict_of(&row, 0), NULL, "no fit");
}

Test(alternatives, verdict_takes_the_smallest)
{
  clfit_alternative network = row_of("network", 10, 0.5, 100);
  clfit_alternative rows[] = {row_of("table", 9, 0.1, 5), row_of("spline", 7, 0.4, 20),
                              row_of("polynomial", 7, 0.4, 19), row_of("rational", 8, 0.1, 1)};
  clfit_alternatives_options options = options_of(1, 0, 0);
  char text[CLFIT_VERDICT_SIZE];
  cr_expect_eq(clfit_alternatives_verdict(&options, &network, rows, 4, text), &rows[2]);
  cr_expect_str_eq(text, "A polynomial (as it is) is the better choice here: 28 bytes and 19 operations instead of 40 "
                         "and 100, within the bound");
}

/* ---- fits ------------------------------------------------------------------------------------------------------ */

#if CLFIT_TEST_GSL

enum { TABLE, SPLINE, POLYNOMIAL, RATIONAL, KINDS };

struct rows {
  clfit_alternative row[KINDS];
};

static struct rows fit_weighted(size_t n, const double *x, const double *y, const double *weights,
                                clfit_alternatives_options options)
{
  static const char *const kinds[] = {"table", "spline", "polynomial", "rational"};
  clfit_alternative *rows;
  size_t count;
  cr_assert_eq(clfit_alternatives_fit(n, x, y, weights, &options, &rows, &count, &error), CLFIT_OK, "%s",
               error.message);
  cr_assert_eq(count, KINDS);
  struct rows all;
  memcpy(all.row, rows, sizeof all.row);
  clfit_free(rows);
  for (int i = 0; i < KINDS; i++) {
    cr_expect_str_eq(all.row[i].kind, kinds[i]);
    cr_expect_eq(all.row[i].bytes, 4 * all.row[i].parameters);
  }
  return all;
}

static struct rows fit(size_t n, const double *x, const double *y, clfit_alternatives_options options)
{
  return fit_weighted(n, x, y, NULL, options);
}

#define MANY 200
static double many_x[MANY], many_y[MANY];

static void sample(double low, double high, double (*f)(double x))
{
  clfit_grid(low, high, MANY, many_x);
  for (size_t i = 0; i < MANY; i++) many_y[i] = f(many_x[i]);
}

/* Coefficients are rounded to float32, by 2^-24 of their size, and there are few, of at most the size of y: what a
 * curve that lies within a kind's space differs from its fit. `scale` bounds the sum of the coefficients' sizes. */
static void expect_exact(const clfit_alternative *row, size_t coefficients, double scale)
{
  cr_expect(row->met, "%s: %g", row->kind, row->max_error);
  cr_expect_eq(row->parameters, coefficients + 2, "%s: %s", row->kind, row->description);
  cr_expect_leq(row->max_error, scale * 0x1p-24, "%s: %g", row->kind, row->max_error);
}

static double cubic(double x)
{
  return ((x - 3) * x + 1) * x - 7;
}

/* On [10, 14] |y| <= 2163. Each of the four Chebyshev coefficients is at most twice that; of a spline, whose basis adds
 * up to 1 with condition below 10, ten times. */
Test(alternatives, a_cubic_is_found_exactly)
{
  sample(10, 14, cubic);
  struct rows rows = fit(MANY, many_x, many_y, options_of(0.01, 0, 0));
  expect_exact(&rows.row[POLYNOMIAL], 4, 4 * 2 * 2163);
  cr_expect_str_eq(rows.row[POLYNOMIAL].description, "degree 3");
  cr_expect_eq(rows.row[POLYNOMIAL].operations.multiply_adds, 9);
  expect_exact(&rows.row[SPLINE], 4, 10 * 2163);
  cr_expect_eq(rows.row[POLYNOMIAL].monotone, CLFIT_MONOTONE_YES);
  cr_expect_eq(rows.row[TABLE].monotone, CLFIT_MONOTONE_YES);
}

/* A cubic spline with its only inner breakpoint in the middle. */
static double bent(double x)
{
  return x > 2 ? (x - 2) * (x - 2) * (x - 2) : 0;
}

Test(alternatives, a_spline_is_found_exactly)
{
  sample(0, 4, bent);
  expect_exact(&fit(MANY, many_x, many_y, options_of(1e-5, 0, 0)).row[SPLINE], 5, 10 * 8);
}

static double zigzag(double x)
{
  return fabs(fabs(x) - 1);
}

Test(alternatives, a_table_is_found_exactly)
{
  sample(-2, 2, zigzag);
  struct rows rows = fit(MANY, many_x, many_y, options_of(1e-5, 0, 0));
  expect_exact(&rows.row[TABLE], 5, 2);
  cr_expect_str_eq(rows.row[TABLE].description, "5 nodes");
}

static double quotient(double x)
{
  return (5 + 2 * x) / (1 + x + x * x);
}

/* q, with 1 as its constant term, is at least 1/7 on [-1, 1], and no coefficient is larger than 5: 2^-24 of p and q,
 * times 1/q, times |y| < 8. */
Test(alternatives, a_rational_function_is_found_exactly)
{
  sample(-0.5, 3, quotient);
  struct rows rows = fit(MANY, many_x, many_y, options_of(1e-5, 0, 0));
  expect_exact(&rows.row[RATIONAL], 4, 2 * 2 * 5 * 7 * 8);
  cr_expect_str_eq(rows.row[RATIONAL].description, "degree 1 over 2");
  cr_expect_eq(rows.row[RATIONAL].operations.divisions, 1);
}

static double pole(double x)
{
  return 1 / (x - 1.0025);
}

/* The rows lie on both sides of the pole and never near it: 1 over degree 1 fits all of them, with 4 constants. Whether
 * anything without a pole is found is not asked. */
Test(alternatives, poles_between_the_rows_are_refused)
{
  sample(0, 2, pole);
  clfit_alternative row = fit(MANY, many_x, many_y, options_of(1e-3, 0, 0)).row[RATIONAL];
  cr_expect(row.parameters == 0 || row.parameters > 4, "%s", row.description);
  cr_expect(row.parameters == 0 || isfinite(row.departure));
}

/* The parabola with the smallest largest error for |x| is x^2 + 1/8, with 1/8; least squares has 3/16, and 15/128 with
 * degree 4. */
Test(alternatives, largest_errors_are_pushed_down)
{
  sample(-1, 1, fabs);
  struct rows rows = fit(MANY, many_x, many_y, options_of(0.127, 0, 0));
  cr_expect(rows.row[POLYNOMIAL].met);
  cr_expect_str_eq(rows.row[POLYNOMIAL].description, "degree 2");
  cr_expect_geq(rows.row[POLYNOMIAL].max_error, 0.124); /* the rows miss 0 by half a step, 0.005, and x^2 + 1/8 there */
}

/* A straight line is off a curve by at least h^2/16 |y''| somewhere in an interval h in whose middle y'' is, and the
 * nodes of an interpolation are off by h^2/8: between those lies the smallest table. The rows' step, 1/32 of h, does
 * not matter much. */
Test(alternatives, a_table_for_a_sine)
{
  sample(0, 3.14159265358979323846, sin);
  double bound = 0.004, h_low = sqrt(8 * bound), h_high = sqrt(16 * bound);
  struct rows rows = fit(MANY, many_x, many_y, options_of(bound, 0, 0));
  double nodes = (double)rows.row[TABLE].parameters - 2;
  cr_expect(rows.row[TABLE].met);
  cr_expect_geq(nodes, floor(3.14159265358979323846 / h_high) + 1);
  cr_expect_leq(nodes, ceil(3.14159265358979323846 / h_low) + 1);
}

static double bell(double x)
{
  return exp(-x * x);
}

static void expect_equal(struct rows a, struct rows b)
{
  for (int i = 0; i < KINDS; i++) {
    cr_expect_eq(a.row[i].parameters, b.row[i].parameters);
    cr_expect_eq(a.row[i].rmse, b.row[i].rmse);
    cr_expect_eq(a.row[i].max_error, b.row[i].max_error);
    cr_expect_eq(a.row[i].departure, b.row[i].departure);
  }
}

Test(alternatives, the_order_of_rows_does_not_matter)
{
  sample(-3, 3, bell);
  for (size_t i = 0; i < MANY; i++) many_x[i] = floor(8 * many_x[i]) / 8; /* equal x with different y */
  double x[MANY], y[MANY];
  for (size_t i = 0; i < MANY; i++) {
    x[i] = many_x[77 * i % MANY];
    y[i] = many_y[77 * i % MANY];
  }
  expect_equal(fit(MANY, x, y, options_of(0.1, 0, 0)), fit(MANY, many_x, many_y, options_of(0.1, 0, 0)));
}

Test(alternatives, rows_without_weight_do_not_count)
{
  sample(-3, 3, bell);
  double weights[MANY];
  for (size_t i = 0; i < MANY; i++) weights[i] = i < 150;
  struct rows all = fit_weighted(MANY, many_x, many_y, weights, options_of(0.001, 0, 0));
  expect_equal(all, fit(150, many_x, many_y, options_of(0.001, 0, 0)));
  for (size_t i = 150; i < MANY; i++) many_y[i] = 1e6;
  expect_equal(all, fit_weighted(MANY, many_x, many_y, weights, options_of(0.001, 0, 0)));
}

/* The weighted mean of 0, three times, 1, and half of 5 is 7/9, to the rounding of float32. With one x there is nothing
 * but a constant. */
Test(alternatives, weights_count_in_the_fit)
{
  static const double x[] = {2, 2, 2}, y[] = {0, 1, 5}, weights[] = {3, 1, 0.5};
  struct rows rows = fit_weighted(3, x, y, weights, options_of(0, 0, 400));
  cr_expect_float_eq(rows.row[POLYNOMIAL].max_error, 38.0 / 9, 1e-7);
  cr_expect_float_eq(rows.row[POLYNOMIAL].rmse, sqrt((7 * 7 + 2 * 2 + 38 * 38) / 81.0 / 3), 1e-7);
  cr_expect_eq(rows.row[POLYNOMIAL].parameters, 3);
  for (int i = 0; i < KINDS; i++) {
    if (i == POLYNOMIAL) continue;
    cr_expect_eq(rows.row[i].parameters, 0);
    cr_expect_not(rows.row[i].met);
    cr_expect(isnan(rows.row[i].rmse));
    cr_expect_str_eq(rows.row[i].description, "");
  }
}

Test(alternatives, within_bytes)
{
  sample(-3, 3, bell);
  for (size_t bytes = 1; bytes < 100; bytes += 7) {
    struct rows rows = fit(MANY, many_x, many_y, options_of(0, 0, bytes));
    for (int i = 0; i < KINDS; i++) {
      cr_expect_leq(rows.row[i].bytes, bytes);
      cr_expect_eq(rows.row[i].met, rows.row[i].parameters > 0);
    }
    size_t constants = bytes / 4;
    cr_expect_eq(rows.row[POLYNOMIAL].parameters, constants >= 3 ? constants : 0);
    cr_expect_eq(rows.row[TABLE].parameters, constants >= 4 ? constants : 0);
    cr_expect_eq(rows.row[SPLINE].parameters, constants >= 6 ? constants : 0);
  }
}

/* No more coefficients than different x; with as many, a table goes through all of equally spaced rows. */
Test(alternatives, few_rows)
{
  static const double y[] = {1, -1, 5, 2, 0};
  for (size_t n = 1; n <= 5; n++) {
    struct rows rows = fit(n, five, y, options_of(1e-6, 0, 0));
    for (int i = 0; i < KINDS; i++) cr_expect_leq(rows.row[i].parameters, n + 2);
    cr_expect(rows.row[POLYNOMIAL].met, "%zu rows: %g", n, rows.row[POLYNOMIAL].max_error);
    if (n > 1) cr_expect(rows.row[TABLE].met);
  }
}

/* In the gap, of 60 % of the range, no row says anything of the nodes: the line continues. 2^-24 of |y| <= 4 for the
 * nodes, as much for the stiffness. */
Test(alternatives, gaps_are_bridged_straight)
{
  for (size_t i = 0; i < MANY; i++) {
    many_x[i] = i < MANY / 2 ? 0.004 * (double)i : 2 - 0.004 * (double)(MANY - 1 - i);
    many_y[i] = 2 * many_x[i];
  }
  struct rows rows = fit(MANY, many_x, many_y, options_of(0, 0, 4 * (64 + 2)));
  cr_expect_eq(rows.row[TABLE].parameters, 66);
  cr_expect_lt(rows.row[TABLE].departure, 8 * 0x1p-24);
  cr_expect_eq(rows.row[SPLINE].parameters, 66);
  cr_expect_lt(rows.row[SPLINE].departure, 8 * 0x1p-24);
}

/* So many rows that means of cells are fitted, with a noise of at most 0.01: the largest error of the cubic itself. */
Test(alternatives, many_rows)
{
  size_t n = 200000;
  double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
  cr_assert(x && y);
  clfit_grid(0, 4, n, x);
  for (size_t i = 0; i < n; i++) y[i] = cubic(x[i]) + 0.01 * sin(1e6 * (double)i);
  struct rows rows = fit(n, x, y, options_of(0.0105, 0, 0));
  cr_expect_str_eq(rows.row[POLYNOMIAL].description, "degree 3");
  for (int i = 0; i < KINDS; i++) {
    cr_expect(rows.row[i].met, "%s: %g", rows.row[i].kind, rows.row[i].max_error);
    cr_expect_gt(rows.row[i].rmse, 0.007); /* 0.01/sqrt(2), the noise's own */
  }
  free(x);
  free(y);
}

static double divider(double code)
{
  return 1 / (1 / 298.15 + log(code / (4095 - code)) / 3950) - 273.15;
}

/* Every code of a 12-bit converter with a thermistor, steep at both ends, where means of cells of four codes are off by
 * 0.02 degrees. */
Test(alternatives, means_of_bent_cells)
{
  size_t n = 4016;
  double x[4016], y[4016];
  for (size_t i = 0; i < n; i++) {
    x[i] = (double)i + 40;
    y[i] = divider(x[i]);
  }
  struct rows rows = fit(n, x, y, options_of(0.004, 0, 0));
  cr_expect(rows.row[RATIONAL].met, "%g", rows.row[RATIONAL].max_error);
}

/* Ends of the range that are no float32 numbers, far from 0 beside the range. */
Test(alternatives, far_from_zero)
{
  clfit_grid(1e6 + 0.01, 1e6 + 40.03, MANY, many_x);
  for (size_t i = 0; i < MANY; i++) many_y[i] = sin((many_x[i] - 1e6) / 10);
  struct rows rows = fit(MANY, many_x, many_y, options_of(1e-4, 0, 0));
  for (int i = 0; i < KINDS; i++) cr_expect(rows.row[i].met, "%s: %g", rows.row[i].kind, rows.row[i].max_error);
}

static void expect_smallest(size_t n, const double *x, const double *y, const clfit_alternative *row, double bound);

static double ripple(double x)
{
  return sin(38 * x + 1);
}

/* Above 32 coefficients only some sizes are tried at first. */
Test(alternatives, sizes_passed_over_are_tried_afterwards)
{
  sample(-1, 1, ripple);
  for (double bound = 0.3; bound > 1e-4; bound /= 3) {
    clfit_alternative row = fit(MANY, many_x, many_y, options_of(0, bound, 0)).row[POLYNOMIAL];
    cr_expect(row.met);
    cr_expect_gt(row.parameters, 32 + 2);
    expect_smallest(MANY, many_x, many_y, &row, bound);
  }
}

/* ---- NIST's data ----------------------------------------------------------------------------------------------- */

/* Residual sum of squares of NIST's certified model, and the least that any function of x has (tests/data/nist). */
static const struct nist {
  const char *name;
  double rss, floor;
} nist[] = {
    {"Bennett5", 5.2404744073E-04, 0},      {"Chwirut1", 2.3844771393E+03, 2067.83}, {"DanWood", 4.3173084083E-03, 0},
    {"Eckerle4", 1.4635887487E-03, 0},      {"Gauss1", 1.3158222432E+03, 0},         {"Gauss2", 1.2475282092E+03, 0},
    {"Hahn1", 1.5324382854E+00, 0.0066125}, {"Lanczos3", 1.6117193594E-08, 0},       {"MGH17", 5.4648946975E-05, 0},
    {"Misra1a", 1.2455138894E-01, 0},       {"Rat42", 8.0565229338E+00, 0},          {"Roszman1", 4.9484847331E-04, 0}};
#define NIST (sizeof nist / sizeof *nist)

static clfit_data *read_nist(const char *name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/nist/%s.csv", CLFIT_TEST_DATA, name);
  clfit_data *data;
  cr_assert_eq(clfit_data_read_csv(path, NULL, NULL, &data, &error), CLFIT_OK, "%s", error.message);
  return data;
}

/* Polynomials are nested: one coefficient less has a larger rmse, and misses the bound. */
static void expect_smallest(size_t n, const double *x, const double *y, const clfit_alternative *row, double bound)
{
  struct rows smaller = fit(n, x, y, options_of(0, 0, row->bytes - 4));
  if (row->parameters == 3) return;
  cr_expect_gt(smaller.row[POLYNOMIAL].rmse, bound);
}

Test(alternatives, nist)
{
  for (size_t i = 0; i < NIST; i++) {
    clfit_data *data = read_nist(nist[i].name);
    size_t n = clfit_data_count(data), met = 0;
    const double *x = clfit_data_x(data), *y = clfit_data_y(data);
    double bound = sqrt(1.05 * nist[i].rss / (double)n);
    struct rows rows = fit(n, x, y, options_of(0, bound, 0));
    for (int kind = 0; kind < KINDS; kind++) {
      const clfit_alternative *row = &rows.row[kind];
      cr_expect_eq(row->met, row->rmse <= bound);
      cr_expect_geq(row->rmse * row->rmse * (double)n, nist[i].floor, "%s, %s", nist[i].name, row->kind);
      met += row->met;
    }
    cr_expect_geq(met, 3, "%s: %zu", nist[i].name, met);
    expect_smallest(n, x, y, &rows.row[POLYNOMIAL], bound);
    clfit_data_free(data);
  }
}

#else

Test(alternatives, need_gsl)
{
  clfit_alternatives_options options = options_of(1, 0, 0);
  clfit_alternative *rows;
  size_t count;
  cr_expect_eq(clfit_alternatives_fit(5, five, five, NULL, &options, &rows, &count, &error), CLFIT_ERROR_UNSUPPORTED);
  cr_expect(strstr(error.message, "GSL"));
}

#endif
