/* The line that says what a file of samples was taken for. */
#ifndef CLFIT_CLI_COLUMNS_H
#define CLFIT_CLI_COLUMNS_H

#include "clfit.h"

/* What messages call a file of samples: "-" is standard input. */
const char *columns_file(const char *path);

/* Prints rows, columns, ranges and, where they are not the usual ones, separator, decimal mark and header to standard
 * error; nothing for data that was not read from a file. */
void columns_note(const char *path, const clfit_data *data);

/* Whether reading needed more than a header x and y or the columns that were asked for (NULL: none was). */
bool columns_guessed(const clfit_data *data, const char *x_column, const char *y_column);

#endif
