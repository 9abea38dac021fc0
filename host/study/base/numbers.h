/* Numbers as people type them and as files show them. */
#ifndef CLFIT_STUDY_NUMBERS_H
#define CLFIT_STUDY_NUMBERS_H

#include "clfit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Space for any number as text. */
#define NUMBER_SIZE CLFIT_NUMBER_SIZE

/* Reads a whole number 0 .. 2^32 - 1 from all of a text: "1000", "1e3" and "1.5e3" are whole, "1.5" and "-1" are not.
 * Exact: no rounding on the way. */
bool number_count(const char *text, uint32_t *value);

/* Reads a finite number from all of a text, decimal only: no hexadecimal, no inf or nan, nothing before or after it.
 * False as well for what is too large for a double, or too small and not 0. */
bool number_real(const char *text, double *value);

/* The shortest decimal text that reads back to the same float32; "" if it is not finite. */
void number_print_float(char text[NUMBER_SIZE], float value);

/* The shortest decimal text that reads back to the same double; "" if it is not finite. */
void number_print(char text[NUMBER_SIZE], double value);

#endif
