/* The ranked table of clfit results: configuration columns that vary, and the results of each network. */
#include "cli/io/message.h"
#include "cli/results/results.h"
#include "study/base/numbers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_ROWS 20 /* unless --limit says otherwise */

/* Significant digits of metrics. */
#define FIGURE_DIGITS "%.6g"

struct table {
  struct results *results;
  const char *rank_by;
  int *shown;  /* [n_shown], indexes of the view's columns */
  int *widths; /* [n_shown] */
  int n_shown;
};

/* ---- what to show -------------------------------------------------------------------------------------------- */

/* "count(*), min(hidden) IS NOT max(hidden) AS hidden, ...": of a figure whether there is one, of the configuration
 * whether it varies. Free it with sqlite3_free. */
static char *print_survey(const struct results *results)
{
  sqlite3_str *sql = sqlite3_str_new(NULL);
  for (int i = 0; i < results->n_columns; i++) {
    const char *name = results->columns[i];
    if (i) sqlite3_str_appendall(sql, ", ");
    if (results_is_outcome(name))
      sqlite3_str_appendf(sql, "count(%s) > 0", name);
    else
      sqlite3_str_appendf(sql, "min(%s) IS NOT max(%s)", name, name);
    if (!results_is_outcome(name)) sqlite3_str_appendf(sql, " OR (count(%s) > 0 AND count(%s) < count(*))", name, name);
  }
  return sqlite3_str_finish(sql);
}

