#include "study/base/numbers.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Powers of ten beyond this are as good as infinite: the largest double is below 1e309, and a count has no more digits
 * than the command line can hold. */
#define EXPONENT_LIMIT 1000000

/* A decimal number's text, cut into parts: its value is +-DIGITS * 10^(exponent - number of digits after the point). */
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

bool number_count(const char *text, uint32_t *value)
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

bool number_real(const char *text, double *value)
{
  struct decimal decimal;
  if (!scan(text, &decimal)) return false;
  double read = strtod(text, NULL);
  bool zero = strspn(decimal.digits, "0.") >= decimal.length;
  if (!isfinite(read) || (read == 0 && !zero)) return false;
  *value = read;
  return true;
}

void number_print_float(char text[NUMBER_SIZE], float value)
{
  text[0] = '\0';
  if (!isfinite(value)) return;
  for (int digits = 1; digits <= 9; digits++) {
    snprintf(text, NUMBER_SIZE, "%.*g", digits, (double)value);
    if (strtof(text, NULL) == value) return;
  }
}

void number_print(char text[NUMBER_SIZE], double value)
{
  text[0] = '\0';
  if (isfinite(value)) clfit_number_print(text, value);
}
