/* What networks are compared by: a column that is a figure. */
#ifndef CLFIT_STUDY_RANK_H
#define CLFIT_STUDY_RANK_H

#include "study/store/columns.h"

/* By name. CLFIT_ERROR_ARGUMENT lists the names. */
clfit_status rank_find(const char *name, const struct column **rank, clfit_error *error);

/* The figure of a row. */
double rank_figure(const struct column *rank, const struct study_row *row);

/* The metric with its sign changed where larger is better, so that smaller is always better. */
double rank_value(const struct column *rank, double figure);

#endif
