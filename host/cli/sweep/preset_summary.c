#include "cli/sweep/preset_summary.h"

#include "cli/io/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs a query that returns one row; its text is composed of several parts. The caller finalizes *query, also after a
 * failure. */
static clfit_status query_row(sqlite3 *study, char *sql, sqlite3_stmt **query, clfit_error *error)
{
  *query = NULL;
  if (!sql) return clfit_fail_memory(error);
  int code = sqlite3_prepare_v2(study, sql, -1, query, NULL);
  if (!code) code = sqlite3_step(*query);
  sqlite3_free(sql);
  if (code == SQLITE_ROW || code == SQLITE_DONE) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read the study: %s", sqlite3_errmsg(study));
}

static clfit_status read_spread(sqlite3 *study, const char *condition, const char *column, struct spread *spread,
                                clfit_error *error)
{
  /* The middle one, or the mean of the two in the middle. */
  static const char format[] =
      "WITH v AS (SELECT %s AS x, row_number() OVER (ORDER BY %s) AS i, count(*) OVER () AS n FROM results WHERE %s"
      " AND %s IS NOT NULL) SELECT (SELECT avg(x) FROM v WHERE 2 * i IN (n, n + 1, n + 2)), min(x), max(x) FROM v";
  sqlite3_stmt *query;
  *spread = (struct spread){NAN, NAN, NAN};
  clfit_status status = query_row(study, sqlite3_mprintf(format, column, column, condition, column), &query, error);
  if (!status && sqlite3_column_type(query, 0) != SQLITE_NULL)
    *spread = (struct spread){sqlite3_column_double(query, 0), sqlite3_column_double(query, 1),
                              sqlite3_column_double(query, 2)};
  sqlite3_finalize(query);
  return status;
}

static clfit_status read_label(sqlite3 *study, const char *condition, char label[16], clfit_error *error)
{
  sqlite3_stmt *query;
  clfit_status status =
      query_row(study, sqlite3_mprintf("SELECT row FROM preset_rows WHERE %s", condition), &query, error);
  const char *text = status ? NULL : (const char *)sqlite3_column_text(query, 0);
  snprintf(label, 16, "%.15s", text ? text : "-");
  sqlite3_finalize(query);
  return status;
}

clfit_status preset_summarize(sqlite3 *study, const struct preset *preset, size_t row, struct preset_summary *summary,
                              clfit_error *error)
{
  clfit_network network;
  clfit_network_default(&network);
  preset_apply(preset, row, &network);
  summary->bytes = sizeof(float) * clfit_parameter_count(network.hidden);
  char *condition = preset_condition(preset, row);
  clfit_status status = condition ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) status = read_label(study, condition, summary->label, error);
  if (!status) status = read_spread(study, condition, "test_mse", &summary->mse, error);
  if (!status) status = read_spread(study, condition, "test_r2", &summary->r2, error);
  if (!status) status = read_spread(study, condition, "train_seconds", &summary->seconds, error);
  free(condition);
  return status;
}
