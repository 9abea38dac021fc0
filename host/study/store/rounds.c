#include "study/store/rounds.h"

#include "study/base/fail.h"
#include "study/store/database.h"
#include "study/store/lock.h"
#include "study/store/presence.h"
#include "study/store/side_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROUNDS_APPLICATION 0x636c6673 /* "clfs" */
#define ROUNDS_VERSION     1

static const char schema[] = "CREATE TABLE definition (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;"
                             "CREATE TABLE rounds (round INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;";

struct rounds {
  sqlite3 *database;
  char *path;
  struct lock lock;
  struct presence presence;
  bool fresh;
  bool made; /* there was no file before */
};

bool rounds_are_fresh(const struct rounds *rounds)
{
  return rounds->fresh;
}

static clfit_status fail(const struct rounds *rounds, clfit_error *error)
{
  const int code = rounds->database ? sqlite3_errcode(rounds->database) : SQLITE_NOMEM;
  if (code == SQLITE_NOMEM) return clfit_fail_memory(error);
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is no undamaged file of clfit search", rounds->path);
  return clfit_fail(error, CLFIT_ERROR_FILE, "%.300s: %.120s", rounds->path, sqlite3_errmsg(rounds->database));
}

bool rounds_exist(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && info.st_size > 0;
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

/* What is there must be a regular file: SQLite would wait for a FIFO. */
static clfit_status check_file(const char *path, clfit_error *error)
{
  struct stat info;
  clfit_status status = database_check_name(path, error);
  if (status || stat(path, &info) != 0) return status;
  if (S_ISREG(info.st_mode)) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is no file of clfit search", path);
}

static clfit_status read_number(const struct rounds *rounds, const char *text, int64_t *number, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(rounds->database, text, -1, &query, NULL) || sqlite3_step(query) != SQLITE_ROW)
    status = fail(rounds, error);
  else
    *number = sqlite3_column_int64(query, 0);
  sqlite3_finalize(query);
  return status;
}

static clfit_status run(const struct rounds *rounds, const char *text, clfit_error *error)
{
  return sqlite3_exec(rounds->database, text, NULL, NULL, NULL) ? fail(rounds, error) : CLFIT_OK;
}

static clfit_status check_kind(struct rounds *rounds, clfit_error *error)
{
  int64_t application = 0, version = 0, objects = 0;
  clfit_status status = read_number(rounds, "PRAGMA application_id", &application, error);
  if (!status) status = read_number(rounds, "PRAGMA user_version", &version, error);
  if (!status) status = read_number(rounds, "SELECT count(*) FROM sqlite_schema", &objects, error);
  if (status) return status;
  rounds->fresh = application == 0 && version == 0 && objects == 0;
  if (rounds->fresh) return CLFIT_OK;
  if (application != ROUNDS_APPLICATION)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is no file of clfit search", rounds->path);
  if (version == ROUNDS_VERSION) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is a search of version %lld; this clfit knows version %d",
                    rounds->path, (long long)version, ROUNDS_VERSION);
}

static clfit_status connect_to(struct rounds *rounds, clfit_error *error)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(rounds->path, &rounds->database, flags, NULL);
  if (!code) code = database_harden(rounds->database);
  return code ? fail(rounds, error) : check_kind(rounds, error);
}

clfit_status rounds_open(const char *path, struct rounds **rounds, clfit_error *error)
{
  *rounds = NULL;
  clfit_status status = check_file(path, error);
  if (status) return status;
  struct rounds *made = calloc(1, sizeof *made);
  if (made) made->path = strdup(path);
  if (!made || !made->path) {
    free(made);
    return clfit_fail_memory(error);
  }
  made->made = !rounds_exist(path);
  lock_init(&made->lock);
  status = lock_take(&made->lock, path, error);
  if (!status) status = side_files_check(path, error);
  if (!status) status = connect_to(made, error);
  if (!status) presence_note(&made->presence, path);
  if (status)
    rounds_close(made);
  else
    *rounds = made;
  return status;
}

void rounds_close(struct rounds *rounds)
{
  if (!rounds) return;
  sqlite3_close(rounds->database);
  if (rounds->fresh && rounds->made) remove(rounds->path); /* nothing was written */
  lock_release(&rounds->lock);
  free(rounds->path);
  free(rounds);
}

