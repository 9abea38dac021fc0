/* Which columns of a file hold x, y and weights. */
#ifndef CLFIT_HOST_CHOOSE_COLUMNS_H
#define CLFIT_HOST_CHOOSE_COLUMNS_H

#include "data/csv.h"
#include "data/data.h"

/* Fills all of columns but the ranges, from what is wanted and the first record, which holds names if `header`.
 * CLFIT_ERROR_FORMAT: there are no such columns, or too many. */
clfit_status clfit_columns_choose(const struct csv *csv, bool header, const struct file_request *request,
                                  clfit_columns *columns, clfit_error *error);

#endif
