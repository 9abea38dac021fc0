#include "clfit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *clfit_status_name(clfit_status status)
{
  static const char *const names[] = {
      [CLFIT_OK] = "CLFIT_OK",
      [CLFIT_ERROR_ARGUMENT] = "CLFIT_ERROR_ARGUMENT",
      [CLFIT_ERROR_MEMORY] = "CLFIT_ERROR_MEMORY",
      [CLFIT_ERROR_FILE] = "CLFIT_ERROR_FILE",
      [CLFIT_ERROR_FORMAT] = "CLFIT_ERROR_FORMAT",
      [CLFIT_ERROR_UNSUPPORTED] = "CLFIT_ERROR_UNSUPPORTED",
      [CLFIT_ERROR_NO_DEVICE] = "CLFIT_ERROR_NO_DEVICE",
      [CLFIT_ERROR_BUILD] = "CLFIT_ERROR_BUILD",
      [CLFIT_ERROR_OPENCL] = "CLFIT_ERROR_OPENCL",
      [CLFIT_ERROR_INEXACT] = "CLFIT_ERROR_INEXACT",
      [CLFIT_ERROR_INTERRUPTED] = "CLFIT_ERROR_INTERRUPTED",
  };
  size_t count = sizeof names / sizeof *names;
  return (size_t)status < count ? names[status] : "unknown status";
}

void clfit_blank_controls(char *text)
{
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
}

static void fill(clfit_error *error, clfit_status code, size_t position, const char *format, va_list arguments)
{
  if (!error) return;
  error->code = code;
  error->cl_code = 0;
  error->position = position;
  error->log[0] = '\0';
  vsnprintf(error->message, sizeof error->message, format, arguments);
  clfit_blank_controls(error->message);
}

clfit_status clfit_fail(clfit_error *error, clfit_status code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fill(error, code, 0, format, arguments);
  va_end(arguments);
  return code;
}

clfit_status clfit_fail_at(clfit_error *error, clfit_status code, size_t position, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fill(error, code, position, format, arguments);
  va_end(arguments);
  return code;
}

clfit_status clfit_fail_memory(clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_MEMORY, "out of memory");
}

clfit_status clfit_fail_file(clfit_error *error, const char *verb, const char *path, int number)
{
  if (number == ENOMEM) return clfit_fail_memory(error);
  char reason[128] = "";
  if (strerror_r(number, reason, sizeof reason)) snprintf(reason, sizeof reason, "error %d", number);
  return clfit_fail(error, CLFIT_ERROR_FILE, "cannot %s %s: %s", verb, *path ? path : "\"\"", reason);
}

void clfit_free(void *memory)
{
  free(memory);
}
