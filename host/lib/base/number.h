/* Numbers as text, with '.' for the decimal point whatever the process's locale is. */
#ifndef CLFIT_HOST_NUMBER_H
#define CLFIT_HOST_NUMBER_H

#include "clfit.h" /* clfit_number_print, the other direction */

#include <stdbool.h>

/* Reads what clfit_number_print writes, and any other decimal number: [+-]digits[.digits][e[+-]digits]. false, with
 * *value as it was, if text is something else, has anything before or after the number, or is too large for a double. */
bool clfit_number_parse(const char *text, double *value);

#endif
