/* Filling a clfit_error where the mistake happens. */
#ifndef CLFIT_HOST_ERROR_H
#define CLFIT_HOST_ERROR_H

#include "clfit.h"

#include <stdarg.h>

/* Fills *error (if not NULL) with a code and one printf-like line, cut to fit and freed of line feeds and other control
 * characters (a hostile file name must not forge a second line), and returns the code. */
clfit_status clfit_fail(clfit_error *error, clfit_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a mistake at a place in a formula or a file. */
clfit_status clfit_fail_at(clfit_error *error, clfit_status code, size_t position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "out of memory". */
clfit_status clfit_fail_memory(clfit_error *error);

#endif
