#include "study/store/read.h"

#include "study/base/fail.h"
#include "study/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Longest text or blob, in bytes, that a user's filter may make or meet: a slip must not take all memory, and a single
 * step of SQLite must end soon. The texts of a network have up to 64. */
#define FILTER_BYTES (1 << 17)

/* Seconds that SQLite may work on a user's filter, and for each page of the study: a hundred times what
 * reading one takes. SQLite asks every so many steps of its program. */
#define FILTER_SECONDS      5.0
#define FILTER_PAGE_SECONDS 1e-3
#define FILTER_STEPS        1000

/* ---- errors -------------------------------------------------------------------------------------------------- */

/* Failures that only a condition typed by the user causes. */
static clfit_status fail_filter(const struct results *results, clfit_error *error)
{
  switch (sqlite3_errcode(results->database)) {
  case SQLITE_INTERRUPT: return refuse(error, "--where takes more than %.0f s", results->filter_limit);
  case SQLITE_TOOBIG: return refuse(error, "--where makes a text or blob of more than %d KiB", FILTER_BYTES >> 10);
  case SQLITE_NOMEM: return refuse(error, "--where needs too much memory");
  default: return database_fail(results->database, results->path, error);
  }
}

clfit_status results_fail_sqlite(const struct results *results, clfit_error *error)
{
  clfit_status status = database_check_unchanged(&results->mark, error);
  if (status) return status;
  if (results->filter_limit > 0) return fail_filter(results, error);
  return database_fail(results->database, results->path, error);
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

/* Whether --where may call a function: only functions that compute a value from their arguments, and aggregates; none
 * that reads or changes something else, or makes a long text. */
static bool is_allowed(const char *function)
{
  static const char *const allowed[] = {
      "abs",    "avg",       "ceil",  "ceiling", "coalesce", "cos",   "count",  "exp",   "floor", "glob",
      "ifnull", "iif",       "instr", "length",  "like",     "ln",    "log",    "log10", "log2",  "lower",
      "max",    "min",       "mod",   "nullif",  "pow",      "power", "round",  "sign",  "sin",   "sqrt",
      "substr", "substring", "sum",   "total",   "trim",     "trunc", "typeof", "upper"};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
    if (strcasecmp(function, allowed[i]) == 0) return true;
  return false;
}

/*
 * SQLite's authorizer for --where: the expression may read the view results, which itself reads tables, and may call
 * functions except load_extension. `inside` is the innermost view, or the innermost WITH of the expression, which can
 * have the same name; so there only what the view shows can be read.
 */
static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *inside)
{
  const struct results *results = context;
  (void)database;
  if (!results->guarded || action == SQLITE_SELECT) return SQLITE_OK;
  if (action == SQLITE_FUNCTION) return is_allowed(second) ? SQLITE_OK : SQLITE_DENY;
  if (action != SQLITE_READ) return SQLITE_DENY;
  if (strcasecmp(first, "results") == 0) return SQLITE_OK;
  /* SQLite reports this for count(*) and for a row's id: no column is read */
  if (strcasecmp(first, "networks") == 0 && !*second) return SQLITE_OK;
  if (!inside || strcasecmp(inside, "results") != 0) return SQLITE_DENY;
  const bool shown = strcmp(first, "preset_rows") == 0 || (strcmp(first, "networks") == 0 && columns_is_shown(second));
  return shown ? SQLITE_OK : SQLITE_DENY;
}

static clfit_status copy_columns(struct results *results, sqlite3_stmt *statement, clfit_error *error)
{
  int n = sqlite3_column_count(statement);
  results->columns = calloc((size_t)n + 1, sizeof *results->columns);
  if (!results->columns) return clfit_fail_memory(error);
  for (int i = 0; i < n; i++) {
    const char *name = sqlite3_column_name(statement, i);
    if (!name || !*name || strspn(name, ALNUM "_") != strlen(name))
      return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study: its view results has a column \"%.60s\"",
                        results->path, name ? name : "");
    results->columns[i] = strdup(name);
    if (!results->columns[i]) return clfit_fail_memory(error);
    results->n_columns = i + 1;
  }
  return CLFIT_OK;
}

