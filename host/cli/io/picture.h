/* Pictures of a training. */
#ifndef CLFIT_CLI_PICTURE_H
#define CLFIT_CLI_PICTURE_H

#include "clfit.h"

/* Draws to a file, or, for path "-", as a text picture on standard output. */
clfit_status picture_draw(const clfit_plot *plot, const char *path, clfit_error *error);

#endif
