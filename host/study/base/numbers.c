#include "study/base/numbers.h"

#include <math.h>

void number_print_float(char text[NUMBER_SIZE], float value)
{
  text[0] = '\0';
  if (isfinite(value)) clfit_number_print_float(text, value);
}

void number_print(char text[NUMBER_SIZE], double value)
{
  text[0] = '\0';
  if (isfinite(value)) clfit_number_print(text, value);
}
