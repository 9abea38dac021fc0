#include "study/store/read.h"

#include "study/base/fail.h"
#include "study/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* A reader waits that long for a writer, in ms: only a study with a rollback journal ever makes it. */
#define BUSY_MS 10000

/* Longest text or blob that an expression may make, bytes: a slip must not take all memory. */
#define EXPRESSION_BYTES (1 << 28)

/* ---- errors -------------------------------------------------------------------------------------------------- */

clfit_status results_fail_sqlite(const struct results *results, clfit_error *error)
{
  int code = sqlite3_errcode(results->database);
  if (code == SQLITE_NOMEM) return clfit_fail_memory(error);
  if (code == SQLITE_NOTADB)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study of clfit sweep", results->path);
  return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", results->path,
                    sqlite3_errmsg(results->database));
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

/* What the user's text may do. View and subquery are read by the view's name; tables only from within the view. */
static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *inside)
{
  const struct results *results = context;
  (void)database;
  if (!results->guarded || action == SQLITE_SELECT) return SQLITE_OK;
  if (action == SQLITE_FUNCTION) return strcasecmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
  if (action != SQLITE_READ) return SQLITE_DENY;
  if (strcasecmp(first, "results") == 0) return SQLITE_OK;
  if (strcasecmp(first, "networks") == 0 && !*second) return SQLITE_OK; /* a row's id, or how many rows there are */
  return inside && strcasecmp(inside, "results") == 0 ? SQLITE_OK : SQLITE_DENY;
}

/* file:PATH?immutable=1, or NULL. */
static char *immutable_uri(const char *path)
{
  char *uri = malloc(3 * strlen(path) + sizeof "file:./?immutable=1");
  char *end = uri;
  if (!uri) return NULL;
  end += sprintf(end, "file:%s", *path == '/' ? "" : "./");
  for (; *path; path++) end += sprintf(end, strchr(ALNUM "/._-", *path) ? "%c" : "%%%02X", (unsigned char)*path);
  strcpy(end, "?immutable=1");
  return uri;
}

static bool has_log(const char *path)
{
  char *log = sqlite3_mprintf("%s-wal", path);
  bool found = log && access(log, F_OK) == 0;
  sqlite3_free(log);
  return found;
}

static int open_as(struct results *results, const char *name, int flags)
{
  sqlite3_close(results->database);
  results->database = NULL;
  int code = sqlite3_open_v2(name, &results->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (code) return code;
  sqlite3_busy_timeout(results->database, BUSY_MS);
  sqlite3_limit(results->database, SQLITE_LIMIT_LENGTH, EXPRESSION_BYTES);
  sqlite3_db_config(results->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(results->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return sqlite3_exec(results->database, "PRAGMA query_only = 1; BEGIN; SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
}

/* SQLite reads a file with a write-ahead log only with two files beside it. Those of a sweep that runs, or was killed,
 * are used as they are; where there are none they are made, and only one who may write removes them again at the end;
 * where they cannot be made nobody is writing. */
static clfit_status open_database(struct results *results, clfit_error *error)
{
  bool log = has_log(results->path);
  int code = open_as(results, results->path, log ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  int primary = code & 0xff;
  if (!log && (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM)) {
    char *uri = immutable_uri(results->path);
    if (!uri) return clfit_fail_memory(error);
    code = open_as(results, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    free(uri);
  }
  return code ? results_fail_sqlite(results, error) : CLFIT_OK;
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

static clfit_status read_number(struct results *results, const char *sql, int *number, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(results->database, sql, -1, &statement, NULL) || sqlite3_step(statement) != SQLITE_ROW)
    status = results_fail_sqlite(results, error);
  else
    *number = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  return status;
}

/* Whether it is a study, and one of ours. */
static clfit_status check_kind(struct results *results, clfit_error *error)
{
  int application = 0, version = 0;
  clfit_status status = read_number(results, "PRAGMA application_id", &application, error);
  if (!status) status = read_number(results, "PRAGMA user_version", &version, error);
  if (status) return status;
  if (application != STORE_APPLICATION)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is no study of clfit sweep", results->path);
  if (version != STORE_VERSION)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is a study of version %d; this clfit knows version %d",
                      results->path, version, STORE_VERSION);
  return CLFIT_OK;
}

clfit_status results_open(struct results *results, const char *path, clfit_error *error)
{
  memset(results, 0, sizeof *results);
  results->path = path;
  if (access(path, R_OK) != 0)
    return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", path, strerror(errno));
  clfit_status status = open_database(results, error);
  if (!status) status = check_kind(results, error);
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

bool results_larger_is_better(const char *column)
{
  return strcmp(column, "test_r2") == 0;
}

bool results_is_outcome(const char *column)
{
  static const char *const outcomes[] = {
      "status",    "diverged_epoch", "steps",   "train_seconds", "steps_per_second", "train_loss",    "test_mse",
      "test_rmse", "test_max_error", "test_r2", "fit_rss",       "fit_rmse",         "fit_max_error", "digest"};
  for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
    if (strcmp(column, outcomes[i]) == 0) return true;
  return false;
}

/* What the sweep ranked by, as one of the view's names; NULL if it does not say. */
static clfit_status stored_rank(struct results *results, const char **column, clfit_error *error)
{
  char *name;
  clfit_status status = results_meta(results, "rank_by", &name, error);
  *column = NULL;
  for (int i = 0; name && i < results->n_columns; i++)
    if (strcmp(results->columns[i], name) == 0) *column = results->columns[i];
  free(name);
  return status;
}

clfit_status results_default_rank(struct results *results, const char **column, clfit_error *error)
{
  char *target;
  clfit_status status = stored_rank(results, column, error);
  if (status || *column) return status;
  sqlite3_stmt *statement = NULL;
  bool more = false;
  *column = "test_mse";
  status = results_meta(results, "target", &target, error);
  if (status || target) {
    free(target);
    return status;
  }
  struct results_query query = {.where = "test_mse IS NOT NULL", .limit = 1};
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

/* A text that is a condition on its own can stand between WHEN and THEN; one that closes the parenthesis around it and
 * goes on with more of a query cannot. */
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
    status = refuse(error, "--where \"%.160s\": this is no condition", where);
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
  if (query->where) status = check_where(results, query->where, error);
  if (status) return status;
  char *order = print_order(query);
  char *sql = order ? sqlite3_mprintf("SELECT %s%s FROM (SELECT * FROM results) AS results WHERE (\n%s\n)%s",
                                      query->distinct ? "DISTINCT " : "", expressions ? expressions : "*",
                                      query->where ? query->where : "1", order)
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
  int code = sqlite3_step(statement);
  *more = code == SQLITE_ROW;
  return code == SQLITE_ROW || code == SQLITE_DONE ? CLFIT_OK : results_fail_sqlite(results, error);
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

clfit_status results_meta(struct results *results, const char *key, char **value, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = CLFIT_OK;
  bool more = false;
  *value = NULL;
  if (sqlite3_prepare_v2(results->database, "SELECT value FROM meta WHERE key = ?1 AND value IS NOT NULL", -1,
                         &statement, NULL) ||
      sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC))
    status = results_fail_sqlite(results, error);
  if (!status) status = results_next(results, statement, &more, error);
  if (!status && more) {
    *value = strdup((const char *)sqlite3_column_text(statement, 0));
    if (!*value) status = clfit_fail_memory(error);
  }
  sqlite3_finalize(statement);
  return status;
}
