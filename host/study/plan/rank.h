/* What networks are compared by. */
#ifndef CLFIT_STUDY_RANK_H
#define CLFIT_STUDY_RANK_H

#include "study/store/store.h"

struct rank {
  const char *name; /* of the column */
  bool larger_better;
};

/* By name. CLFIT_ERROR_ARGUMENT lists the names. */
clfit_status rank_find(const char *name, const struct rank **rank, clfit_error *error);

/* The figure of a row that a rank of the table compares. */
double rank_figure(const struct rank *rank, const struct study_row *row);

/* The same, turned so that smaller is better. */
double rank_value(const struct rank *rank, double figure);

#endif
