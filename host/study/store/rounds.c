#include "study/store/rounds.h"

#include "study/base/fail.h"
#include "study/store/database.h"
#include "study/store/lock.h"
#include "study/store/presence.h"
#include "study/store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct rounds {
  sqlite3 *database;
  char *path;
  struct lock lock;
  struct presence presence;
  bool fresh; /* nothing has been written to the file */
  bool made;  /* there was no file before */
};

bool rounds_are_fresh(const struct rounds *rounds)
{
  return rounds->fresh;
}

static clfit_status fail(const struct rounds *rounds, clfit_error *error)
{
  if (sqlite3_errcode(rounds->database) == SQLITE_READONLY)
    return clfit_fail(error, CLFIT_ERROR_FILE, "cannot write %.300s: it is read-only", rounds->path);
  return database_fail(rounds->database, rounds->path, error);
}

bool rounds_exist(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && info.st_size > 0;
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

static clfit_status run(const struct rounds *rounds, const char *text, clfit_error *error)
{
  return sqlite3_exec(rounds->database, text, NULL, NULL, NULL) ? fail(rounds, error) : CLFIT_OK;
}

static clfit_status open_file(struct rounds *rounds, clfit_error *error)
{
  struct stat info;
  bool fresh;
  clfit_status status = database_check_name(rounds->path, error);
  if (!status) status = lock_take(&rounds->lock, rounds->path, error);
  if (status) return status;
  rounds->made = lstat(rounds->path, &info) != 0;
  status = database_open_search(rounds->path, &rounds->database, &fresh, error);
  if (status) return status;
  rounds->fresh = fresh;
  presence_note(&rounds->presence, rounds->path);
  return CLFIT_OK;
}

clfit_status rounds_open(const char *path, struct rounds **rounds, clfit_error *error)
{
  *rounds = NULL;
  struct rounds *made = calloc(1, sizeof *made);
  if (made) made->path = strdup(path);
  if (!made || !made->path) {
    free(made);
    return clfit_fail_memory(error);
  }
  lock_init(&made->lock);
  made->fresh = true;
  clfit_status status = open_file(made, error);
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
  if (rounds->fresh && rounds->made) remove(rounds->path);
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
  snprintf(kind, sizeof kind, "PRAGMA application_id = %d; PRAGMA user_version = %d", SEARCH_APPLICATION,
           SEARCH_VERSION);
  clfit_status status = run(rounds, "BEGIN IMMEDIATE", error);
  if (status) return status;
  status = run(rounds, kind, error);
  if (!status && schema_make_search(rounds->database)) status = fail(rounds, error);
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
    const char *found = (const char *)sqlite3_column_text(query, 0);
    *text = found ? strdup(found) : NULL;
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
    *bytes = found || *count == 0 ? malloc(*count + 1) : NULL;
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
  /* SQLite refuses to write a file that has been moved, and calls it read-only */
  const clfit_status gone = presence_check(&rounds->presence, rounds->path, error);
  return gone ? gone : status;
}
