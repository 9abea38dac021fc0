#include "study/base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void blank_controls(char *text)
{
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
}

static clfit_status fill(clfit_error *error, clfit_status code, const char *format, va_list arguments)
{
  memset(error, 0, sizeof *error);
  error->code = code;
  vsnprintf(error->message, sizeof error->message, format, arguments);
  blank_controls(error->message);
  return code;
}

clfit_status fail(clfit_error *error, clfit_status code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fill(error, code, format, arguments);
  va_end(arguments);
  return code;
}

clfit_status refuse(clfit_error *error, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fill(error, CLFIT_ERROR_ARGUMENT, format, arguments);
  va_end(arguments);
  return CLFIT_ERROR_ARGUMENT;
}

clfit_status fail_in(clfit_error *error, const char *context)
{
  char message[2 * CLFIT_MESSAGE_SIZE];
  snprintf(message, sizeof message, "%.200s: %s", context, error->message);
  blank_controls(message);
  message[sizeof error->message - 1] = '\0';
  memcpy(error->message, message, strlen(message) + 1);
  return error->code;
}