static clfit_status read_columns(struct results *results, clfit_error *error)
{
  static const char *const needed[] = {"id", "hidden", "rate", "status", "train_loss", "test_mse"};
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(results->database, "SELECT * FROM results", -1, &statement, NULL))
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study: %s", results->path,
                      sqlite3_errmsg(results->database));
  clfit_status status = copy_columns(results, statement, error);
  sqlite3_finalize(statement);
  for (size_t i = 0; !status && i < sizeof needed / sizeof *needed; i++) {
    int column = 0;
    while (column < results->n_columns && strcmp(results->columns[column], needed[i]) != 0) column++;
    if (column == results->n_columns)
      status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study: its view results has no column %s",
                          results->path, needed[i]);
  }
  return status;
}

/* Begins a transaction, so that everything is read from one version of the study. */
static clfit_status begin(struct results *results, clfit_error *error)
{
  static const char text[] = "PRAGMA query_only = 1; BEGIN; SELECT 1 FROM sqlite_schema";
  return sqlite3_exec(results->database, text, NULL, NULL, NULL) ? results_fail_sqlite(results, error) : CLFIT_OK;
}

clfit_status results_open(struct results *results, const char *path, clfit_error *error)
{
  memset(results, 0, sizeof *results);
  results->path = path;
  clfit_status status = database_open_reading(path, &results->database, &results->mark, error);
  if (!status) status = begin(results, error);
  if (!status) status = read_columns(results, error);
  if (!status) sqlite3_set_authorizer(results->database, authorize, results);
  if (status) results_close(results);
  return status;
}

clfit_status results_borrow(struct results *results, struct store *store, const char *path, clfit_error *error)
{
  *results = (struct results){.database = store_handle(store), .path = path, .borrowed = true};
  clfit_status status = read_columns(results, error);
  if (status) results_close(results);
  return status;
}

void results_close(struct results *results)
{
  for (int i = 0; i < results->n_columns; i++) free(results->columns[i]);
  free(results->columns);
  if (!results->borrowed) sqlite3_close(results->database);
  database_mark_clear(&results->mark);
  memset(results, 0, sizeof *results);
}

/* ---- columns ------------------------------------------------------------------------------------------------- */

clfit_status results_check_column(const struct results *results, const char *name, const char *option,
                                  clfit_error *error)
{
  char names[400] = "";
  for (int i = 0; i < results->n_columns; i++) {
    if (strcmp(results->columns[i], name) == 0) return CLFIT_OK;
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", results->columns[i]);
  }
  return refuse(error, "--%s: there is no column \"%.60s\"; there are %s", option, name, names);
}

clfit_status results_preset(struct results *results, const struct preset **preset, clfit_error *error)
{
  char *name;
  bool has_rows = false; /* whatever its table meta says */
  clfit_status status = results_meta(results, "preset", &name, error);
  for (int i = 0; i < results->n_columns; i++) has_rows |= strcmp(results->columns[i], "row") == 0;
  *preset = !status && name && has_rows ? preset_find(name) : NULL;
  free(name);
  return status;
}

bool results_larger_is_better(const char *column)
{
  const struct column *metric = columns_find_figure(column);
  return metric && metric->larger_is_better;
}

bool results_is_outcome(const char *column)
{
  static const char *const others[] = {"id", "row", "rating"}; /* the last two are of a preset */
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (strcmp(column, others[i]) == 0) return false;
  return !clfit_field_find(column);
}

/* The column that the sweep ranked by; NULL if the study does not name one of the view's columns. */
static clfit_status stored_ranking(struct results *results, const char **column, clfit_error *error)
{
  char *name;
  clfit_status status = results_meta(results, "rank_by", &name, error);
  *column = NULL;
  for (int i = 0; name && i < results->n_columns; i++)
    if (strcmp(results->columns[i], name) == 0) *column = results->columns[i];
  free(name);
  return status;
}

