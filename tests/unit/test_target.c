/* Formulas: values, and every way to get one wrong. */
#include "clfit.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON 0xA5

static clfit_error failure;

static clfit_target *poisoned(void)
{
  static char nowhere;
  memset(&failure, POISON, sizeof failure);
  return (clfit_target *)(void *)&nowhere;
}

/* The formula's value at x. */
static double value_of(const char *text, double x)
{
  clfit_target *target = poisoned();
  double y = NAN;
  cr_assert_eq(clfit_target_parse(text, &target, &failure), CLFIT_OK, "%s", failure.message);
  cr_assert_eq(clfit_target_evaluate(target, 1, &x, &y, &failure), CLFIT_OK, "%s", failure.message);
  clfit_target_free(target);
  return y;
}

/* column counts from 1. */
static void expect_refused(const char *text, size_t column, const char *words)
{
  char place[32];
  clfit_target *target = poisoned();
  cr_assert_eq(clfit_target_parse(text, &target, &failure), CLFIT_ERROR_FORMAT, "'%s' was taken", text);
  cr_assert_null(target);
  cr_expect_eq(failure.code, CLFIT_ERROR_FORMAT);
  cr_expect_eq(failure.cl_code, 0);
  cr_expect_eq(failure.log[0], '\0');
  cr_expect_eq(failure.position, column, "'%s': column %zu instead of %zu", text, failure.position, column);
  snprintf(place, sizeof place, ", column %zu: ", column);
  cr_expect(strstr(failure.message, place), "'%s': \"%s\" lacks \"%s\"", text, failure.message, place);
  cr_expect(strstr(failure.message, words), "'%s': \"%s\" lacks \"%s\"", text, failure.message, words);
  cr_assert_eq(clfit_target_parse(text, &target, NULL), CLFIT_ERROR_FORMAT);
}

Test(target, values)
{
  cr_expect_eq(value_of("x", 0.3), 0.3);
  cr_expect_eq(value_of(" \t\n x\r\n", 0.3), 0.3);
  cr_expect_eq(value_of("2*x^2 - .5e1*x + 1", 3), 4);
  cr_expect_eq(value_of("-x^2", 3), -9);
  cr_expect_eq(value_of("2^3^2", 0), 512);
  cr_expect_eq(value_of("2^-x", 1), 0.5);
  cr_expect_eq(value_of("x<1 ? x : 2", 0.5), 0.5);
  cr_expect_eq(value_of("x<1 ? x : 2", 3), 2);
  cr_expect_eq(value_of("(x>=1) + (x<=1) + (x==1) + (x!=1)", 1), 3);
  cr_expect_eq(value_of("max(x, 2, 3)", 1), 3);
  cr_expect_eq(value_of("atan2(x, x)", 1), atan2(1, 1));
  cr_expect_eq(value_of("sin(x) + exp(x) + sqrt(x)", 1), sin(1) + exp(1) + sqrt(1));
}

/* muParser's own _pi is 3.141592653589. */
Test(target, constants)
{
  cr_expect_eq(value_of("pi", 0), 3.14159265358979323846);
  cr_expect_eq(value_of("_pi", 0), 3.14159265358979323846);
  cr_expect_eq(value_of("e", 0), 2.71828182845904523536);
  cr_expect_eq(value_of("_e", 0), 2.71828182845904523536);
}

Test(target, chapters_curve)
{
  for (int i = 0; i <= 100; i++) {
    double x = i / 100.0, y = 0.4 * x * x + 0.3 * x * sin(15 * x) + 0.01 * cos(50 * x) - 0.3;
    /* five sums and products of terms below 0.5, each rounded once by either side */
    cr_expect(fabs(value_of(CLFIT_TARGET_DEFAULT, x) - y) <= 10 * 0x1p-54, "x = %g", x);
  }
}

Test(target, many_values)
{
  enum { N = 129 };
  double x[N], y[N];
  clfit_target *target;
  for (int i = 0; i < N; i++) {
    x[i] = i;
    y[i] = NAN;
  }
  cr_assert_eq(clfit_target_parse("2*x+1", &target, NULL), CLFIT_OK);
  cr_assert_eq(clfit_target_evaluate(target, N, x, y, NULL), CLFIT_OK);
  for (int i = 0; i < N; i++) cr_expect(x[i] == i && y[i] == 2 * i + 1);
  cr_assert_eq(clfit_target_evaluate(target, 0, NULL, NULL, NULL), CLFIT_OK);
  clfit_target_free(target);
  clfit_target_free(NULL);
}

