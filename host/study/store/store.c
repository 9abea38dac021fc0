#include "study/store/store.h"

#include "study/base/bytes.h"
#include "study/base/fail.h"
#include "study/store/kept_samples.h"
#include "study/store/lock.h"
#include "study/store/presence.h"
#include "study/store/schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Statements that are prepared once and used many times. */
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

/* The statements that write a network are composed of the study's columns. */
static const char *const statement_texts[STATEMENTS] = {
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
  char *path; /* NULL: a temporary database, deleted on close */
  struct lock lock;
  struct presence presence;             /* of the file, if it is written */
  struct columns columns;               /* of its table networks */
  struct database_mark mark;            /* if the study is open for reading */
  bool checkpoints;                     /* whether the table checkpoints may have rows */
  sqlite3_stmt *statements[STATEMENTS]; /* NULL until used */
};

/* ---- opening ----------------------------------------------------------------------------------------------------- */

clfit_status store_fail(struct store *store, clfit_error *error)
{
  return database_fail(store->database, store->path, error);
}

const char *store_text(sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
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
  int code = sqlite3_step(query);
  if (code == SQLITE_ROW)
    *number = (uint64_t)sqlite3_column_int64(query, 0);
  else
    status = code == SQLITE_DONE ? store_refuse(store, error, "a row is missing") : store_fail(store, error);
  sqlite3_finalize(query);
  return status;
}

clfit_status store_refuse(struct store *store, clfit_error *error, const char *format, ...)
{
  char reason[300];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: %s",
                    store->path ? store->path : "the sweep's database", reason);
}

bool store_exists(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && !(S_ISREG(info.st_mode) && info.st_size == 0);
}

static clfit_status set_up(struct store *store, clfit_error *error)
{
  if (!store->path) return CLFIT_OK;
  /* A write-ahead log (WAL) needs memory shared between processes, so it does not work on network file systems; there a
   * rollback journal is used. With WAL and synchronous = NORMAL a power failure may lose the last transactions (a
   * killed process loses none); a resumed sweep trains these networks again. */
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
  if (!store) clfit_fail_memory(error);
  return store;
}

/* Reads which parts and columns an existing study has. */
static clfit_status look_up(struct store *store, clfit_error *error)
{
  uint64_t checkpoints = 0;
  clfit_status status =
      store_read_number(store, "SELECT EXISTS (SELECT 1 FROM checkpoints)", NULL, &checkpoints, error);
  store->checkpoints = checkpoints > 0;
  return status ? status : columns_read(store->database, store->path, &store->columns, error);
}

static clfit_status open_file(struct store *store, const char *path, bool *fresh, clfit_error *error)
{
  clfit_status status = database_check_name(path, error);
  if (!status) status = lock_take(&store->lock, path, error);
  return status ? status : database_open_writing(path, &store->database, fresh, error);
}

clfit_status store_open(const char *path, struct store **opened, bool *fresh, clfit_error *error)
{
  struct store *store = make(path, error);
  if (!store) return CLFIT_ERROR_MEMORY;
  *fresh = true;
  clfit_status status = path ? open_file(store, path, fresh, error) : database_open_temporary(&store->database, error);
  if (!status) status = set_up(store, error);
  if (!status && !*fresh) status = look_up(store, error);
  if (!status && path) presence_note(&store->presence, path);
  if (!status)
    *opened = store;
  else
    store_close(store);
  return status;
}

clfit_status store_open_reading(const char *path, struct store **opened, clfit_error *error)
{
  struct store *store = make(path, error);
  if (!store) return CLFIT_ERROR_MEMORY;
  clfit_status status = database_open_reading(path, &store->database, &store->mark, error);
  if (!status) status = columns_read(store->database, path, &store->columns, error);
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
  database_mark_clear(&store->mark);
  columns_clear(&store->columns);
  free(store->path);
  free(store);
}

