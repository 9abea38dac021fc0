#include "data/cell.h"

#include "clfit.h"

#include <string.h>
#include <strings.h>

bool clfit_cell_number(char *text, bool comma, double *value, char *mark)
{
  char *decimal = strpbrk(text, comma ? ".," : "."), *exponent = strpbrk(text, "dD");
  char letter = '\0';
  *mark = '\0';
  if (decimal) *mark = *decimal;
  if (exponent) letter = *exponent;
  if (decimal) *decimal = '.';
  if (exponent) *exponent = 'e';
  bool good = clfit_number_parse(text, value);
  if (decimal) *decimal = *mark;
  if (exponent) *exponent = letter;
  return good;
}

static bool is_missing(const char *text)
{
  static const char *const marks[] = {"", "NA", "N/A", "#N/A", "NaN", "null", "none", "inf", "-", "--", "?"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (strcasecmp(text, marks[i]) == 0) return true;
  return false;
}

bool clfit_cell_is_text(char *text, bool comma)
{
  double value;
  char mark;
  return !is_missing(text) && !clfit_cell_number(text, comma, &value, &mark);
}
