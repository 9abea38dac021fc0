/* Pictures as parts of a script that draws several. */
#ifndef CLFIT_HOST_PLOT_H
#define CLFIT_HOST_PLOT_H

#include "clfit.h"

/* Prints what draws a picture on gnuplot's terminal of the moment. name: what errors call the picture. */
clfit_status clfit_plot_print(FILE *script, const clfit_plot *plot, const char *name, clfit_error *error);

#endif
