#include "config/noise.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NORMAL  "gauss:"
#define UNIFORM "uniform:"

/* The text behind a prefix in any case, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
  return strncasecmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

clfit_status clfit_noise_find(const char *text, double *code, clfit_error *error)
{
  const char *normal = behind(text, NORMAL), *uniform = behind(text, UNIFORM);
  double size;
  if (!clfit_number_parse_real(normal ? normal : uniform ? uniform : text, &size) || size < 0)
    return clfit_fail(
        error, CLFIT_ERROR_ARGUMENT,
        "'%.60s' is neither U, for noise from -U to U, nor gauss:S, for a deviation of S; both are numbers "
        "from 0",
        text);
  *code = normal && size > 0 ? -size : fabs(size);
  return CLFIT_OK;
}

void clfit_noise_print(double code, char text[CLFIT_FIELD_TEXT_SIZE])
{
  char number[CLFIT_NUMBER_SIZE];
  clfit_number_print(number, fabs(code));
  snprintf(text, CLFIT_FIELD_TEXT_SIZE, "%s%s", code < 0 ? NORMAL : "", number);
}
