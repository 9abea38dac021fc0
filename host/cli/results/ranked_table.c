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
  const struct axes *axes; /* of the sweep, NULL: to be found out by looking at all rows */
  const char *rank_by;
  int *shown;  /* [n_shown], indexes of the view's columns */
  int *widths; /* [n_shown] */
  int n_shown;
};

/* ---- what to show -------------------------------------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *names)
{
  for (; *names; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

/* Columns that are left out: rmse follows from mse, and a digest is too wide. */
static const char *const never[] = {"digest",  "test_rmse", "diverged_epoch", "steps", "steps_per_second",
                                    "fit_rss", NULL};

/* Whether a column of the configuration varies, in SQL. */
static void append_varies(sqlite3_str *sql, const struct axes *axes, const char *name)
{
  const struct axis *axis = axes ? axes_find(axes, name) : NULL;
  if (axes)
    sqlite3_str_appendall(sql, axis && axis->count > 1 ? "1" : "0");
  else
    sqlite3_str_appendf(sql, "min(%s) IS NOT max(%s) OR (count(%s) > 0 AND count(%s) < count(*))", name, name, name,
                        name);
}

/* A query whose results say of each column whether it is worth showing: whether a column of the configuration varies,
 * whether an outcome is there, whether a status is other than "done". Free it with sqlite3_free. */
static char *print_survey(const struct table *table)
{
  const struct results *results = table->results;
  sqlite3_str *sql = sqlite3_str_new(NULL);
  for (int i = 0; i < results->n_columns; i++) {
    const char *name = results->columns[i];
    if (i) sqlite3_str_appendall(sql, ", ");
    if (is_one_of(name, never))
      sqlite3_str_appendall(sql, "0");
    else if (strcmp(name, "status") == 0)
      sqlite3_str_appendall(sql, "count(CASE WHEN status <> 'done' THEN 1 END) > 0");
    else if (strcmp(name, "rate") == 0 || results_is_outcome(name)) /* least squares has no rate */
      sqlite3_str_appendf(sql, "count(%s) > 0", name);
    else
      append_varies(sql, table->axes, name);
  }
  return sqlite3_str_finish(sql);
}

static bool is_shown(const struct table *table, const char *name, bool worth)
{
  static const char *const always[] = {"id", "hidden", NULL};
  return worth || strcmp(name, table->rank_by) == 0 || is_one_of(name, always);
}

/* ids: the networks that are looked at, NULL: all. */
static clfit_status choose_columns(struct table *table, const char *where, const char *ids, clfit_error *error)
{
  struct results *results = table->results;
  struct results_query query = {.where = where, .ids = ids};
  sqlite3_stmt *statement = NULL;
  bool more = false;
  char *survey = print_survey(table);
  table->shown = calloc((size_t)results->n_columns, sizeof *table->shown);
  table->widths = calloc((size_t)results->n_columns, sizeof *table->widths);
  clfit_status status = CLFIT_OK;
  if (!survey || !table->shown || !table->widths) status = clfit_fail_memory(error);
  if (!status) status = results_select(results, survey, &query, &statement, error);
  if (!status) status = results_next(results, statement, &more, error);
  for (int i = 0; !status && i < results->n_columns; i++)
    if (is_shown(table, results->columns[i], more && sqlite3_column_int(statement, i) != 0))
      table->shown[table->n_shown++] = i;
  sqlite3_finalize(statement);
  sqlite3_free(survey);
  return status;
}

clfit_status results_choose_columns(struct results *results, const struct options *options, const char *rank_by,
                                    int **shown, int *n, clfit_error *error)
{
  struct table table = {.results = results, .rank_by = rank_by};
  clfit_status status = choose_columns(&table, options->where, NULL, error);
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

void results_print_whole(char cell[CELL_SIZE], const char *name, int64_t value)
{
  const clfit_field *field = value == 0 ? clfit_field_find(name) : NULL;
  char text[CLFIT_FIELD_TEXT_SIZE];
  clfit_network network = {.size = sizeof network}; /* of which one member is used */
  snprintf(cell, CELL_SIZE, "%" PRId64, value);
  if (!field || !field->zero) return;
  clfit_field_print(field, &network, text);
  snprintf(cell, CELL_SIZE, "%.40s", text);
}

void results_print_cell(char cell[CELL_SIZE], const char *name, sqlite3_stmt *statement, int column)
{
  char number[NUMBER_SIZE];
  double value;
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_INTEGER: results_print_whole(cell, name, (int64_t)sqlite3_column_int64(statement, column)); return;
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
  if (counts->stopped) printf(", %" PRIu64 " stopped early", counts->stopped);
  if (counts->diverged) printf(", %" PRIu64 " diverged", counts->diverged);
  if (counts->pruned) printf(", %" PRIu64 " pruned by halving", counts->pruned);
  printf("\nranked    by %s, %s first\n\n", table->rank_by,
         results_larger_is_better(table->rank_by) ? "the largest" : "the smallest");
}

/* The ids of the best networks, "3,14": the sort goes through all rows, and is done once. Free *ids. */
static clfit_status find_ids(struct results *results, const struct results_query *query, char **ids, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  bool more = true;
  size_t size;
  FILE *text = open_memstream(ids, &size);
  if (!text) return clfit_fail_memory(error);
  clfit_status status = results_select(results, "id", query, &statement, error);
  for (const char *comma = ""; !status && more; comma = ",") {
    status = results_next(results, statement, &more, error);
    if (!status && more) fprintf(text, "%s%" PRId64, comma, (int64_t)sqlite3_column_int64(statement, 0));
  }
  sqlite3_finalize(statement);
  return fclose(text) == 0 || status ? status : clfit_fail_memory(error);
}

clfit_status results_print_best(struct results *results, const struct axes *axes, const char *rank_by, uint32_t limit,
                                clfit_error *error)
{
  struct table table = {.results = results, .axes = axes, .rank_by = rank_by};
  struct results_query query = {.rank_by = rank_by, .limit = limit};
  char *ids = NULL;
  clfit_status status = limit ? find_ids(results, &query, &ids, error) : CLFIT_OK;
  query.ids = ids;
  if (!status) status = choose_columns(&table, NULL, ids, error);
  if (!status) status = print_rows(&table, &query, error);
  free(ids);
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
  if (!status) status = choose_columns(&table, options->where, NULL, error);
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
