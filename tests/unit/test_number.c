#include "clfit.h"

#include <criterion/criterion.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t pattern_of(double value)
{
  uint64_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return pattern;
}

static void expect_text(double value, const char *expected)
{
  char text[CLFIT_NUMBER_SIZE];
  memset(text, 0xA5, sizeof text);
  clfit_number_print(text, value);
  cr_expect_str_eq(text, expected);
}

Test(number, prints_the_shortest_text)
{
  expect_text(0.0, "0");
  expect_text(-0.0, "-0");
  expect_text(0.1, "0.1");
  expect_text(1.0 / 3, "0.3333333333333333");    /* 16 digits */
  expect_text(0.1 + 0.2, "0.30000000000000004"); /* 17 */
  expect_text(-1000, "-1000");
  expect_text(1e22, "1e+22");
  expect_text(0x1p-64, "5.421010862427522e-20");
  expect_text(DBL_MAX, "1.7976931348623157e+308");
  expect_text(-DBL_MIN, "-2.2250738585072014e-308");
  expect_text((double)0.1f, "0.10000000149011612");
}

static void expect_float_text(float value, const char *expected)
{
  char text[CLFIT_NUMBER_SIZE];
  memset(text, 0xA5, sizeof text);
  clfit_number_print_float(text, value);
  cr_expect_str_eq(text, expected);
}

Test(number, prints_the_shortest_text_of_a_float32)
{
  expect_float_text(0.1f, "0.1");
  expect_float_text(-0.0f, "-0");
  expect_float_text(1.0f / 3, "0.33333334");
  expect_float_text(16777216, "16777216");
  expect_float_text(0x1p-149f, "1e-45");
  expect_float_text(-FLT_MAX, "-3.4028235e+38");
  expect_float_text(1.00000012f, "1.0000001");
  expect_float_text(0x1.5c87fap-84f, "7.0385307e-26"); /* 7.038531e-26 does as well, but not by way of a float64 */
  expect_float_text(NAN, "nan");
  expect_float_text(-INFINITY, "-inf");
}

Test(number, prints_what_is_not_finite)
{
  expect_text(INFINITY, "inf");
  expect_text(-INFINITY, "-inf");
  expect_text(NAN, "nan");
  expect_text(-NAN, "nan");
}

static void expect_same_bits(double value)
{
  char text[CLFIT_NUMBER_SIZE];
  double back = NAN;
  clfit_number_print(text, value);
  cr_assert_lt(strlen(text), 25, "%s", text);
  cr_assert(clfit_number_parse(text, &back), "%s", text);
  cr_assert_eq(pattern_of(back), pattern_of(value), "%a printed as %s", value, text);
}

/* Every power of two, its neighbours, and random bits, from the smallest denormal to the largest number. */
Test(number, reads_back_to_the_same_bits)
{
  for (int exponent = -1074; exponent <= 1023; exponent++) {
    double power = ldexp(1, exponent);
    expect_same_bits(power);
    expect_same_bits(-nextafter(power, INFINITY));
    expect_same_bits(nextafter(power, 0));
  }
  expect_same_bits(DBL_MAX);
  uint64_t random = 88172645463325252u; /* xorshift64 */
  for (int i = 0; i < 20000; i++) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    double value;
    memcpy(&value, &random, sizeof value);
    if (isfinite(value)) expect_same_bits(value);
  }
}

Test(number, parses_decimal_numbers)
{
  static const char *const texts[] = {"0", "-0", "+1.5", "1.", ".5", "-.5e1", "1e3", "1E-3", "1e+3", "0001", "1e-400"};
  static const double values[] = {0, -0.0, 1.5, 1, .5, -5, 1e3, 1e-3, 1e3, 1, 0};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    double value = NAN;
    cr_expect(clfit_number_parse(texts[i], &value), "%s", texts[i]);
    cr_expect_eq(pattern_of(value), pattern_of(values[i]), "%s", texts[i]);
  }
}

