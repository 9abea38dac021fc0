/* Errors that the program finds itself, in the library's words. */
#ifndef CLFIT_STUDY_FAIL_H
#define CLFIT_STUDY_FAIL_H

#include "clfit.h"

/* Fills *error with a code and one printf-like line and returns the code. */
clfit_status fail(clfit_error *error, clfit_status code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for CLFIT_ERROR_ARGUMENT: the user asked for something that cannot be. */
clfit_status refuse(clfit_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "CONTEXT: " before the message of an error and returns its code. */
clfit_status fail_in(clfit_error *error, const char *context);

/* Control characters become '?': a file name must not forge a line. */
void blank_controls(char *text);

#endif
