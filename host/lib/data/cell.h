/* Cells of a text file as numbers. */
#ifndef CLFIT_HOST_CELL_H
#define CLFIT_HOST_CELL_H

#include <stdbool.h>

/* Reads a decimal number, "nan", "inf" or "-inf"; false: it is something else. The exponent may be a D, as Fortran
 * prints it. comma: there may be a decimal comma instead of a point. *mark is which of both there was, '\0': none. The
 * text is changed meanwhile. */
bool clfit_cell_number(char *text, bool comma, double *value, char *mark);

/* Whether a cell is neither a number nor what programs write where there is none: nothing, NA, - and the like. */
bool clfit_cell_is_text(char *text, bool comma);

#endif
