/* Prints numbers for files; a number that is not finite becomes an empty text. */
#ifndef CLFIT_STUDY_NUMBERS_H
#define CLFIT_STUDY_NUMBERS_H

#include "clfit.h"

/* Space for any number as text. */
#define NUMBER_SIZE CLFIT_NUMBER_SIZE

/* The shortest decimal text that reads back to the same float32; "" if it is not finite. */
void number_print_float(char text[NUMBER_SIZE], float value);

/* The shortest decimal text that reads back to the same double; "" if it is not finite. */
void number_print(char text[NUMBER_SIZE], double value);

#endif
