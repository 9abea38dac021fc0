#include "study/store/store.h"

#include "study/base/bytes.h"
#include "study/base/fail.h"
#include "study/store/lock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MILLISECONDS 60000 /* only with a rollback journal does a reader make a writer wait */

/* Statements that are used over and over. */
enum statement {
  ADD,
  REPLACE,
  KEEP,
  FORGET,
  CHECKPOINT,
  READ_CHECKPOINT,
  DROP_CHECKPOINT,
  BEGIN,
  BEGIN_READING,
  COMMIT,
  STATEMENTS
};

/* As many as the table networks has columns. */
#define MARKS                                                                                                          \
  "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)"

static const char *const statement_texts[STATEMENTS] = {
    [ADD] = "INSERT INTO networks VALUES " MARKS,
    [REPLACE] = "INSERT OR REPLACE INTO networks VALUES " MARKS, /* a network may come several times */
    [KEEP] = "INSERT OR REPLACE INTO parameters VALUES (?1, ?2)",
    [FORGET] = "DELETE FROM parameters WHERE id = ?1",
    [CHECKPOINT] = "INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2)",
    [READ_CHECKPOINT] = "SELECT state FROM checkpoints WHERE id = ?1",
    [DROP_CHECKPOINT] = "DELETE FROM checkpoints WHERE id = ?1",
    [BEGIN] = "BEGIN IMMEDIATE",
    [BEGIN_READING] = "BEGIN",
    [COMMIT] = "COMMIT",
};

struct store {
  sqlite3 *database;
  char *path; /* NULL: one of its own */
  struct lock lock;
  bool checkpoints;                     /* there may be some */
  sqlite3_stmt *statements[STATEMENTS]; /* NULL until used */
};

/* Networks beyond rung 0, and the rung that each is in. Which networks a rung ended is what their status says. */
static const char halving_schema[] = "CREATE TABLE rungs (id INTEGER PRIMARY KEY, rung INTEGER NOT NULL) STRICT;"
                                     "CREATE INDEX rungs_by_rung ON rungs (rung);"
                                     "INSERT INTO meta VALUES ('rung', '0');";

static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE networks ("
    " id INTEGER PRIMARY KEY, hidden INTEGER NOT NULL, samples INTEGER NOT NULL, epochs INTEGER NOT NULL,"
    " rate REAL NOT NULL, activation TEXT NOT NULL, seed INTEGER NOT NULL, sample_seed INTEGER, tol REAL NOT NULL,"
    " status TEXT NOT NULL, diverged_epoch INTEGER, steps INTEGER NOT NULL, train_loss REAL,"
    " test_mse REAL, test_rmse REAL, test_max_error REAL, test_r2 REAL,"
    " fit_rss REAL, fit_rmse REAL, fit_max_error REAL, digest TEXT, seconds REAL NOT NULL, history BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE parameters (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE checkpoints (id INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT;"
    "CREATE VIEW results AS SELECT id, hidden, samples, epochs, rate, activation, seed, sample_seed, tol, status,"
    " diverged_epoch, steps, seconds AS train_seconds, steps / nullif(seconds, 0) AS steps_per_second, train_loss,"
    " test_mse, test_rmse, test_max_error, test_r2, fit_rss, fit_rmse, fit_max_error, digest FROM networks;";

/* ---- opening ----------------------------------------------------------------------------------------------------- */

clfit_status store_fail(struct store *store, clfit_error *error)
{
  const char *path = store->path ? store->path : "the sweep's temporary database";
  int code = store->database ? sqlite3_errcode(store->database) : SQLITE_NOMEM;
  const char *safe = code == SQLITE_FULL || code == SQLITE_IOERR ? "; what was committed before is safe" : "";
  switch (code) {
  case SQLITE_NOMEM: return fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  case SQLITE_NOTADB: return fail(error, CLFIT_ERROR_FORMAT, "%.300s is no study of clfit sweep", path);
  default: return fail(error, CLFIT_ERROR_FILE, "%.300s: %.120s%s", path, sqlite3_errmsg(store->database), safe);
  }
}

clfit_status store_run(struct store *store, const char *text, clfit_error *error)
{
  return sqlite3_exec(store->database, text, NULL, NULL, NULL) ? store_fail(store, error) : CLFIT_OK;
}

clfit_status store_read_number(struct store *store, const char *text, const uint64_t numbers[2], uint64_t *number,
                               clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(store->database, text, -1, &query, NULL)) return store_fail(store, error);
  for (int i = 0; numbers && i < 2 && i < sqlite3_bind_parameter_count(query); i++)
    sqlite3_bind_int64(query, i + 1, (sqlite3_int64)numbers[i]);
  if (sqlite3_step(query) == SQLITE_ROW)
    *number = (uint64_t)sqlite3_column_int64(query, 0);
  else
    status = store_fail(store, error);
  sqlite3_finalize(query);
  return status;
}

