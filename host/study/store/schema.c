#include "study/store/schema.h"

#include "study/base/fail.h"
#include "study/store/database.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum part { EACH, HALVING, SAMPLES, PLAIN, PRESET, PARTS };

/* A text is the definition as SQLite stores it; where it is NULL, print_object composes it of the columns. */
struct object {
  const char *type, *name, *text;
  enum part part;
};

static const struct object objects[] = {
    {"table", "meta", "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID", EACH},
    {"table", "networks", NULL, EACH},
    {"table", "parameters", "CREATE TABLE parameters (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT", EACH},
    {"table", "checkpoints", "CREATE TABLE checkpoints (id INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT", EACH},
    /* The networks that went on beyond rung 0, each with its present rung. A network that did not go on has the status
     * 'pruned' in its row. */
    {"table", "rungs", "CREATE TABLE rungs (id INTEGER PRIMARY KEY, rung INTEGER NOT NULL) STRICT", HALVING},
    {"index", "rungs_by_rung", "CREATE INDEX rungs_by_rung ON rungs (rung)", HALVING},
    /* The rows of the file that was swept, as clfit_data_pack has them: one row of this table. */
    {"table", "kept_samples", SCHEMA_SAMPLES, SAMPLES},
    {"view", "results", NULL, PLAIN},
    {"table", "preset_rows", NULL, PRESET},
    {"view", "results", NULL, PRESET},
};

enum { OBJECTS = sizeof objects / sizeof *objects };

static const struct object search_objects[] = {
    {"table", "definition", "CREATE TABLE definition (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT", EACH},
    {"index", "sqlite_autoindex_definition_1", "", EACH}, /* SQLite makes it for the primary key */
    {"table", "rounds", "CREATE TABLE rounds (round INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT", EACH},
};

enum { SEARCH_OBJECTS = sizeof search_objects / sizeof *search_objects };
_Static_assert((int)SEARCH_OBJECTS <= (int)OBJECTS, "struct expected has room for both");

/* What a file is compared with. */
struct expected {
  const char *kind; /* for messages */
  const struct object *objects;
  int n;
  const struct columns *columns; /* of a study, as its preset */
  const struct preset *preset;
  bool alone;          /* the file may have no other tables and views */
  bool found[OBJECTS]; /* which of the objects the file has */
  bool others;         /* it has other tables */
};

static bool belongs(const struct object *object, struct schema_parts parts)
{
  const bool wanted[PARTS] = {[EACH] = true,
                              [HALVING] = parts.halving,
                              [SAMPLES] = parts.samples,
                              [PLAIN] = !parts.preset,
                              [PRESET] = parts.preset};
  return wanted[object->part];
}

/* The definition of an object in a study with these columns and that preset (or NULL). Free it with sqlite3_free; NULL:
 * no memory, or there is no such object without a preset. */
static char *print_object(const struct object *object, const struct columns *columns, const struct preset *preset)
{
  if (object->text) return sqlite3_mprintf("%s", object->text);
  if (strcmp(object->name, "networks") == 0) return columns_print_table(columns);
  if (object->part == PLAIN) return columns_print_view(columns, NULL);
  if (!preset) return NULL;
  if (strcmp(object->name, "preset_rows") == 0) return columns_print_preset_rows(preset);
  return columns_print_view(columns, preset);
}

int schema_make(sqlite3 *database, struct schema_parts parts, const struct columns *columns)
{
  int code = SQLITE_OK;
  for (int i = 0; i < OBJECTS && !code; i++) {
    if (!belongs(&objects[i], parts)) continue;
    char *text = print_object(&objects[i], columns, parts.preset);
    code = text ? sqlite3_exec(database, text, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(text);
  }
  return code;
}

int schema_make_search(sqlite3 *database)
{
  int code = SQLITE_OK;
  for (int i = 0; i < SEARCH_OBJECTS && !code; i++)
    code = sqlite3_exec(database, search_objects[i].text, NULL, NULL, NULL);
  return code;
}

const char *schema_next_table(struct schema_parts parts, int *place)
{
  while (*place < OBJECTS) {
    const struct object *object = &objects[(*place)++];
    if (belongs(object, parts) && strcmp(object->type, "table") == 0) return object->name;
  }
  return NULL;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static const char *text_of(sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

static bool is_ours(const struct expected *expected, const char *name)
{
  for (int i = 0; i < expected->n; i++)
    if (strcasecmp(expected->objects[i].name, name) == 0) return true;
  return false;
}

/* The preset whose rows the study's table preset_rows has, or NULL. */
static clfit_status find_preset(sqlite3 *database, const char *path, const struct preset **preset, clfit_error *error)
{
  static const char text[] = "SELECT sql FROM main.sqlite_schema WHERE name = 'preset_rows'";
  sqlite3_stmt *query = NULL;
  const struct preset *other;
  *preset = NULL;
  int code = sqlite3_prepare_v2(database, text, -1, &query, NULL);
  if (!code) code = sqlite3_step(query);
  for (size_t i = 0; code == SQLITE_ROW && !*preset && (other = preset_get(i)); i++) {
    char *ours = columns_print_preset_rows(other);
    if (ours && strcmp(ours, text_of(query, 0)) == 0) *preset = other;
    sqlite3_free(ours);
  }
  clfit_status status = code == SQLITE_ROW || code == SQLITE_DONE ? CLFIT_OK : database_fail(database, path, error);
  sqlite3_finalize(query);
  return status;
}

/* Checks one row of sqlite_schema: type, name, definition, name of the table. */
static clfit_status inspect(sqlite3_stmt *row, const char *path, struct expected *expected, clfit_error *error)
{
  const char *type = text_of(row, 0), *name = text_of(row, 1), *text = text_of(row, 2);
  bool known = false;
  for (int i = 0; i < expected->n; i++) {
    if (strcmp(expected->objects[i].name, name) != 0) continue;
    char *ours = print_object(&expected->objects[i], expected->columns, expected->preset);
    if (ours && strcmp(ours, text) == 0) known = expected->found[i] = true;
    sqlite3_free(ours);
  }
  if (known) return CLFIT_OK;
  if (is_ours(expected, name))
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no %s of this clfit: %.20s %.60s is defined otherwise",
                      path, expected->kind, type, name);
  bool harmless = strcmp(type, "view") == 0 ||
                  (strcmp(type, "table") == 0 && strncasecmp(text, "CREATE VIRTUAL", 14) != 0) ||
                  (strcmp(type, "index") == 0 && !is_ours(expected, text_of(row, 3)));
  if (strcmp(type, "table") == 0) expected->others = true;
  if (harmless && !expected->alone) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no %s of this clfit: it has a %.20s%.20s %.60s", path,
                    expected->kind, strcmp(type, "table") == 0 && !expected->alone ? "virtual " : "", type, name);
}

static clfit_status find_missing(const struct expected *expected, const char *path, struct schema_parts *parts,
                                 clfit_error *error)
{
  for (int i = 0; i < expected->n; i++) {
    if (expected->found[i] && expected->objects[i].part == HALVING) parts->halving = true;
    if (expected->found[i] && expected->objects[i].part == SAMPLES) parts->samples = true;
  }
  for (int i = 0; i < expected->n; i++)
    if (belongs(&expected->objects[i], *parts) && !expected->found[i])
      return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s is no %s of this clfit: it has no %s as clfit makes it",
                        path, expected->kind, expected->objects[i].name);
  return CLFIT_OK;
}

