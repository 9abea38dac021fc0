/* Numbers as text, with '.' for the decimal point whatever the process's locale is. */
#ifndef CLFIT_HOST_NUMBER_H
#define CLFIT_HOST_NUMBER_H

#include "clfit.h" /* clfit_number_print, the other direction */

#include <stdbool.h>
#include <stdint.h>

/* Reads what clfit_number_print writes, and any other decimal number: [+-]digits[.digits][e[+-]digits]. false, with
 * *value as it was, if text is something else, has anything before or after the number, or is too large for a double. */
bool clfit_number_parse(const char *text, double *value);

/* Reads a whole number 0 .. 2^32 - 1 from all of a text: "1000", "1e3" and "1.5e3" are whole, "1.5" and "-1" are not.
 * Exact: no rounding on the way. false, with *value as it was, if text is something else. */
bool clfit_number_whole(const char *text, uint32_t *value);

#endif
