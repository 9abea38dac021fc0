#include "study/plan/ranking.h"

#include "study/base/fail.h"

#include <stdio.h>
#include <string.h>

clfit_status ranking_find(const char *name, const struct column **ranking, clfit_error *error)
{
  char names[160] = "";
  *ranking = columns_find_figure(name);
  if (*ranking) return CLFIT_OK;
  for (const struct column *metric = columns_next_figure(NULL); metric; metric = columns_next_figure(metric)) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", metric->name);
  }
  return refuse(error, "--rank-by must be one of %s, not \"%.120s\"", names, name);
}

double ranking_metric(const struct column *ranking, const struct study_row *row)
{
  return *(const double *)((const char *)row + ranking->member);
}

double ranking_value(const struct column *ranking, double metric)
{
  return ranking->larger_is_better ? -metric : metric;
}