const struct columns *store_columns(const struct store *store)
{
  return &store->columns;
}

sqlite3 *store_handle(struct store *store)
{
  return store->database;
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

/* "INSERT INTO networks (id, ...) VALUES (?1, ...)", or REPLACE: with rungs a network is written several times. */
static char *print_insertion(const struct store *store, bool replace)
{
  char *names = columns_print_names(&store->columns);
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendf(sql, "INSERT %sINTO networks (%s) VALUES (", replace ? "OR REPLACE " : "", names ? names : "");
  for (size_t i = 0; i < store->columns.n; i++) sqlite3_str_appendf(sql, "%s?%d", i ? ", " : "", (int)i + 1);
  sqlite3_str_appendall(sql, ")");
  sqlite3_free(names);
  return sqlite3_str_finish(sql);
}

static clfit_status prepare(struct store *store, enum statement id, sqlite3_stmt **statement, clfit_error *error)
{
  sqlite3_stmt **made = &store->statements[id];
  if (!*made) {
    char *insertion = id == ADD || id == REPLACE ? print_insertion(store, id == REPLACE) : NULL;
    const char *text = insertion ? insertion : statement_texts[id];
    int code =
        text ? sqlite3_prepare_v3(store->database, text, -1, SQLITE_PREPARE_PERSISTENT, made, NULL) : SQLITE_NOMEM;
    sqlite3_free(insertion);
    if (!text) return clfit_fail_memory(error);
    if (code) return store_fail(store, error);
  }
  *statement = *made;
  return CLFIT_OK;
}

/* Runs a statement that gives no rows; bound: SQLite's code of binding its values. */
static clfit_status finish(struct store *store, sqlite3_stmt *statement, int bound, clfit_error *error)
{
  clfit_status status = !bound && sqlite3_step(statement) == SQLITE_DONE ? CLFIT_OK : store_fail(store, error);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return status;
}

static clfit_status run_on(struct store *store, enum statement id, uint64_t network, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  if (status) return status;
  return finish(store, statement, sqlite3_bind_int64(statement, 1, (sqlite3_int64)network), error);
}

static clfit_status run_blob(struct store *store, enum statement id, uint64_t network, size_t size, const void *bytes,
                             clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  if (status) return status;
  int bound = sqlite3_bind_int64(statement, 1, (sqlite3_int64)network);
  if (!bound) bound = sqlite3_bind_blob64(statement, 2, bytes, size, SQLITE_STATIC);
  return finish(store, statement, bound, error);
}

static clfit_status run_plain(struct store *store, enum statement id, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  return status ? status : finish(store, statement, SQLITE_OK, error);
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
  clfit_status status = run_plain(store, COMMIT, error);
  return status ? status : presence_check(&store->presence, store->path, error);
}

void store_empty_log(struct store *store)
{
  sqlite3_wal_checkpoint_v2(store->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
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
  int bound = sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
  if (!bound) bound = sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
  clfit_status status = finish(store, statement, bound, error);
  sqlite3_finalize(statement);
  return status;
}

clfit_status store_delete_meta(struct store *store, const char *key, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(store->database, "DELETE FROM meta WHERE key = ?1", -1, &statement, NULL))
    return store_fail(store, error);
  clfit_status status = finish(store, statement, sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC), error);
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
  int code = sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
  if (!code) code = sqlite3_step(query);
  if (code == SQLITE_ROW) {
    const char *text = (const char *)sqlite3_column_text(query, 0);
    *value = text ? strdup(text) : NULL;
    if (!*value) status = text ? clfit_fail_memory(error) : store_refuse(store, error, "its %.60s is no text", key);
  } else if (code != SQLITE_DONE) {
    status = store_fail(store, error);
  }
  sqlite3_finalize(query);
  return status;
}

