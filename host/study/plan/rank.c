#include "study/plan/rank.h"

#include "study/base/fail.h"

#include <stdio.h>
#include <string.h>

clfit_status rank_find(const char *name, const struct column **rank, clfit_error *error)
{
  char names[160] = "";
  *rank = columns_find_figure(name);
  if (*rank) return CLFIT_OK;
  for (const struct column *figure = columns_next_figure(NULL); figure; figure = columns_next_figure(figure)) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", figure->name);
  }
  return refuse(error, "--rank-by must be one of %s, not \"%.120s\"", names, name);
}

double rank_figure(const struct column *rank, const struct study_row *row)
{
  return *(const double *)((const char *)row + rank->member);
}

double rank_value(const struct column *rank, double figure)
{
  return rank->larger_is_better ? -figure : figure;
}