static bool is_one_of(const char *name, const char *const *names)
{
  for (; *names; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

/* Columns that are left out: rmse follows from mse, and a digest is too wide. */
static bool is_worth_showing(const struct table *table, const char *name, bool some, bool all_ended_well)
{
  static const char *const always[] = {"id", "hidden", "rate", NULL};
  static const char *const never[] = {"digest",  "test_rmse", "diverged_epoch", "steps", "steps_per_second",
                                      "fit_rss", NULL};
  if (strcmp(name, table->rank_by) == 0 || is_one_of(name, always)) return true;
  if (is_one_of(name, never)) return false;
  if (strcmp(name, "status") == 0) return !all_ended_well;
  return some;
}

static clfit_status choose_columns(struct table *table, const char *where, bool all_ended_well, clfit_error *error)
{
  struct results *results = table->results;
  struct results_query query = {.where = where};
  sqlite3_stmt *statement = NULL;
  bool more;
  char *survey = print_survey(results);
  table->shown = calloc((size_t)results->n_columns, sizeof *table->shown);
  table->widths = calloc((size_t)results->n_columns, sizeof *table->widths);
  clfit_status status = CLFIT_OK;
  if (!survey || !table->shown || !table->widths) status = clfit_fail_memory(error);
  if (!status) status = results_select(results, survey, &query, &statement, error);
  if (!status) status = results_next(results, statement, &more, error);
  for (int i = 0; !status && i < results->n_columns; i++) {
    bool some = sqlite3_column_int(statement, i) != 0;
    if (is_worth_showing(table, results->columns[i], some, all_ended_well)) table->shown[table->n_shown++] = i;
  }
  sqlite3_finalize(statement);
  sqlite3_free(survey);
  return status;
}

clfit_status results_choose_columns(struct results *results, const struct options *options, const char *rank_by,
                                    const struct results_counts *counts, int **shown, int *n, clfit_error *error)
{
  struct table table = {.results = results, .rank_by = rank_by};
  clfit_status status = choose_columns(&table, options->where, counts->done == counts->all, error);
  free(table.widths);
  if (status) {
    free(table.shown);
    return status;
  }
  *shown = table.shown;
  *n = table.n_shown;
  return CLFIT_OK;
}

/* ---- cells --------------------------------------------------------------------------------------------------- */

void results_print_cell(char cell[CELL_SIZE], const char *name, sqlite3_stmt *statement, int column)
{
  char number[NUMBER_SIZE];
  double value;
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_INTEGER: snprintf(cell, CELL_SIZE, "%" PRId64, (int64_t)sqlite3_column_int64(statement, column)); return;
  case SQLITE_FLOAT:
    value = sqlite3_column_double(statement, column);
    number_print(number, value);
    if (*number && results_is_outcome(name))
      snprintf(cell, CELL_SIZE, strcmp(name, "train_seconds") == 0 ? "%.3g" : FIGURE_DIGITS, value);
    else
      snprintf(cell, CELL_SIZE, "%s", *number ? number : "-");
    return;
  case SQLITE_NULL: strcpy(cell, "-"); return;
  default: snprintf(cell, CELL_SIZE, "%.40s", store_text(statement, column)); clfit_blank_controls(cell);
  }
}

/* ---- printing ------------------------------------------------------------------------------------------------ */

static void widen(int *width, const char *text)
{
  int length = (int)strlen(text);
  if (length > *width) *width = length;
}

/* Goes through all rows: once to find the widths, once to print. */
static clfit_status pass_rows(struct table *table, sqlite3_stmt *statement, bool print, clfit_error *error)
{
  char cell[CELL_SIZE];
  clfit_status status;
  bool more;
  sqlite3_reset(statement);
  for (uint64_t rank = 1; !(status = results_next(table->results, statement, &more, error)) && more; rank++) {
    if (print) printf("%4" PRIu64, rank);
    for (int i = 0; i < table->n_shown; i++) {
      results_print_cell(cell, table->results->columns[table->shown[i]], statement, table->shown[i]);
      widen(&table->widths[i], cell);
      if (print) printf("  %*s", table->widths[i], cell);
    }
    if (print) printf("\n");
  }
  return status;
}

static void print_header(struct table *table)
{
  printf("rank");
  for (int i = 0; i < table->n_shown; i++) printf("  %*s", table->widths[i], table->results->columns[table->shown[i]]);
  printf("\n");
}

static clfit_status print_rows(struct table *table, const struct results_query *query, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = results_select(table->results, NULL, query, &statement, error);
  for (int i = 0; i < table->n_shown; i++) widen(&table->widths[i], table->results->columns[table->shown[i]]);
  if (!status) status = pass_rows(table, statement, false, error);
  if (!status) {
    print_header(table);
    status = pass_rows(table, statement, true, error);
  }
  sqlite3_finalize(statement);
  return status;
}

static void print_summary(const struct table *table, const struct results_counts *counts, const char *where)
{
  printf("study     %s\nnetworks  %" PRIu64 "%s%s: %" PRIu64 " done", table->results->path, counts->all,
         where ? " where " : "", where ? where : "", counts->done);
  if (counts->stopped) printf(", %" PRIu64 " stopped by tol", counts->stopped);
  if (counts->diverged) printf(", %" PRIu64 " diverged", counts->diverged);
  if (counts->pruned) printf(", %" PRIu64 " pruned by halving", counts->pruned);
  printf("\nranked    by %s, %s first\n\n", table->rank_by,
         results_larger_is_better(table->rank_by) ? "the largest" : "the smallest");
}

clfit_status results_print_best(struct results *results, const char *rank_by, uint32_t limit, clfit_error *error)
{
  struct table table = {.results = results, .rank_by = rank_by};
  struct results_query query = {.rank_by = rank_by, .limit = limit};
  struct results_counts counts;
  clfit_status status = results_count(results, NULL, &counts, error);
  if (!status) status = choose_columns(&table, NULL, counts.done == counts.all, error);
  if (!status && counts.all) status = print_rows(&table, &query, error);
  free(table.shown);
  free(table.widths);
  return status;
}

clfit_status results_print_table(struct results *results, const struct options *options, clfit_error *error)
{
  struct table table = {.results = results, .rank_by = options->rank_by};
  struct results_counts counts;
  clfit_status status = CLFIT_OK;
  if (!table.rank_by) status = results_default_ranking(results, &table.rank_by, error);
  if (!status) status = results_count(results, options->where, &counts, error);
  if (!status) status = choose_columns(&table, options->where, counts.done == counts.all, error);
  if (status) goto out;
  struct results_query query = {
      .where = options->where, .rank_by = table.rank_by, .limit = options->limit ? options->limit : TABLE_ROWS};
  print_summary(&table, &counts, options->where);
  if (counts.all) status = print_rows(&table, &query, error);
out:
  free(table.shown);
  free(table.widths);
  return status;
}