bool store_exists(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && !(S_ISREG(info.st_mode) && info.st_size == 0);
}

/* A study has our mark; a database without any table can become one. */
static clfit_status check_kind(struct store *store, bool *fresh, clfit_error *error)
{
  uint64_t application = 0, version = 0, tables = 0;
  clfit_status status = store_read_number(store, "PRAGMA application_id", NULL, &application, error);
  if (!status) status = store_read_number(store, "PRAGMA user_version", NULL, &version, error);
  if (!status) status = store_read_number(store, "SELECT count(*) FROM sqlite_master", NULL, &tables, error);
  if (status) return status;
  *fresh = tables == 0 && (application == 0 || application == STORE_APPLICATION);
  if (*fresh) return CLFIT_OK;
  if (application != STORE_APPLICATION)
    return fail(error, CLFIT_ERROR_FORMAT, "%.300s is no study of clfit sweep", store->path);
  if (version != STORE_VERSION)
    return fail(error, CLFIT_ERROR_FORMAT, "%.300s is a study of version %lld; this clfit knows version %d",
                store->path, (long long)version, STORE_VERSION);
  return CLFIT_OK;
}

static clfit_status set_up(struct store *store, clfit_error *error)
{
  sqlite3_extended_result_codes(store->database, 0);
  sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
  if (!store->path)
    return store_run(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536", error);
  /* WAL shares memory between processes, which machines cannot. In WAL, NORMAL may lose the last transactions when the
   * power fails, and nothing when the process dies; a resumed sweep trains them again. */
  if (lock_is_remote(store->path))
    return store_run(store, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL", error);
  return store_run(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", error);
}

static struct store *make(const char *path, clfit_error *error)
{
  struct store *store = calloc(1, sizeof *store);
  if (store) lock_init(&store->lock);
  if (store && path && !(store->path = strdup(path))) {
    free(store);
    store = NULL;
  }
  if (!store) fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  return store;
}

static clfit_status open_database(struct store *store, const char *name, int flags, clfit_error *error)
{
  /* One thread at a time has a store: SQLite need not lock at every value that it is given. */
  int code = sqlite3_open_v2(name, &store->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
  return code ? store_fail(store, error) : CLFIT_OK;
}

clfit_status store_open(const char *path, struct store **opened, bool *fresh, clfit_error *error)
{
  struct store *store = make(path, error);
  uint64_t checkpoints = 0;
  if (!store) return CLFIT_ERROR_MEMORY;
  clfit_status status = path ? lock_take(&store->lock, path, error) : CLFIT_OK;
  if (!status) status = open_database(store, path ? path : "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
  if (!status) status = check_kind(store, fresh, error);
  if (!status) status = set_up(store, error);
  if (!status && !*fresh)
    status = store_read_number(store, "SELECT count(*) FROM checkpoints", NULL, &checkpoints, error);
  store->checkpoints = checkpoints > 0;
  if (!status)
    *opened = store;
  else
    store_close(store);
  return status;
}

/* A name for SQLite that promises it that nobody writes: for a place where no reader can make its side files. */
static char *immutable_name(const char *path)
{
  char *name = malloc(3 * strlen(path) + 32), *end = name;
  if (!name) return NULL;
  end += sprintf(end, "file:");
  for (; *path; path++) end += sprintf(end, strchr("%?#", *path) ? "%%%02x" : "%c", (unsigned char)*path);
  sprintf(end, "?immutable=1");
  return name;
}

clfit_status store_open_reading(const char *path, struct store **opened, clfit_error *error)
{
  bool fresh = false;
  uint64_t tables;
  struct store *store = make(path, error);
  if (!store) return CLFIT_ERROR_MEMORY;
  clfit_status status = open_database(store, path, SQLITE_OPEN_READONLY, error);
  if (!status) status = store_read_number(store, "SELECT count(*) FROM sqlite_master", NULL, &tables, error);
  if (status && store->database && sqlite3_errcode(store->database) == SQLITE_CANTOPEN && store_exists(path)) {
    char *name = immutable_name(path);
    sqlite3_close(store->database);
    store->database = NULL;
    status = open_database(store, name ? name : path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    free(name);
  }
  if (!status) sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
  if (!status) status = check_kind(store, &fresh, error);
  if (!status && fresh) status = fail(error, CLFIT_ERROR_FORMAT, "%.300s is no study of clfit sweep", path);
  if (!status)
    *opened = store;
  else
    store_close(store);
  return status;
}

void store_close(struct store *store)
{
  if (!store) return;
  for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(store->statements[i]);
  sqlite3_close(store->database);
  lock_release(&store->lock);
  free(store->path);
  free(store);
}

sqlite3 *store_handle(struct store *store)
{
  return store->database;
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

static clfit_status prepare(struct store *store, enum statement id, sqlite3_stmt **statement, clfit_error *error)
{
  sqlite3_stmt **place = &store->statements[id];
  if (!*place && sqlite3_prepare_v3(store->database, statement_texts[id], -1, SQLITE_PREPARE_PERSISTENT, place, NULL))
    return store_fail(store, error);
  *statement = *place;
  return CLFIT_OK;
}

/* Runs a statement that gives no rows. */
static clfit_status finish(struct store *store, sqlite3_stmt *statement, clfit_error *error)
{
  clfit_status status = sqlite3_step(statement) == SQLITE_DONE ? CLFIT_OK : store_fail(store, error);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return status;
}

static clfit_status run_on(struct store *store, enum statement id, uint64_t network, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  if (status) return status;
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)network);
  return finish(store, statement, error);
}

static clfit_status run_blob(struct store *store, enum statement id, uint64_t network, size_t size, const void *bytes,
                             clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  if (status) return status;
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)network);
  sqlite3_bind_blob64(statement, 2, bytes, size, SQLITE_STATIC);
  return finish(store, statement, error);
}

static clfit_status run_plain(struct store *store, enum statement id, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  return status ? status : finish(store, statement, error);
}

clfit_status store_begin(struct store *store, clfit_error *error)
{
  return run_plain(store, BEGIN, error);
}

clfit_status store_begin_reading(struct store *store, clfit_error *error)
{
  return run_plain(store, BEGIN_READING, error);
}

clfit_status store_commit(struct store *store, clfit_error *error)
{
  return run_plain(store, COMMIT, error);
}

void store_roll_back(struct store *store)
{
  if (!sqlite3_get_autocommit(store->database)) sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- what defines the sweep -------------------------------------------------------------------------------------- */

clfit_status store_write_meta(struct store *store, const char *key, const char *value, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(store->database, "INSERT OR REPLACE INTO meta VALUES (?1, ?2)", -1, &statement, NULL))
    return store_fail(store, error);
  sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
  clfit_status status = finish(store, statement, error);
  sqlite3_finalize(statement);
  return status;
}

clfit_status store_read_meta(struct store *store, const char *key, char **value, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  *value = NULL;
  if (sqlite3_prepare_v2(store->database, "SELECT value FROM meta WHERE key = ?1", -1, &query, NULL))
    return store_fail(store, error);
  sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
  int code = sqlite3_step(query);
  if (code == SQLITE_ROW) {
    *value = strdup((const char *)sqlite3_column_text(query, 0));
    if (!*value) status = fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  } else if (code != SQLITE_DONE) {
    status = store_fail(store, error);
  }
  sqlite3_finalize(query);
  return status;
}

static clfit_status define_preset(struct store *store, const char *name, clfit_error *error)
{
  const struct preset *preset = preset_find(name);
  char *text = preset ? preset_schema(preset) : NULL;
  if (!preset) return fail(error, CLFIT_ERROR_FORMAT, "there is no preset \"%.120s\"", name);
  if (!text) return fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  clfit_status status = store_run(store, text, error);
  free(text);
  return status;
}

clfit_status store_define(struct store *store, size_t n, const char *const *keys, char *const *values,
                          clfit_error *error)
{
  char marks[96];
  snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION,
           STORE_VERSION);
  clfit_status status = store_begin(store, error);
  if (!status) status = store_run(store, marks, error);
  if (!status) status = store_run(store, schema, error);
  for (size_t i = 0; !status && i < n; i++) {
    if (values[i]) status = store_write_meta(store, keys[i], values[i], error);
    if (!status && values[i] && strcmp(keys[i], "preset") == 0) status = define_preset(store, values[i], error);
    if (!status && values[i] && strcmp(keys[i], "halving") == 0) status = store_run(store, halving_schema, error);
  }
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

static const char *status_name(clfit_training status)
{
  switch (status) {
  case CLFIT_TRAINING_RUNNING: return "pruned";
  case CLFIT_TRAINING_STOPPED: return "stopped";
  case CLFIT_TRAINING_DIVERGED: return "diverged";
  default: return "done";
  }
}

/* A NaN becomes NULL by itself; an infinite figure is no figure either. */
static void bind_figure(sqlite3_stmt *statement, int index, double value)
{
  if (isfinite(value)) sqlite3_bind_double(statement, index, value);
}

static void bind_configuration(sqlite3_stmt *statement, const struct study_row *row)
{
  const clfit_network *network = &row->configuration;
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)row->id);
  sqlite3_bind_int64(statement, 2, network->hidden);
  sqlite3_bind_int64(statement, 3, network->samples);
  sqlite3_bind_int64(statement, 4, network->epochs);
  sqlite3_bind_double(statement, 5, network->rate);
  sqlite3_bind_text(statement, 6, clfit_activation_name(network->activation), -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 7, network->seed);
  if (row->drawn) sqlite3_bind_int64(statement, 8, row->configuration.sample_seed);
  sqlite3_bind_double(statement, 9, network->tol);
}

static void bind_outcome(sqlite3_stmt *statement, const struct study_row *row)
{
  const double figures[] = {row->train_loss, row->test.mse, row->test.rmse, row->test.max_error,
                            row->test.r2,    row->fit.rss,  row->fit.rmse,  row->fit.max_error};
  sqlite3_bind_text(statement, 10, status_name(row->status), -1, SQLITE_STATIC);
  if (row->status == CLFIT_TRAINING_DIVERGED) sqlite3_bind_int64(statement, 11, row->diverged_epoch);
  sqlite3_bind_int64(statement, 12, (sqlite3_int64)row->steps);
  for (int i = 0; i < 8; i++) bind_figure(statement, 13 + i, figures[i]);
  if (row->digest[0]) sqlite3_bind_text(statement, 21, row->digest, -1, SQLITE_STATIC);
  sqlite3_bind_double(statement, 22, row->seconds);
}

static clfit_status write_row(struct store *store, enum statement id, const struct study_row *row, clfit_error *error)
{
  unsigned char history[8 * STORE_HISTORY_MAX];
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  if (status) return status;
  bind_configuration(statement, row);
  bind_outcome(statement, row);
  for (uint32_t i = 0; i < row->history_count; i++) bytes_put_double(history + 8 * i, row->history[i]);
  sqlite3_bind_blob(statement, 23, history, (int)(8 * row->history_count), SQLITE_STATIC);
  status = finish(store, statement, error);
  if (!status && store->checkpoints) status = run_on(store, DROP_CHECKPOINT, row->id, error);
  return status;
}

clfit_status store_add(struct store *store, const struct study_row *row, clfit_error *error)
{
  return write_row(store, ADD, row, error);
}

clfit_status store_replace(struct store *store, const struct study_row *row, clfit_error *error)
{
  return write_row(store, REPLACE, row, error);
}

clfit_status store_keep(struct store *store, uint64_t id, size_t n, const float *parameters, clfit_error *error)
{
  unsigned char *bytes = malloc(4 * n);
  if (!bytes) return fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  for (size_t i = 0; i < n; i++) bytes_put_float(bytes + 4 * i, parameters[i]);
  clfit_status status = run_blob(store, KEEP, id, 4 * n, bytes, error);
  free(bytes);
  return status;
}

clfit_status store_forget(struct store *store, uint64_t id, clfit_error *error)
{
  return run_on(store, FORGET, id, error);
}

clfit_status store_read_counts(struct store *store, const char *text, uint64_t *networks, uint64_t *diverged,
                               double *work, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(store->database, text, -1, &query, NULL) || sqlite3_step(query) != SQLITE_ROW) {
    status = store_fail(store, error);
  } else {
    *networks = (uint64_t)sqlite3_column_int64(query, 0);
    *diverged = (uint64_t)sqlite3_column_int64(query, 1);
    *work = sqlite3_column_double(query, 2);
  }
  sqlite3_finalize(query);
  return status;
}