/* Two at once do not see each other's x. */
Test(target, several_targets)
{
  clfit_target *one, *two;
  double x = 1, other = 5, y;
  cr_assert_eq(clfit_target_parse("x", &one, NULL), CLFIT_OK);
  cr_assert_eq(clfit_target_parse("10*x", &two, NULL), CLFIT_OK);
  clfit_target_evaluate(one, 1, &x, &y, NULL);
  cr_expect_eq(y, 1);
  clfit_target_evaluate(two, 1, &other, &y, NULL);
  cr_expect_eq(y, 50);
  clfit_target_free(two);
  clfit_target_evaluate(one, 1, &x, &y, NULL);
  cr_expect_eq(y, 1);
  clfit_target_free(one);
}

Test(target, text_is_copied)
{
  char text[] = "x + 1/(x-1)";
  clfit_target *target;
  double x[] = {2, 1}, y[2];
  cr_assert_eq(clfit_target_parse(text, &target, NULL), CLFIT_OK);
  memset(text, 'y', sizeof text - 1);
  cr_assert_eq(clfit_target_evaluate(target, 2, x, y, &failure), CLFIT_ERROR_ARGUMENT);
  cr_expect_eq(y[0], 3);
  cr_expect(strstr(failure.message, "'x + 1/(x-1)'"), "%s", failure.message);
  clfit_target_free(target);
}

