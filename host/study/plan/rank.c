#include "study/plan/rank.h"

#include "study/base/fail.h"

#include <stdio.h>
#include <string.h>

static const struct rank ranks[] = {{"test_mse", false},      {"test_rmse", false}, {"test_max_error", false},
                                    {"test_r2", true},        {"fit_rss", false},   {"fit_rmse", false},
                                    {"fit_max_error", false}, {"train_loss", false}};

#define RANKS (sizeof ranks / sizeof *ranks)

clfit_status rank_find(const char *name, const struct rank **rank, clfit_error *error)
{
  char names[160] = "";
  for (size_t i = 0; i < RANKS; i++) {
    size_t length = strlen(names);
    if (strcmp(ranks[i].name, name) == 0) {
      *rank = &ranks[i];
      return CLFIT_OK;
    }
    snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", ranks[i].name);
  }
  return refuse(error, "--rank-by must be one of %s, not \"%.120s\"", names, name);
}

double rank_figure(const struct rank *rank, const struct study_row *row)
{
  const double figures[RANKS] = {row->test.mse, row->test.rmse, row->test.max_error, row->test.r2,
                                 row->fit.rss,  row->fit.rmse,  row->fit.max_error,  row->train_loss};
  return figures[rank - ranks];
}

double rank_value(const struct rank *rank, double figure)
{
  return rank->larger_better ? -figure : figure;
}