static clfit_status fill_preset(struct store *store, const struct preset *preset, clfit_error *error)
{
  char *text = preset_inserts(preset);
  if (!text) return clfit_fail_memory(error);
  clfit_status status = store_run(store, text, error);
  free(text);
  return status;
}

/* The value of a key, or NULL. */
static const char *value_of(size_t n, const char *const *keys, char *const *values, const char *key)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(keys[i], key) == 0) return values[i];
  return NULL;
}

static clfit_status make_tables(struct store *store, struct schema_parts parts, clfit_error *error)
{
  char marks[96];
  snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION,
           STORE_VERSION);
  clfit_status status = store_run(store, marks, error);
  if (!status) status = columns_make(&store->columns, error);
  if (!status && schema_make(store->database, parts, &store->columns)) status = store_fail(store, error);
  return status;
}

clfit_status store_define(struct store *store, size_t n, const char *const *keys, char *const *values,
                          const clfit_data *samples, clfit_error *error)
{
  const char *name = value_of(n, keys, values, "preset");
  const struct schema_parts parts = {.halving = value_of(n, keys, values, "halving"),
                                     .preset = name ? preset_find(name) : NULL};
  if (name && !parts.preset) return clfit_fail(error, CLFIT_ERROR_FORMAT, "there is no preset \"%.120s\"", name);
  clfit_status status = store_begin(store, error);
  if (!status) status = make_tables(store, parts, error);
  if (!status && parts.preset) status = fill_preset(store, parts.preset, error);
  if (!status && parts.halving) status = store_write_meta(store, "rung", "0", error);
  for (size_t i = 0; !status && i < n; i++)
    if (values[i]) status = store_write_meta(store, keys[i], values[i], error);
  if (!status && samples) status = kept_samples_write(store, samples, error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

static clfit_status write_row(struct store *store, enum statement id, const struct study_row *row, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = prepare(store, id, &statement, error);
  if (status) return status;
  status = finish(store, statement, columns_bind(&store->columns, row, statement), error);
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
  if (!bytes) return clfit_fail_memory(error);
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
  char text[500];
  snprintf(text, sizeof text, "SELECT count(*), count(diverged_epoch), total((%s) * %s * epochs) FROM networks",
           columns_work(&store->columns), columns_trained(&store->columns));
  return store_read_counts(store, text, networks, diverged, work, error);
}

const char *store_work(const struct store *store)
{
  return columns_work(&store->columns);
}

clfit_status store_check_grid(struct store *store, uint64_t count, uint32_t shard, uint32_t shards, clfit_error *error)
{
  static const char text[] = "SELECT id FROM networks WHERE id < 0 OR id >= ?1 OR id % ?2 <> ?3 LIMIT 1";
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(store->database, text, -1, &query, NULL)) return store_fail(store, error);
  sqlite3_bind_int64(query, 1, (sqlite3_int64)count);
  sqlite3_bind_int64(query, 2, shards);
  sqlite3_bind_int64(query, 3, shard);
  int code = sqlite3_step(query);
  if (code == SQLITE_ROW)
    status = store_refuse(store, error, "network %lld is none of its sweep", sqlite3_column_int64(query, 0));
  else if (code != SQLITE_DONE)
    status = store_fail(store, error);
  sqlite3_finalize(query);
  return status;
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

clfit_status store_each_kept(struct store *store, const char *metric,
                             clfit_status (*call)(void *context, uint64_t id, double value, clfit_error *error),
                             void *context, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  int code = SQLITE_DONE;
  char text[128];
  snprintf(text, sizeof text, "SELECT id, %s FROM parameters JOIN networks USING (id)", metric);
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
    const void *blob = sqlite3_column_blob(query, 0); /* NULL: the blob has no bytes */
    *size = (size_t)sqlite3_column_bytes(query, 0);
    *bytes = malloc(*size + 1);
    if (*bytes && blob)
      memcpy(*bytes, blob, *size);
    else if (!*bytes)
      status = clfit_fail_memory(error);
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
