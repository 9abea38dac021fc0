/* What exchange.c leaves out of the library: OpenCL, formulas, and models as JSON. Only two functions of it are
 * called. */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

json_t *clfit_json_string(const char *text, bool *failed)
{
  json_t *string = text ? json_string(text) : NULL;
  if (text && !string) *failed = true;
  return string;
}

const char *const clfit_embedded_files[2] = {NULL, NULL}; /* an empty list of kernels */

/* Of the reference: there is nothing to close. */
void clfit_opencl_close(void)
{
}

#define ABSENT(name)                                                                                                   \
  void name(void)                                                                                                      \
  {                                                                                                                    \
    abort();                                                                                                           \
  }

ABSENT(clfit_opencl_backend)
ABSENT(clfit_opencl_lm_backend)
ABSENT(clfit_opencl_ceiling)
ABSENT(clfit_opencl_check)
ABSENT(clfit_opencl_choose_mapping)
ABSENT(clfit_opencl_list)
ABSENT(clfit_opencl_create)
ABSENT(clfit_opencl_instructions)
ABSENT(clfit_opencl_lm_create)
ABSENT(clfit_opencl_mappings)
ABSENT(clfit_opencl_open)
ABSENT(clfit_opencl_watch_builds)
ABSENT(clfit_target_parse)
ABSENT(clfit_target_evaluate)
ABSENT(clfit_target_free)
