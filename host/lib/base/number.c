#include "clfit.h"

#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Switches this thread to the "C" locale around printf and strtod, because the process's locale may have a decimal
 * comma. */
struct plain_locale {
  locale_t plain, before;
};

static struct plain_locale enter_plain_locale(void)
{
  struct plain_locale locales = {.plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
  if (locales.plain) locales.before = uselocale(locales.plain);
  return locales;
}

static void leave_plain_locale(struct plain_locale locales)
{
  if (!locales.plain) return;
  uselocale(locales.before);
  freelocale(locales.plain);
}

static const char *name_of_nonfinite(double value)
{
  return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

void clfit_number_print(char text[CLFIT_NUMBER_SIZE], double value)
{
  if (!isfinite(value)) {
    strcpy(text, name_of_nonfinite(value));
    return;
  }
  struct plain_locale locales = enter_plain_locale();
  /* %.15g prints shorter numbers without trailing zeros, so it finds texts of up to 15 digits. Denormals have a
   * precision below 15 digits, so shorter texts must be tried for them. */
  for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
    snprintf(text, CLFIT_NUMBER_SIZE, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  leave_plain_locale(locales);
}

/* Many readers, as those of JSON, read a float64 and round it: the text must come back on that way, too. The shortest
 * text of 0x1.5c87fap-84 does not: 7.038531e-26 as a float64 lies halfway to the next float32. */
void clfit_number_print_float(char text[CLFIT_NUMBER_SIZE], float value)
{
  if (!isfinite(value)) {
    strcpy(text, name_of_nonfinite((double)value));
    return;
  }
  struct plain_locale locales = enter_plain_locale();
  for (int digits = 1; digits <= 9; digits++) {
    snprintf(text, CLFIT_NUMBER_SIZE, "%.*g", digits, (double)value);
    if (strtof(text, NULL) == value && (float)strtod(text, NULL) == value) break;
  }
  leave_plain_locale(locales);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

/* Exponents are limited to this, which prevents overflow and changes no result: the largest double is below 1e309, and
 * the digits of a number are limited by the length of a command line. */
#define EXPONENT_LIMIT 1000000

/* The parts of a decimal number's text. Its value is +-DIGITS * 10^(exponent - fraction). */
struct decimal {
  const char *digits; /* digits, and at most one point among them */
  size_t length;      /* of digits, the point included */
  int fraction;       /* digits after the point */
  int exponent;
  bool negative;
};

/* Reads the exponent after 'e'; returns what follows it, or NULL. */
static const char *scan_exponent(const char *text, int *exponent)
{
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  if (!isdigit((unsigned char)*text)) return NULL;
  for (; isdigit((unsigned char)*text); text++)
    if (*exponent < EXPONENT_LIMIT) *exponent = 10 * *exponent + (*text - '0');
  if (negative) *exponent = -*exponent;
  return text;
}

static bool scan(const char *text, struct decimal *decimal)
{
  *decimal = (struct decimal){.negative = *text == '-'};
  if (*text == '-' || *text == '+') text++;
  decimal->digits = text;
  size_t whole = strspn(text, "0123456789"), fraction = 0;
  text += whole;
  if (*text == '.') {
    fraction = strspn(text + 1, "0123456789");
    text += 1 + fraction;
  }
  if (whole + fraction == 0 || fraction > EXPONENT_LIMIT) return false;
  decimal->fraction = (int)fraction;
  decimal->length = (size_t)(text - decimal->digits);
  if (*text == 'e' || *text == 'E') text = scan_exponent(text + 1, &decimal->exponent);
  return text && *text == '\0';
}

static bool parse_nonfinite(const char *text, double *value)
{
  static const double values[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    if (strcmp(text, name_of_nonfinite(values[i])) == 0) {
      *value = values[i];
      return true;
    }
  return false;
}

/* A decimal's double, which may be infinite. */
static double read_double(const char *text)
{
  struct plain_locale locales = enter_plain_locale();
  double value = strtod(text, NULL);
  leave_plain_locale(locales);
  return value;
}

bool clfit_number_parse(const char *text, double *value)
{
  struct decimal decimal;
  if (parse_nonfinite(text, value)) return true;
  if (!scan(text, &decimal)) return false;
  double number = read_double(text);
  if (!isfinite(number)) return false;
  *value = number;
  return true;
}

bool clfit_number_parse_real(const char *text, double *value)
{
  struct decimal decimal;
  if (!scan(text, &decimal)) return false;
  double number = read_double(text);
  bool zero = strspn(decimal.digits, "0.") >= decimal.length;
  if (!isfinite(number) || (number == 0 && !zero)) return false;
  *value = number;
  return true;
}

bool clfit_number_parse_count(const char *text, uint32_t *value)
{
  struct decimal decimal;
  if (!scan(text, &decimal) || decimal.negative) return false;
  uint64_t sum = 0;
  long long after = (long long)decimal.length; /* digits not read yet */
  if (memchr(decimal.digits, '.', decimal.length)) after--;
  long long shift = (long long)decimal.exponent - decimal.fraction;
  for (size_t i = 0; i < decimal.length; i++) {
    char c = decimal.digits[i];
    if (c == '.') continue;
    after--;
    if (after + shift < 0 && c != '0') return false; /* a digit behind the point */
    if (after + shift >= 0) sum = 10 * sum + (uint64_t)(c - '0');
    if (sum > UINT32_MAX) return false;
  }
  for (long long i = 0; sum && i < shift; i++)
    if ((sum *= 10) > UINT32_MAX) return false;
  *value = (uint32_t)sum;
  return true;
}
