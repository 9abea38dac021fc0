/* gnuplot: a script on its standard input, a picture from its standard output. No text is ever seen by a shell. */
#ifndef CLFIT_STUDY_RESULTS_GNUPLOT_H
#define CLFIT_STUDY_RESULTS_GNUPLOT_H

#include "clfit.h"

#include <stdio.h>

/* A temporary file for a script, or NULL; errno says why. */
FILE *gnuplot_script(void);

/* A string constant in which no character of the text can mean anything to gnuplot. */
void gnuplot_print_text(FILE *script, const char *text);

/* One line of numbers; blank, which breaks a curve, where one of them cannot be drawn. */
void gnuplot_print_point(FILE *script, double x, double y);

/* Whether gnuplot can draw the value: it takes what is near the largest double for undefined. */
bool gnuplot_can_draw(double value);

/* Runs a script from its start and copies the picture to a stream. name is what a failure calls the picture.
 * CLFIT_ERROR_UNSUPPORTED: gnuplot failed, and what it says. */
clfit_status gnuplot_run(FILE *script, FILE *picture, const char *name, clfit_error *error);

#endif
