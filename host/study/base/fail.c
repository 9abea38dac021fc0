#include "study/base/fail.h"

#include <stdio.h>
#include <string.h>

clfit_status fail_in(clfit_error *error, const char *context)
{
  char message[2 * CLFIT_MESSAGE_SIZE];
  snprintf(message, sizeof message, "%.200s: %s", context, error->message);
  clfit_blank_controls(message);
  message[sizeof error->message - 1] = '\0';
  memcpy(error->message, message, strlen(message) + 1);
  return error->code;
}
