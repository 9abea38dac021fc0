/* The code of the field `noise`: 0 none, u > 0 uniform from -u to u, -s < 0 normal with deviation s. */
#ifndef CLFIT_HOST_NOISE_FIELD_H
#define CLFIT_HOST_NOISE_FIELD_H

#include "clfit.h"

/* As clfit_field has them. */
clfit_status clfit_noise_find(const char *text, double *code, clfit_error *error);
void clfit_noise_print(double code, char text[CLFIT_FIELD_TEXT_SIZE]);

#endif
