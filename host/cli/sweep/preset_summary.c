#include "cli/sweep/preset_summary.h"

#include "cli/io/message.h"

#include <math.h>
#include <stdio.h>

static clfit_status read_spread(sqlite3 *study, const char *label, const char *column, struct spread *spread,
                                clfit_error *error)
{
  /* The middle one, or the mean of the two in the middle. */
  static const char format[] =
      "WITH v AS (SELECT %s AS x, row_number() OVER (ORDER BY %s) AS i, count(*) OVER () AS n FROM results WHERE row = "
      "%s AND %s IS NOT NULL) SELECT (SELECT avg(x) FROM v WHERE 2 * i IN (n, n + 1, n + 2)), min(x), max(x) FROM v";
  char text[512];
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  snprintf(text, sizeof text, format, column, column, label, column);
  *spread = (struct spread){NAN, NAN, NAN};
  if (sqlite3_prepare_v2(study, text, -1, &query, NULL) || sqlite3_step(query) != SQLITE_ROW)
    status = clfit_fail(error, CLFIT_ERROR_FILE, "cannot read the study: %s", sqlite3_errmsg(study));
  else if (sqlite3_column_type(query, 0) != SQLITE_NULL)
    *spread = (struct spread){sqlite3_column_double(query, 0), sqlite3_column_double(query, 1),
                              sqlite3_column_double(query, 2)};
  sqlite3_finalize(query);
  return status;
}

clfit_status preset_summarize(sqlite3 *study, const struct preset_row *row, struct preset_summary *summary,
                              clfit_error *error)
{
  summary->bytes = sizeof(float) * clfit_parameter_count(row->hidden);
  clfit_status status = read_spread(study, row->label, "test_mse", &summary->mse, error);
  if (!status) status = read_spread(study, row->label, "test_r2", &summary->r2, error);
  if (!status) status = read_spread(study, row->label, "train_seconds", &summary->seconds, error);
  return status;
}
