/* The order of networks by a metric, which is a column of the study. */
#ifndef CLFIT_STUDY_RANKING_H
#define CLFIT_STUDY_RANKING_H

#include "study/store/columns.h"

/* Finds the metric of a name. CLFIT_ERROR_ARGUMENT: there is none; the message lists the names. */
clfit_status ranking_find(const char *name, const struct column **ranking, clfit_error *error);

/* The value of the metric in a row. */
double ranking_metric(const struct column *ranking, const struct study_row *row);

/* The metric with its sign changed where larger is better, so that smaller is always better. */
double ranking_value(const struct column *ranking, double metric);

#endif