static clfit_status compare(sqlite3 *database, const char *path, struct expected *expected, struct schema_parts *parts,
                            clfit_error *error)
{
  sqlite3_stmt *row = NULL;
  int code = SQLITE_OK;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(database, "SELECT type, name, sql, tbl_name FROM main.sqlite_schema", -1, &row, NULL))
    status = database_fail(database, path, error);
  while (!status && (code = sqlite3_step(row)) == SQLITE_ROW) status = inspect(row, path, expected, error);
  if (!status && code != SQLITE_DONE) status = database_fail(database, path, error);
  sqlite3_finalize(row);
  return status ? status : find_missing(expected, path, parts, error);
}

clfit_status schema_check(sqlite3 *database, const char *path, struct schema_parts *parts, clfit_error *error)
{
  struct columns columns = {NULL, 0};
  struct expected expected = {.kind = "study", .objects = objects, .n = OBJECTS, .columns = &columns};
  *parts = (struct schema_parts){.halving = false};
  clfit_status status = columns_read(database, path, &columns, error);
  if (!status) status = find_preset(database, path, &parts->preset, error);
  expected.preset = parts->preset;
  if (!status) status = compare(database, path, &expected, parts, error);
  parts->others = expected.others;
  columns_clear(&columns);
  return status;
}

clfit_status schema_check_search(sqlite3 *database, const char *path, clfit_error *error)
{
  struct expected expected = {.kind = "search", .objects = search_objects, .n = SEARCH_OBJECTS, .alone = true};
  struct schema_parts parts = {.halving = false};
  return compare(database, path, &expected, &parts, error);
}

/* Whether the table has just the rows of the preset: as many, and each of them once. Their numbers may be others:
 * clfit 0.1.0 counted from 1. */
static char *print_preset_check(const struct preset *preset)
{
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendf(sql, "SELECT count(*) = %d", (int)preset->n);
  for (size_t i = 0; i < preset->n; i++) {
    char *condition = preset_condition(preset, i);
    if (!condition) {
      sqlite3_free(sqlite3_str_finish(sql));
      return NULL;
    }
    sqlite3_str_appendf(sql, " AND total(%s) = 1", condition);
    free(condition);
  }
  sqlite3_str_appendf(sql, " FROM (SELECT * FROM preset_rows LIMIT %d)", (int)preset->n + 1);
  return sqlite3_str_finish(sql);
}

clfit_status schema_check_preset(sqlite3 *database, const char *path, struct schema_parts parts, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  bool equal = false;
  if (!parts.preset) return CLFIT_OK;
  char *text = print_preset_check(parts.preset);
  int code = text ? sqlite3_prepare_v2(database, text, -1, &query, NULL) : SQLITE_NOMEM;
  sqlite3_free(text);
  if (!text) return clfit_fail_memory(error);
  if (!code) code = sqlite3_step(query);
  if (code == SQLITE_ROW) equal = sqlite3_column_int(query, 0) == 1;
  clfit_status status = code == SQLITE_ROW ? CLFIT_OK : database_fail(database, path, error);
  sqlite3_finalize(query);
  if (status || equal) return status;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: the rows of its preset %.60s are others", path,
                    parts.preset->name);
}

char *schema_print_results(void)
{
  static const char text[] = "SELECT group_concat(name, ', ') FROM pragma_table_info('results')";
  struct columns columns = {NULL, 0};
  sqlite3 *database = NULL;
  sqlite3_stmt *query = NULL;
  char *names = NULL;
  clfit_status status = columns_make(&columns, NULL);
  if (!status) status = database_open_temporary(&database, NULL);
  if (!status && !schema_make(database, (struct schema_parts){.preset = NULL}, &columns) &&
      !sqlite3_prepare_v2(database, text, -1, &query, NULL) && sqlite3_step(query) == SQLITE_ROW)
    names = strdup(text_of(query, 0));
  sqlite3_finalize(query);
  sqlite3_close(database);
  columns_clear(&columns);
  return names;
}
