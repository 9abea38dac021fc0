/* Functions to fill a clfit_error, in addition to the library's clfit_fail. */
#ifndef CLFIT_STUDY_FAIL_H
#define CLFIT_STUDY_FAIL_H

#include "clfit.h"

/* refuse(error, format, ...): CLFIT_ERROR_ARGUMENT, the user asked for something that cannot be. */
#define refuse(error, ...) clfit_fail((error), CLFIT_ERROR_ARGUMENT, __VA_ARGS__)

/* Puts "CONTEXT: " before the message of an error and returns its code. */
clfit_status fail_in(clfit_error *error, const char *context);

#endif