Test(number, parses_what_is_not_finite)
{
  double value = 0;
  cr_expect(clfit_number_parse("nan", &value) && isnan(value));
  cr_expect(clfit_number_parse("inf", &value) && value == INFINITY);
  cr_expect(clfit_number_parse("-inf", &value) && value == -INFINITY);
}

Test(number, refuses_other_texts)
{
  static const char *const texts[] = {"",    " 1",  "1 ",    "1x",    "x",     "-",        ".",    "-.",   "e5",
                                      "1e",  "1e+", "1,5",   "0x10",  "0x1p3", "infinity", "NaN",  "+nan", "1e999",
                                      "--1", "1-1", "1.2.3", "1e5.5", "1\n",   "nan(1)",   "-nan", "1_000"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    double value = 7.25;
    cr_expect_not(clfit_number_parse(texts[i], &value), "'%s'", texts[i]);
    cr_expect_eq(value, 7.25, "'%s'", texts[i]);
  }
}

Test(number, reads_whole_numbers_exactly)
{
  static const struct {
    const char *text;
    uint32_t value;
  } rows[] = {{"0", 0},
              {"1000", 1000},
              {"1e3", 1000},
              {"1.5e3", 1500},
              {"+7", 7},
              {"10e-1", 1},
              {"0.0", 0},
              {"0e999999999", 0},
              {"4294967295", UINT32_MAX},
              {"4.294967295e9", UINT32_MAX}};
  static const char *const others[] = {"",     "1.5",   "-1", "-0", "4294967296", "4.2949672951e9",
                                       "1e10", "15e-1", "x",  "1 ", "1e",         "nan"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    uint32_t value = 99;
    cr_expect(clfit_number_parse_count(rows[i].text, &value), "%s", rows[i].text);
    cr_expect_eq(value, rows[i].value, "%s", rows[i].text);
  }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    uint32_t value = 99;
    cr_expect_not(clfit_number_parse_count(others[i], &value), "%s", others[i]);
    cr_expect_eq(value, 99, "%s", others[i]);
  }
}

Test(number, reads_reals_as_people_type_them)
{
  static const char *const others[] = {"", "nan", "inf", "1e999", "1e-400", "0x1", "1,5", " 1"};
  double value = 7;
  cr_expect(clfit_number_parse_real("-.5e1", &value) && value == -5);
  cr_expect(clfit_number_parse_real("0e-999", &value) && value == 0);
  cr_expect(clfit_number_parse_real("4.9e-324", &value) && value == 0x1p-1074);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    value = 7;
    cr_expect_not(clfit_number_parse_real(others[i], &value), "%s", others[i]);
    cr_expect_eq(value, 7, "%s", others[i]);
  }
}

Test(number, prints_floats_shortest)
{
  static const float values[] = {0.1f, -0.0f, 1e-45f, 3.4028235e38f, 16777216, 1 / 3.f};
  static const char *const texts[] = {"0.1", "-0", "1e-45", "3.4028235e+38", "16777216", "0.33333334"};
  char text[CLFIT_NUMBER_SIZE];
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    clfit_number_print_float(text, values[i]);
    cr_expect_str_eq(text, texts[i]);
  }
  clfit_number_print_float(text, NAN);
  cr_expect_str_eq(text, "nan");
}

/* Where a locale with a decimal comma is installed; elsewhere there is nothing to get wrong. */
Test(number, does_not_depend_on_the_locale)
{
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR.utf8"};
  bool found = false;
  for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) found = setlocale(LC_ALL, names[i]) != NULL;
  if (!found) cr_skip_test("no locale with a decimal comma is installed");
  char comma[16];
  snprintf(comma, sizeof comma, "%.1f", 0.5);
  double value = NAN;
  expect_text(0.5, "0.5");
  cr_expect(clfit_number_parse("0.5", &value) && value == 0.5);
  cr_expect_not(clfit_number_parse("0,5", &value));
  char after[16];
  snprintf(after, sizeof after, "%.1f", 0.5);
  cr_expect_str_eq(after, comma, "the locale of the thread is as it was");
}
