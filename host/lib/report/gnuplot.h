/* Whether gnuplot is here; clfit.h has what runs it. */
#ifndef CLFIT_HOST_GNUPLOT_H
#define CLFIT_HOST_GNUPLOT_H

#include "clfit.h"

/* CLFIT_ERROR_UNSUPPORTED: it is not installed. name is what the error calls the picture. */
clfit_status clfit_gnuplot_check(const char *name, clfit_error *error);

#endif
