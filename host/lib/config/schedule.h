/* Schedules as texts, for the table of fields. */
#ifndef CLFIT_HOST_SCHEDULE_H
#define CLFIT_HOST_SCHEDULE_H

#include "clfit.h"

/* "step:10:0.5". */
void clfit_schedule_print(double code, char text[CLFIT_FIELD_TEXT_SIZE]);

/* The way back. CLFIT_ERROR_ARGUMENT lists the forms. */
clfit_status clfit_schedule_find(const char *text, double *code, clfit_error *error);

#endif
