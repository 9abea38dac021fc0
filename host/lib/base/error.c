#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

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
  };
  size_t count = sizeof names / sizeof *names;
  return (size_t)status < count ? names[status] : "unknown status";
}

static void fill(clfit_error *error, clfit_status code, size_t position, const char *format, va_list arguments)
{
  if (!error) return;
  error->code = code;
  error->cl_code = 0;
  error->position = position;
  error->log[0] = '\0';
  vsnprintf(error->message, sizeof error->message, format, arguments);
  for (char *c = error->message; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
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

void clfit_free(void *memory)
{
  free(memory);
}