/* ---- the definition ------------------------------------------------------------------------------------------ */

clfit_status rounds_set_text(struct rounds *rounds, const char *name, const char *text, clfit_error *error)
{
  sqlite3_stmt *insert = NULL;
  int code = sqlite3_prepare_v2(rounds->database, "INSERT OR REPLACE INTO definition VALUES (?, ?)", -1, &insert, NULL);
  if (!code) code = sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
  if (!code) code = sqlite3_bind_text(insert, 2, text, -1, SQLITE_STATIC);
  clfit_status status = !code && sqlite3_step(insert) == SQLITE_DONE ? CLFIT_OK : fail(rounds, error);
  sqlite3_finalize(insert);
  return status;
}

clfit_status rounds_define(struct rounds *rounds, size_t count, const char *const *names, const char *const *texts,
                           clfit_error *error)
{
  char kind[96];
  snprintf(kind, sizeof kind, "PRAGMA application_id = %d; PRAGMA user_version = %d", ROUNDS_APPLICATION,
           ROUNDS_VERSION);
  clfit_status status = run(rounds, "BEGIN IMMEDIATE", error);
  if (status) return status;
  status = run(rounds, kind, error);
  if (!status) status = run(rounds, schema, error);
  for (size_t i = 0; i < count && !status; i++)
    if (texts[i]) status = rounds_set_text(rounds, names[i], texts[i], error);
  if (!status) status = run(rounds, "COMMIT", error);
  rounds->fresh = rounds->fresh && status;
  if (status) sqlite3_exec(rounds->database, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

clfit_status rounds_text(struct rounds *rounds, const char *name, char **text, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  *text = NULL;
  int code = sqlite3_prepare_v2(rounds->database, "SELECT text FROM definition WHERE name = ?", -1, &query, NULL);
  if (!code) code = sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
  if (!code) code = sqlite3_step(query);
  clfit_status status = code == SQLITE_ROW || code == SQLITE_DONE ? CLFIT_OK : fail(rounds, error);
  if (code == SQLITE_ROW) {
    const unsigned char *found = sqlite3_column_text(query, 0);
    *text = found ? strdup((const char *)found) : NULL;
    if (!*text) status = clfit_fail_memory(error);
  }
  sqlite3_finalize(query);
  return status;
}

/* ---- rounds -------------------------------------------------------------------------------------------------- */

clfit_status rounds_load(void *context, uint64_t round, unsigned char **bytes, size_t *count, clfit_error *error)
{
  struct rounds *rounds = context;
  sqlite3_stmt *query = NULL;
  *bytes = NULL;
  int code = sqlite3_prepare_v2(rounds->database, "SELECT bytes FROM rounds WHERE round = ?", -1, &query, NULL);
  if (!code) code = sqlite3_bind_int64(query, 1, (sqlite3_int64)round);
  if (!code) code = sqlite3_step(query);
  clfit_status status = code == SQLITE_ROW || code == SQLITE_DONE ? CLFIT_OK : fail(rounds, error);
  if (code == SQLITE_ROW) {
    const void *found = sqlite3_column_blob(query, 0);
    *count = (size_t)sqlite3_column_bytes(query, 0);
    *bytes = malloc(*count + 1);
    if (!*bytes)
      status = clfit_fail_memory(error);
    else if (*count > 0)
      memcpy(*bytes, found, *count);
  }
  sqlite3_finalize(query);
  return status;
}

clfit_status rounds_save(void *context, uint64_t round, const unsigned char *bytes, size_t count, clfit_error *error)
{
  struct rounds *rounds = context;
  sqlite3_stmt *insert = NULL;
  int code = sqlite3_prepare_v2(rounds->database, "INSERT OR REPLACE INTO rounds VALUES (?, ?)", -1, &insert, NULL);
  if (!code) code = sqlite3_bind_int64(insert, 1, (sqlite3_int64)round);
  if (!code) code = sqlite3_bind_blob64(insert, 2, bytes, count, SQLITE_STATIC);
  clfit_status status = !code && sqlite3_step(insert) == SQLITE_DONE ? CLFIT_OK : fail(rounds, error);
  sqlite3_finalize(insert);
  return status ? status : presence_check(&rounds->presence, rounds->path, error);
}