clfit_status store_count(struct store *store, uint64_t *networks, uint64_t *diverged, double *work, clfit_error *error)
{
  static const char text[] =
      "SELECT count(*), count(diverged_epoch), total(1.0 * hidden * samples * epochs) FROM networks";
  return store_read_counts(store, text, networks, diverged, work, error);
}

clfit_status store_each_id(struct store *store, const char *text, const uint64_t numbers[4],
                           void (*call)(void *context, uint64_t id), void *context, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  int code;
  if (sqlite3_prepare_v2(store->database, text, -1, &query, NULL)) return store_fail(store, error);
  for (int i = 0; i < sqlite3_bind_parameter_count(query); i++)
    sqlite3_bind_int64(query, i + 1, (sqlite3_int64)numbers[i]);
  while ((code = sqlite3_step(query)) == SQLITE_ROW) call(context, (uint64_t)sqlite3_column_int64(query, 0));
  if (code != SQLITE_DONE) status = store_fail(store, error);
  sqlite3_finalize(query);
  return status;
}

clfit_status store_each_ended(struct store *store, uint64_t first, uint64_t end,
                              void (*call)(void *context, uint64_t id), void *context, clfit_error *error)
{
  const uint64_t numbers[4] = {first, end};
  return store_each_id(store, "SELECT id FROM networks WHERE id >= ?1 AND id < ?2", numbers, call, context, error);
}

