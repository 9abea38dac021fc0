#include "cli/sweep/preset_summary.h"

#include "cli/io/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* i: the place of x in order, from 0; n: how many there are. A quartile at place p lies between two neighbours: each
 * counts with 1 less its distance from p. */
static const char *const statistics[PRESET_STATISTICS] = {
    [PRESET_LEAST] = "min(x)",
    [PRESET_QUARTILE_1] = "sum(x * max(0, 1 - abs(i - 0.25 * (n - 1))))",
    [PRESET_MEDIAN] = "avg(CASE WHEN 2 * i + 2 IN (n, n + 1, n + 2) THEN x END)",
    [PRESET_QUARTILE_3] = "sum(x * max(0, 1 - abs(i - 0.75 * (n - 1))))",
    [PRESET_LARGEST] = "max(x)",
    [PRESET_SUM] = "sum(x)",
};

static clfit_status read_figure(sqlite3 *study, const char *condition, const struct preset_figure *figure,
                                double *value, clfit_error *error)
{
  static const char format[] = "WITH v AS (SELECT x, row_number() OVER (ORDER BY x) - 1 AS i, count(*) OVER () AS n"
                               " FROM (SELECT %s AS x FROM results WHERE %s) WHERE x IS NOT NULL) SELECT %s FROM v";
  sqlite3_stmt *query;
  char *sql = sqlite3_mprintf(format, figure->expression, condition, statistics[figure->statistic]);
  clfit_status status = query_row(study, sql, &query, error);
  const bool there = !status && sqlite3_column_type(query, 0) != SQLITE_NULL;
  *value = there ? sqlite3_column_double(query, 0) : NAN;
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
  char *condition = preset_condition(preset, row);
  *summary = (struct preset_summary){.figures = calloc(preset->n_figures, sizeof *summary->figures)};
  clfit_status status = condition && summary->figures ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) status = read_label(study, condition, summary->label, error);
  for (size_t i = 0; i < preset->n_figures && !status; i++)
    status = read_figure(study, condition, &preset->figures[i], &summary->figures[i], error);
  free(condition);
  return status;
}

void preset_summary_clear(struct preset_summary *summary)
{
  free(summary->figures);
  summary->figures = NULL;
}

/* ---- as text --------------------------------------------------------------------------------------------------- */

void preset_print_figure(const struct preset_format *format, double value, char text[PRESET_TEXT_SIZE])
{
  if (!isfinite(value))
    strcpy(text, "-");
  else if (format->fixed)
    snprintf(text, PRESET_TEXT_SIZE, "%.*f", format->digits, value);
  else
    snprintf(text, PRESET_TEXT_SIZE, "%.*g", format->digits, value);
}

int preset_width(const struct preset_format *format)
{
  const int length = (int)strlen(format->title);
  return length > format->width ? length : format->width;
}
