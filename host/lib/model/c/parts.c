#include "model/c/parts.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define PLACEHOLDER "NAME"

void clfit_c_print(FILE *stream, const char *name, const char *text)
{
  const size_t length = strlen(PLACEHOLDER);
  for (const char *found; (found = strstr(text, PLACEHOLDER)); text = found + length) {
    fwrite(text, 1, (size_t)(found - text), stream);
    fputs(name, stream);
  }
  fputs(text, stream);
}

void clfit_c_print_part(FILE *stream, const char *name, const char *part)
{
  const struct embedded_file *file = clfit_c_parts;
  while (file->name && strcmp(file->name, part) != 0) file++;
  assert(file->name);
  putc('\n', stream);
  clfit_c_print(stream, name, file->text);
}

/* Not printf's %a: its digits are the C library's choice, and its point the locale's. The value is
 * (mantissa / 2^digits * 4) * 2^exponent, and `normal` is the digit before the point. */
static void print_hex(char *text, bool negative, int normal, uint64_t mantissa, int digits, int exponent,
                      const char *suffix)
{
  char fraction[20];
  int length = snprintf(fraction, sizeof fraction, "%0*" PRIx64, digits, mantissa);
  while (length > 0 && fraction[length - 1] == '0') fraction[--length] = '\0';
  snprintf(text, C_CONSTANT_SIZE, "%s0x%d%s%sp%+d%s", negative ? "-" : "", normal, length ? "." : "", fraction,
           exponent, suffix);
}

void clfit_c_float(char text[C_CONSTANT_SIZE], float value)
{
  uint32_t bits;
  assert(isfinite(value));
  memcpy(&bits, &value, sizeof bits);
  const int exponent = (int)(bits >> 23 & 255);
  const int power = value == 0 ? 0 : exponent ? exponent - 127 : -126;
  print_hex(text, bits >> 31, exponent != 0, (uint64_t)(bits & 0x7fffff) << 1, 6, power, "f");
}

void clfit_c_double(char text[C_CONSTANT_SIZE], double value)
{
  uint64_t bits;
  assert(isfinite(value));
  memcpy(&bits, &value, sizeof bits);
  const int exponent = (int)(bits >> 52 & 2047);
  const int power = value == 0 ? 0 : exponent ? exponent - 1023 : -1022;
  print_hex(text, bits >> 63, exponent != 0, bits & 0xfffffffffffff, 13, power, "");
}
