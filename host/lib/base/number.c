#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A thread's locale while printf and strtod work here: the decimal point of the process's own may be a comma. */
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
  /* Fewer than 15 digits come out of %.15g without their zeros, but of denormals, which have fewer than 15 to give. */
  for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
    snprintf(text, CLFIT_NUMBER_SIZE, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  leave_plain_locale(locales);
}

static const char *skip_digits(const char *text)
{
  return text + strspn(text, "0123456789");
}

/* strtod alone would take blanks before the number, hexadecimal, and more spellings of infinity. */
static bool is_decimal(const char *text)
{
  text += *text == '+' || *text == '-';
  const char *start = text;
  text = skip_digits(text);
  size_t digits = (size_t)(text - start);
  if (*text == '.') {
    start = ++text;
    text = skip_digits(text);
    digits += (size_t)(text - start);
  }
  if (digits == 0) return false;
  if (*text == 'e' || *text == 'E') {
    text++;
    text += *text == '+' || *text == '-';
    start = text;
    text = skip_digits(text);
    if (text == start) return false;
  }
  return *text == '\0';
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

bool clfit_number_parse(const char *text, double *value)
{
  if (parse_nonfinite(text, value)) return true;
  if (!is_decimal(text)) return false;
  struct plain_locale locales = enter_plain_locale();
  double number = strtod(text, NULL);
  leave_plain_locale(locales);
  if (!isfinite(number)) return false;
  *value = number;
  return true;
}