clfit_status results_default_ranking(struct results *results, const char **column, clfit_error *error)
{
  char *target;
  clfit_status status = stored_ranking(results, column, error);
  if (status || *column) return status;
  sqlite3_stmt *statement = NULL;
  bool more = false;
  *column = "test_mse";
  status = results_meta(results, "target", &target, error);
  if (status || target) {
    free(target);
    return status;
  }
  struct results_query query = {.also = "test_mse IS NOT NULL", .limit = 1};
  status = results_select(results, "id", &query, &statement, error);
  if (!status) status = results_next(results, statement, &more, error);
  sqlite3_finalize(statement);
  if (!more) *column = "train_loss";
  return status;
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

static clfit_status refuse_where(struct results *results, const char *where, clfit_error *error)
{
  int code = sqlite3_errcode(results->database);
  if (code == SQLITE_AUTH)
    return refuse(error, "--where can read nothing but the columns of the results: %.200s", where);
  if (code == SQLITE_ERROR) return refuse(error, "--where \"%.160s\": %s", where, sqlite3_errmsg(results->database));
  return results_fail_sqlite(results, error);
}

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int is_too_slow(void *context)
{
  const struct results *results = context;
  if (results->filter_start == 0) return 0; /* something else runs */
  return results->filter_seconds + now() - results->filter_start > results->filter_limit;
}

/* From now on SQLite's time, and the memory of each of its steps, are limited. */
static clfit_status bound(struct results *results, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(results->database, "PRAGMA page_count", -1, &statement, NULL) ||
      sqlite3_step(statement) != SQLITE_ROW) {
    sqlite3_finalize(statement);
    return results_fail_sqlite(results, error);
  }
  results->filter_limit = FILTER_SECONDS + FILTER_PAGE_SECONDS * (double)sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_limit(results->database, SQLITE_LIMIT_LENGTH, FILTER_BYTES);
  sqlite3_progress_handler(results->database, FILTER_STEPS, is_too_slow, results);
  return CLFIT_OK;
}

/* Checks that the text is one condition, by compiling it between WHEN ( and ) THEN: a text that closes the parenthesis
 * and continues with other SQL does not compile there. */
static clfit_status check_where(struct results *results, const char *where, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  const char *rest = NULL;
  char *sql = sqlite3_mprintf("SELECT CASE WHEN (\n%s\n) THEN 1 END FROM results", where);
  if (!sql) return clfit_fail_memory(error);
  clfit_status status = CLFIT_OK;
  results->guarded = true;
  int code = sqlite3_prepare_v2(results->database, sql, -1, &statement, &rest);
  results->guarded = false;
  if (code)
    status = refuse_where(results, where, error);
  else if (*rest || sqlite3_bind_parameter_count(statement) > 0)
    status = refuse(error, "--where \"%.160s\" is not a single condition on columns", where);
  sqlite3_finalize(statement);
  sqlite3_free(sql);
  return status;
}

/* ORDER BY and LIMIT. The column is one of the view's, so its name needs no quoting. */
static char *print_order(const struct results_query *query)
{
  const char *column = query->rank_by;
  char limit[32] = "";
  if (query->limit) snprintf(limit, sizeof limit, " LIMIT %u", query->limit);
  if (query->distinct) return sqlite3_mprintf(" ORDER BY %s", query->distinct);
  if (query->order) return sqlite3_mprintf(" ORDER BY %s", query->order);
  if (!column) return sqlite3_mprintf(" ORDER BY id%s", limit);
  return sqlite3_mprintf(" ORDER BY CASE WHEN status = 'diverged' THEN 2 WHEN %s IS NULL THEN 1 ELSE 0 END, %s%s, id%s",
                         column, column, results_larger_is_better(column) ? " DESC" : "", limit);
}