clfit_status store_each_kept(struct store *store, const char *figure,
                             clfit_status (*call)(void *context, uint64_t id, double value, clfit_error *error),
                             void *context, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  int code = SQLITE_DONE;
  char text[128];
  snprintf(text, sizeof text, "SELECT id, %s FROM parameters JOIN networks USING (id)", figure);
  if (sqlite3_prepare_v2(store->database, text, -1, &query, NULL)) return store_fail(store, error);
  while (!status && (code = sqlite3_step(query)) == SQLITE_ROW) {
    double value = sqlite3_column_type(query, 1) == SQLITE_NULL ? NAN : sqlite3_column_double(query, 1);
    status = call(context, (uint64_t)sqlite3_column_int64(query, 0), value, error);
  }
  if (!status && code != SQLITE_DONE) status = store_fail(store, error);
  sqlite3_finalize(query);
  return status;
}

/* ---- networks in training ---------------------------------------------------------------------------------------- */

clfit_status store_checkpoint(struct store *store, uint64_t id, size_t size, const void *bytes, clfit_error *error)
{
  store->checkpoints = true;
  return run_blob(store, CHECKPOINT, id, size, bytes, error);
}

clfit_status store_read_checkpoint(struct store *store, uint64_t id, size_t *size, void **bytes, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  *bytes = NULL;
  if (!store->checkpoints) return CLFIT_OK;
  clfit_status status = prepare(store, READ_CHECKPOINT, &query, error);
  if (status) return status;
  sqlite3_bind_int64(query, 1, (sqlite3_int64)id);
  int code = sqlite3_step(query);
  if (code == SQLITE_ROW) {
    *size = (size_t)sqlite3_column_bytes(query, 0);
    *bytes = malloc(*size + 1);
    if (*bytes)
      memcpy(*bytes, sqlite3_column_blob(query, 0), *size);
    else
      status = fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  } else if (code != SQLITE_DONE) {
    status = store_fail(store, error);
  }
  sqlite3_reset(query);
  return status;
}

bool store_has_checkpoints(const struct store *store)
{
  return store->checkpoints;
}

/* ---- histories --------------------------------------------------------------------------------------------------- */

uint32_t store_milestones(uint32_t last_epoch, uint32_t epochs[CLFIT_MILESTONES_MAX])
{
  uint32_t count = 0;
  for (uint64_t power = 1; power <= last_epoch; power *= 2) {
    epochs[count++] = (uint32_t)power;
    if (power > 1 && power + power / 2 <= last_epoch) epochs[count++] = (uint32_t)(power + power / 2);
  }
  return count;
}

uint32_t store_history_epochs(uint32_t last_epoch, uint32_t epochs[STORE_HISTORY_MAX])
{
  uint32_t count = store_milestones(last_epoch, epochs);
  if (last_epoch > 0 && epochs[count - 1] != last_epoch) epochs[count++] = last_epoch;
  return count;
}
