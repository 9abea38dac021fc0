/* A summary of the networks of one row of a preset. */
#ifndef CLFIT_CLI_PRESET_SUMMARY_H
#define CLFIT_CLI_PRESET_SUMMARY_H

#include "clfit.h"
#include "study/plan/preset.h"

#include <sqlite3.h>

/* NaN if no network has a value. */
struct spread {
  double median, least, largest;
};

struct preset_summary {
  char label[16];        /* the row's number in the study: those of version 0.1.0 count from 1 */
  struct spread mse, r2; /* on the test points */
  struct spread seconds; /* a network's share of its launches */
  size_t bytes;          /* of a network's parameters */
};

/* Reads the view results of a study with that preset. */
clfit_status preset_summarize(sqlite3 *study, const struct preset *preset, size_t row, struct preset_summary *summary,
                              clfit_error *error);

#endif
