/* Numbers as text, with '.' for the decimal point whatever the process's locale is. */
#ifndef CLFIT_HOST_NUMBER_H
#define CLFIT_HOST_NUMBER_H

#include <stdbool.h>

/* A sign, 17 digits, a point, "e-308" and the NUL are 25. */
#define CLFIT_NUMBER_SIZE 32

/* The shortest of %.15g, %.16g and %.17g that reads back to the same bits; "nan", "inf" or "-inf" where value is not
 * finite. A float32 goes through here as a double and comes back to its own bits. */
void clfit_number_print(char text[CLFIT_NUMBER_SIZE], double value);

/* Reads what clfit_number_print writes, and any other decimal number: [+-]digits[.digits][e[+-]digits]. false, with
 * *value as it was, if text is something else, has anything before or after the number, or is too large for a double. */
bool clfit_number_parse(const char *text, double *value);

#endif
