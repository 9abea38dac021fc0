#include "cli/io/message.h"

#include <stdarg.h>
#include <stdio.h>

void note(const char *format, ...)
{
  char text[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  clfit_blank_controls(text);
  fprintf(stderr, "clfit: %s\n", text);
}

int report_error(const clfit_error *error)
{
  if (error->code == CLFIT_ERROR_INTERRUPTED) return EXIT_INTERRUPTED; /* at once and without a word, as by a signal */
  note("%s", error->message);
  if (error->log[0]) fprintf(stderr, "%s\n", error->log);
  if (error->cl_code) return EXIT_OPENCL; /* a device without memory, too */
  switch (error->code) {
  case CLFIT_ERROR_NO_DEVICE:
  case CLFIT_ERROR_BUILD:
  case CLFIT_ERROR_OPENCL:
  case CLFIT_ERROR_INEXACT: return EXIT_OPENCL;
  default: return EXIT_USAGE;
  }
}