Test(target, not_finite)
{
  static const struct {
    const char *text;
    double x;
    const char *words;
  } rows[] = {
      {"1/x", 0, "formula '1/x' has no finite value at x = 0"},
      {"sqrt(x)", -0.1, "at x = -0.1"},
      {"log(x)", 0, "at x = 0"},
      {"exp(x)", 1000, "at x = 1000"},
      {"0/0", 7, "at x = 7"},
      {"x", NAN, "at x = nan"},
      {"x", INFINITY, "at x = inf"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    clfit_target *target = poisoned();
    double y;
    cr_assert_eq(clfit_target_parse(rows[i].text, &target, NULL), CLFIT_OK);
    cr_assert_eq(clfit_target_evaluate(target, 1, &rows[i].x, &y, &failure), CLFIT_ERROR_ARGUMENT);
    cr_expect_eq(failure.code, CLFIT_ERROR_ARGUMENT);
    cr_expect_eq(failure.position, 0);
    cr_expect_eq(failure.log[0], '\0');
    cr_expect(strstr(failure.message, rows[i].words), "%s", failure.message);
    cr_assert_eq(clfit_target_evaluate(target, 1, &rows[i].x, &y, NULL), CLFIT_ERROR_ARGUMENT);
    double fine = 4; /* a failure leaves nothing behind */
    clfit_status expected = rows[i].text[0] == '0' ? CLFIT_ERROR_ARGUMENT : CLFIT_OK;
    cr_assert_eq(clfit_target_evaluate(target, 1, &fine, &y, NULL), expected);
    clfit_target_free(target);
  }
}

Test(target, empty)
{
  expect_refused("", 1, "the formula is empty");
  expect_refused(" \t\r\n ", 1, "the formula is empty");
}

Test(target, unknown_names)
{
  expect_refused("y", 1, "formula 'y', column 1: unknown name 'y'; there are x, pi, e and functions");
  expect_refused("x + foo(x)", 5, "unknown name 'foo'");
  expect_refused("sin", 1, "unknown name 'sin'");
  expect_refused("2*sin (x)", 3, "unknown name 'sin'; a function's parenthesis follows it without a blank");
  expect_refused("X", 1, "unknown name 'X'");
  expect_refused("pi2", 1, "unknown name 'pi2'");
  expect_refused("inf", 1, "unknown name 'inf'");
  expect_refused("nan", 1, "unknown name 'nan'");
  expect_refused("0x10", 2, "unknown name 'x10'");
}

Test(target, numbers)
{
  expect_refused("x + 1e999", 5, "'1e999' is not a number");
  expect_refused("1e", 1, "'1e' is not a number");
  expect_refused("1.2.3", 4, "'.3' is not expected here");
  expect_refused("0,5*x", 2, "a comma only separates a function's arguments; decimals take a point");
}

Test(target, operators)
{
  expect_refused("x**2", 2, "a power is written ^, not **");
  expect_refused("x^^2", 3, "operator '^' is not expected here");
  expect_refused("x + */ 2", 5, "operator '*' is not expected here");
  expect_refused("x+", 3, "it ends too early");
  expect_refused("x^-", 4, "is an operand missing?");
  expect_refused("-", 2, "is an operand missing?");
  expect_refused("2x", 2, "'x' is not expected here; is an operator missing, as in 2*x?");
  expect_refused("2pi", 2, "'pi' is not expected here; is an operator missing, as in 2*x?");
  expect_refused("x 3", 3, "'3' is not expected here; is an operator missing");
  expect_refused("x(2)", 2, "'(' is not expected here; is an operator missing");
  expect_refused("sin(x)cos(x)", 7, "'cos' is not expected here; is an operator missing");
  expect_refused("!x", 1, "'!' is not expected here");
  expect_refused("x&1", 2, "'&' is not expected here");
}

Test(target, trailing_garbage)
{
  expect_refused("x)", 2, "')' without '(' before it");
  expect_refused("x;", 2, "';' is not allowed in a formula");
  expect_refused("x#", 2, "'#' is not allowed in a formula");
  expect_refused("x \"a\"", 3, "'\"' is not allowed in a formula");
  expect_refused("x+\xC3\xA9 1", 3, "'\xC3\xA9' is not allowed in a formula");
  expect_refused("x\x01", 2, "is not allowed in a formula");
}

Test(target, several_values)
{
  expect_refused("x,2*x", 2, "a comma only separates");
  expect_refused("x,", 2, "a comma only separates");
  expect_refused("(x,1)", 5, "several values in parentheses, but no function before them");
  expect_refused("sum(x>0?1,2:3)", 10, "a comma is not expected here");
}

Test(target, assignments)
{
  expect_refused("x=3", 2, "'=' assigns; write the right-hand side alone");
  expect_refused("y = x^2", 3, "'=' assigns");
  expect_refused("(x=3)*x", 3, "'=' assigns");
  expect_refused("x=", 2, "'=' assigns");
  expect_refused("=x", 1, "'=' assigns");
  expect_refused("x+=1", 3, "'=' assigns");
}

Test(target, functions)
{
  expect_refused("sin()", 5, "too few arguments");
  expect_refused("sin(x,2)", 8, "too many arguments");
  expect_refused("min()", 6, "too few arguments");
  expect_refused("sin(x,)", 7, "')' is not expected here");
}

Test(target, choices)
{
  expect_refused("x>0 ? 1", 8, "'?' and ':' do not match");
  expect_refused("x>0 ? 1 : 2 : 3", 13, "'?' and ':' do not match");
  expect_refused(":", 1, "'?' and ':' do not match");
}

/* 200 parentheses and 4096 characters do, one more does not. */
Test(target, limits)
{
  enum { NESTING = 200, LENGTH = 4096 };
  static char text[LENGTH + 2];
  memset(text, '(', NESTING);
  text[NESTING] = 'x';
  memset(text + NESTING + 1, ')', NESTING);
  cr_expect_eq(value_of(text, 7), 7);
  memset(text, '(', NESTING + 1);
  text[NESTING + 1] = 'x';
  memset(text + NESTING + 2, ')', NESTING + 1);
  expect_refused(text, NESTING + 1, "parentheses nested more than 200 deep");
  expect_refused("((x)", 1, "'(' is not closed");
  expect_refused("1+(2*(x", 6, "'(' is not closed");

  for (int i = 0; i < LENGTH; i += 2) memcpy(text + i, "x+", 3);
  text[LENGTH - 1] = '\0';
  cr_expect_eq(value_of(text, 1), LENGTH / 2);
  text[LENGTH - 1] = ' ';
  cr_expect_eq(value_of(text, 1), LENGTH / 2);
  text[LENGTH] = ' ';
  expect_refused(text, LENGTH + 1, "4097 characters; a formula may have 4096");
}

/* Of a long formula a message shows what surrounds the mistake. */
Test(target, long_formulas_are_cut)
{
  char text[400] = "first";
  for (int i = 0; i < 60; i++) strcat(text, "+x");
  strcat(text, "+wrong");
  for (int i = 0; i < 60; i++) strcat(text, "+x");
  expect_refused(text, 1, "formula 'first+x");
  cr_expect(strstr(failure.message, "+x+...', column 1"), "%s", failure.message);
  memcpy(text, "1.234", 5);
  expect_refused(text, 127, "column 127: unknown name 'wrong'");
  cr_expect(strstr(failure.message, "formula '...x+x"), "%s", failure.message);
  cr_expect(strstr(failure.message, "+wrong+x"), "%s", failure.message);
  cr_expect(strstr(failure.message, "x+...', column"), "%s", failure.message);
}

Test(target, decimal_comma_locale)
{
  if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
    cr_skip_test("no locale with a decimal comma is installed");
  cr_assert_str_eq(localeconv()->decimal_point, ",");
  cr_expect_eq(value_of("0.5*x", 3), 1.5);
  clfit_target *target;
  double x = -0.5, y;
  cr_assert_eq(clfit_target_parse("sqrt(x)", &target, NULL), CLFIT_OK);
  cr_assert_eq(clfit_target_evaluate(target, 1, &x, &y, &failure), CLFIT_ERROR_ARGUMENT);
  cr_expect(strstr(failure.message, "x = -0.5"), "%s", failure.message);
  clfit_target_free(target);
}
