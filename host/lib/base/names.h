/* Finding a row of a table by the name that a user typed. */
#ifndef CLFIT_HOST_NAMES_H
#define CLFIT_HOST_NAMES_H

#include "clfit.h"

/* The name of a row of a table, or another name for it; NULL: there is no such row, or no such name. */
typedef const char *clfit_name_of(uint32_t row);

/* Finds the row whose name or alias is `name`, in any case. kind is what a row is, for the message ("activation");
 * alias_of may be NULL. CLFIT_ERROR_ARGUMENT lists the names: "sigmoid (logistic), tanh". */
clfit_status clfit_name_find(const char *kind, clfit_name_of *name_of, clfit_name_of *alias_of, const char *name,
                             uint32_t *row, clfit_error *error);

#endif