clfit_status results_select(struct results *results, const char *expressions, const struct results_query *query,
                            sqlite3_stmt **statement, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (query->where && results->filter_limit == 0) status = bound(results, error);
  if (!status && query->where) status = check_where(results, query->where, error);
  if (status) return status;
  char *order = print_order(query);
  char *sql =
      order
          ? sqlite3_mprintf("SELECT %s%s FROM (SELECT * FROM results) AS results WHERE (\n%s\n)%s%s%s AND %s%s",
                            query->distinct ? "DISTINCT " : "", expressions ? expressions : "*",
                            query->where ? query->where : "1", query->ids ? " AND id IN (" : "",
                            query->ids ? query->ids : "", query->ids ? ")" : "", query->also ? query->also : "1", order)
          : NULL;
  if (!sql) {
    sqlite3_free(order);
    return clfit_fail_memory(error);
  }
  results->guarded = true;
  int code = sqlite3_prepare_v2(results->database, sql, -1, statement, NULL);
  results->guarded = false;
  if (code) status = query->where ? refuse_where(results, query->where, error) : results_fail_sqlite(results, error);
  sqlite3_free(sql);
  sqlite3_free(order);
  return status;
}

clfit_status results_next(struct results *results, sqlite3_stmt *statement, bool *more, clfit_error *error)
{
  results->filter_start = results->filter_limit > 0 ? now() : 0;
  int code = sqlite3_step(statement);
  if (results->filter_limit > 0) results->filter_seconds += now() - results->filter_start;
  results->filter_start = 0;
  *more = code == SQLITE_ROW;
  if (code == SQLITE_ROW) return CLFIT_OK;
  return code == SQLITE_DONE ? database_check_unchanged(&results->mark, error) : results_fail_sqlite(results, error);
}

clfit_status results_count(struct results *results, const char *where, struct results_counts *counts,
                           clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  bool more;
  struct results_query query = {.where = where};
  clfit_status status = results_select(results,
                                       "count(*), count(CASE status WHEN 'done' THEN 1 END), "
                                       "count(CASE status WHEN 'stopped' THEN 1 END), "
                                       "count(CASE status WHEN 'pruned' THEN 1 END), "
                                       "count(CASE status WHEN 'diverged' THEN 1 END)",
                                       &query, &statement, error);
  if (!status) status = results_next(results, statement, &more, error);
  if (!status) {
    uint64_t *values[] = {&counts->all, &counts->done, &counts->stopped, &counts->pruned, &counts->diverged};
    for (int i = 0; i < 5; i++) *values[i] = (uint64_t)sqlite3_column_int64(statement, i);
  }
  sqlite3_finalize(statement);
  return status;
}

/* Without the limits of the user's condition, because some texts in the table meta are long. */
static clfit_status read_meta(struct results *results, sqlite3_stmt *statement, const char *key, char **value,
                              clfit_error *error)
{
  bool more = false;
  int limit = sqlite3_limit(results->database, SQLITE_LIMIT_LENGTH, DATABASE_LENGTH_MAX);
  clfit_status status = results_next(results, statement, &more, error);
  sqlite3_limit(results->database, SQLITE_LIMIT_LENGTH, limit);
  if (status || !more) return status;
  if (sqlite3_column_type(statement, 0) != SQLITE_TEXT) /* the content of a large study is not checked */
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: its %.60s is no text", results->path, key);
  const char *text = (const char *)sqlite3_column_text(statement, 0);
  *value = text ? strdup(text) : NULL;
  return *value ? CLFIT_OK : clfit_fail_memory(error);
}

clfit_status results_meta(struct results *results, const char *key, char **value, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = CLFIT_OK;
  *value = NULL;
  if (sqlite3_prepare_v2(results->database, "SELECT value FROM meta WHERE key = ?1", -1, &statement, NULL) ||
      sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC))
    status = results_fail_sqlite(results, error);
  if (!status) status = read_meta(results, statement, key, value, error);
  sqlite3_finalize(statement);
  return status;
}
