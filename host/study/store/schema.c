#include "study/store/schema.h"

#include "study/base/fail.h"
#include "study/store/database.h"

#include <string.h>
#include <strings.h>

enum part { EACH, HALVING, PLAIN, PRESET, PARTS };

/* Texts are as SQLite keeps them. */
static const struct object {
  const char *name, *text;
  enum part part;
} objects[] = {
    {"meta", "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID", EACH},
    {"networks",
     "CREATE TABLE networks ("
     " id INTEGER PRIMARY KEY, hidden INTEGER NOT NULL, samples INTEGER NOT NULL, epochs INTEGER NOT NULL,"
     " rate REAL NOT NULL, activation TEXT NOT NULL, seed INTEGER NOT NULL, sample_seed INTEGER, tol REAL NOT NULL,"
     " status TEXT NOT NULL, diverged_epoch INTEGER, steps INTEGER NOT NULL, train_loss REAL,"
     " test_mse REAL, test_rmse REAL, test_max_error REAL, test_r2 REAL,"
     " fit_rss REAL, fit_rmse REAL, fit_max_error REAL, digest TEXT, seconds REAL NOT NULL, history BLOB NOT NULL"
     ") STRICT",
     EACH},
    {"parameters", "CREATE TABLE parameters (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT", EACH},
    {"checkpoints", "CREATE TABLE checkpoints (id INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT", EACH},
    /* Networks beyond rung 0, and the rung that each is in. Which networks a rung ended is what their status says. */
    {"rungs", "CREATE TABLE rungs (id INTEGER PRIMARY KEY, rung INTEGER NOT NULL) STRICT", HALVING},
    {"rungs_by_rung", "CREATE INDEX rungs_by_rung ON rungs (rung)", HALVING},
    {"results",
     "CREATE VIEW results AS SELECT id, hidden, samples, epochs, rate, activation, seed, sample_seed, tol, status,"
     " diverged_epoch, steps, seconds AS train_seconds, steps / nullif(seconds, 0) AS steps_per_second, train_loss,"
     " test_mse, test_rmse, test_max_error, test_r2, fit_rss, fit_rmse, fit_max_error, digest FROM networks",
     PLAIN},
    {"preset_rows",
     "CREATE TABLE preset_rows (row INTEGER PRIMARY KEY, hidden INTEGER NOT NULL, samples INTEGER NOT NULL,"
     " epochs INTEGER NOT NULL, rate REAL NOT NULL, rating REAL) STRICT",
     PRESET},
    {"results",
     "CREATE VIEW results AS SELECT id, n.hidden, n.samples, n.epochs, n.rate, activation, seed, sample_seed, tol, "
     "status,"
     " diverged_epoch, steps, seconds AS train_seconds, steps / nullif(seconds, 0) AS steps_per_second, train_loss,"
     " test_mse, test_rmse, test_max_error, test_r2, fit_rss, fit_rmse, fit_max_error, digest, row, rating"
     " FROM networks n LEFT JOIN preset_rows p ON n.hidden = p.hidden AND n.samples = p.samples AND n.epochs = p.epochs"
     " AND n.rate = p.rate",
     PRESET},
};

enum { OBJECTS = sizeof objects / sizeof *objects };

static bool belongs(const struct object *object, struct schema_parts parts)
{
  const bool wanted[PARTS] = {
      [EACH] = true, [HALVING] = parts.halving, [PLAIN] = !parts.preset, [PRESET] = parts.preset};
  return wanted[object->part];
}

int schema_make(sqlite3 *database, struct schema_parts parts)
{
  int code = SQLITE_OK;
  for (int i = 0; i < OBJECTS && !code; i++)
    if (belongs(&objects[i], parts)) code = sqlite3_exec(database, objects[i].text, NULL, NULL, NULL);
  return code;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static const char *text_of(sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

static bool is_ours(const char *name)
{
  for (int i = 0; i < OBJECTS; i++)
    if (strcasecmp(objects[i].name, name) == 0) return true;
  return false;
}

/* Looks at one row of the schema: type, name, definition. */
static clfit_status inspect(sqlite3_stmt *row, const char *path, bool found[OBJECTS], clfit_error *error)
{
  const char *type = text_of(row, 0), *name = text_of(row, 1), *text = text_of(row, 2);
  bool known = false;
  for (int i = 0; i < OBJECTS; i++)
    if (strcmp(objects[i].name, name) == 0 && strcmp(objects[i].text, text) == 0) known = found[i] = true;
  if (known) return CLFIT_OK;
  if (is_ours(name))
    return fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study of this clfit: %.20s %.60s is defined otherwise", path,
                type, name);
  bool harmless = strcmp(type, "view") == 0 ||
                  (strcmp(type, "table") == 0 && strncasecmp(text, "CREATE VIRTUAL", 14) != 0) ||
                  (strcmp(type, "index") == 0 && !is_ours(text_of(row, 3)));
  if (harmless) return CLFIT_OK;
  return fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study of this clfit: it has a %.20s%.20s %.60s", path,
              strcmp(type, "table") == 0 ? "virtual " : "", type, name);
}

static clfit_status find_missing(const bool found[OBJECTS], const char *path, struct schema_parts *parts,
                                 clfit_error *error)
{
  *parts = (struct schema_parts){false, false};
  for (int i = 0; i < OBJECTS; i++) {
    if (found[i] && objects[i].part == HALVING) parts->halving = true;
    if (found[i] && objects[i].part == PRESET) parts->preset = true;
  }
  for (int i = 0; i < OBJECTS; i++)
    if (belongs(&objects[i], *parts) && !found[i])
      return fail(error, CLFIT_ERROR_FORMAT, "%.200s is no study of this clfit: it has no %s as clfit makes it", path,
                  objects[i].name);
  return CLFIT_OK;
}

clfit_status schema_check(sqlite3 *database, const char *path, struct schema_parts *parts, clfit_error *error)
{
  bool found[OBJECTS] = {false};
  sqlite3_stmt *row = NULL;
  clfit_status status = CLFIT_OK;
  int code = sqlite3_prepare_v2(database, "SELECT type, name, sql, tbl_name FROM main.sqlite_schema", -1, &row, NULL);
  if (code) return database_fail(database, path, error);
  while (!status && (code = sqlite3_step(row)) == SQLITE_ROW) status = inspect(row, path, found, error);
  if (!status && code != SQLITE_DONE) status = database_fail(database, path, error);
  sqlite3_finalize(row);
  return status ? status : find_missing(found, path, parts, error);
}
