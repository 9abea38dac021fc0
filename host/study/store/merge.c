#define _XOPEN_SOURCE 700 /* realpath */

#include "study/store/merge.h"

#include "study/base/fail.h"
#include "study/store/entries.h"
#include "study/store/kept_samples.h"
#include "study/store/read.h"
#include "study/store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what defines a sweep ------------------------------------------------------------------------------------ */

struct definition {
  char **keys, **values; /* [n] */
  size_t n, bytes;       /* bytes: of all texts */
};

/* Studies have less than 200 entries. Ids are below 2^63, so at most three axes have 2^20 points, each of 25 MB. */
#define DEFINITION_ENTRIES_MAX 4096
#define DEFINITION_BYTES_MAX   ((size_t)128 << 20)

static void clear_definition(struct definition *definition)
{
  for (size_t i = 0; i < definition->n; i++) {
    free(definition->keys[i]);
    free(definition->values[i]);
  }
  free(definition->keys);
  free(definition->values);
  memset(definition, 0, sizeof *definition);
}

static clfit_status append(struct definition *definition, const char *key, const char *value, clfit_error *error)
{
  size_t n = definition->n;
  char **keys = realloc(definition->keys, (n + 1) * sizeof *keys);
  if (keys) definition->keys = keys;
  char **values = keys ? realloc(definition->values, (n + 1) * sizeof *values) : NULL;
  if (values) definition->values = values;
  char *key_copy = values ? strdup(key) : NULL;
  char *value_copy = key_copy ? strdup(value) : NULL;
  if (!value_copy) {
    free(key_copy);
    return clfit_fail_memory(error);
  }
  definition->keys[n] = key_copy;
  definition->values[n] = value_copy;
  definition->n = n + 1;
  definition->bytes += strlen(key) + strlen(value);
  return CLFIT_OK;
}

static clfit_status fail_damaged(const struct results *results, const char *reason, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: %s", results->path, reason);
}

/* Reads all entries of meta except those that say which shard the file is and whether it is finished. */
static clfit_status read_definition(struct results *results, struct definition *definition, clfit_error *error)
{
  static const char query[] = "SELECT key, value FROM meta WHERE key NOT IN "
                              "('shard', 'shards', 'typed.shard', 'finished') ORDER BY key";
  sqlite3_stmt *statement = NULL;
  bool more;
  if (sqlite3_prepare_v2(results->database, query, -1, &statement, NULL)) return results_fail_sqlite(results, error);
  clfit_status status = CLFIT_OK;
  while (!status && !(status = results_next(results, statement, &more, error)) && more) {
    const char *key = (const char *)sqlite3_column_text(statement, 0);
    const char *value = (const char *)sqlite3_column_text(statement, 1);
    status = key && value ? append(definition, key, value, error) : fail_damaged(results, "a key has no text", error);
    if (!status && (definition->n > DEFINITION_ENTRIES_MAX || definition->bytes > DEFINITION_BYTES_MAX))
      status = fail_damaged(results, "its table meta has more than defines a sweep", error);
  }
  sqlite3_finalize(statement);
  return status;
}

static const char *value_of(const struct definition *definition, const char *key)
{
  for (size_t i = 0; i < definition->n; i++)
    if (strcmp(definition->keys[i], key) == 0) return definition->values[i];
  return NULL;
}

/* Entries that may differ between the shards of one sweep: the spelling of options, the path of the data, the version
 * of clfit, what is kept, and what follows from samples, whose digest is compared. */
static bool is_free(const char *key)
{
  static const char *const keys[] = {"version", "keep", "rank_by"};
  const char *of_source;
  if (strncmp(key, "typed.", 6) == 0 || learnt_has(key)) return true;
  for (size_t i = 0; (of_source = clfit_source_key(i)); i++)
    if (strcmp(key, of_source) == 0) return !clfit_source_key_decides(key);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strcmp(key, keys[i]) == 0) return true;
  return false;
}

static clfit_status check_keys(const struct definition *of, const struct definition *other, const char *path,
                               const char *other_path, clfit_error *error)
{
  for (size_t i = 0; i < of->n; i++) {
    const char *key = of->keys[i], *there = value_of(other, key);
    if (is_free(key) || (there ? strcmp(of->values[i], there) == 0 : entry_is_added(key))) continue;
    if (entry_is_added(key))
      return refuse(error,
                    "%.120s and %.120s: the formula has other values in one of the studies (another math library)",
                    path, other_path);
    return refuse(error, "%.120s and %.120s are of different sweeps: %.40s is %.60s and %.60s", path, other_path,
                  strncmp(key, "axis.", 5) == 0 ? key + 5 : key, of->values[i], there ? there : "none");
  }
  return CLFIT_OK;
}

/* Takes the entries that an earlier version, which made the studies so far, did not write: the next study is compared
 * with them. */
static clfit_status take_added(struct definition *definition, const struct definition *other, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < other->n && !status; i++)
    if (entry_is_added(other->keys[i]) && !value_of(definition, other->keys[i]))
      status = append(definition, other->keys[i], other->values[i], error);
  return status;
}

/* ---- checks of the shards, before anything is written ---------------------------------------------------------- */

struct merge {
  const char *path;
  struct store *store;
  char *made; /* the file that was made as destination, to which the path may be a link; NULL: it was there */
  struct definition definition;
  uint32_t shards; /* n of i/n */
};

/* Reads n from the shard entry "i/n"; a merged study has only n, in the entry shards. */
static clfit_status read_shards(struct results *results, uint32_t *shards, clfit_error *error)
{
  char *shard = NULL, *merged = NULL;
  unsigned i = 1, n = 1;
  *shards = 0;
  clfit_status status = results_meta(results, "shard", &shard, error);
  if (!status) status = results_meta(results, "shards", &merged, error);
  if (!status && shard && sscanf(shard, "%u/%u", &i, &n) == 2) *shards = n;
  if (!status && !shard && merged && sscanf(merged, "%u", &n) == 1) *shards = n;
  if (!status && (i < 1 || i > n || n > STORE_SHARDS_MAX)) status = fail_damaged(results, "it is of no shard", error);
  free(shard);
  free(merged);
  return status;
}

/* Checks that the rows are networks of the sweep; the number of networks is the same in all shards. */
static clfit_status check_ids(struct results *results, const struct definition *definition, clfit_error *error)
{
  const char *count = value_of(definition, "count");
  sqlite3_stmt *statement = NULL;
  bool more = false;
  if (sqlite3_prepare_v2(results->database, "SELECT id FROM networks WHERE id < 0 OR id >= ?1 LIMIT 1", -1, &statement,
                         NULL) ||
      sqlite3_bind_int64(statement, 1, count ? strtoll(count, NULL, 10) : INT64_MAX))
    return results_fail_sqlite(results, error);
  clfit_status status = results_next(results, statement, &more, error);
  if (!status && more) status = fail_damaged(results, "it has networks that are none of its sweep", error);
  sqlite3_finalize(statement);
  return status;
}

/* Checks one file. The first file defines the sweep; the others must have the same definition. */
static clfit_status inspect(struct merge *merge, const char *path, const char **first, clfit_error *error)
{
  struct results results;
  struct definition definition = {0};
  uint32_t shards = 0;
  clfit_status status = results_open(&results, path, error);
  if (status) return status;
  status = read_definition(&results, &definition, error);
  if (!status) status = check_ids(&results, &definition, error);
  if (!status) status = read_shards(&results, &shards, error);
  if (!status && *first) {
    status = check_keys(&merge->definition, &definition, *first, path, error);
    if (!status) status = check_keys(&definition, &merge->definition, path, *first, error);
    if (!status) status = take_added(&merge->definition, &definition, error);
  }
  if (!status && shards && merge->shards && shards != merge->shards)
    status = refuse(error, "%.200s is one of %u shards, and the others are of %u", path, shards, merge->shards);
  if (!status && shards) merge->shards = shards;
  if (!status && !*first) {
    *first = path;
    merge->definition = definition;
    definition = (struct definition){0};
  }
  clear_definition(&definition);
  results_close(&results);
  return status;
}

/* ---- copying ------------------------------------------------------------------------------------------------- */

static bool copy_value(sqlite3_stmt *from, int column, sqlite3_stmt *to, int index)
{
  switch (sqlite3_column_type(from, column)) {
  case SQLITE_INTEGER: return sqlite3_bind_int64(to, index, sqlite3_column_int64(from, column)) != 0;
  case SQLITE_FLOAT: return sqlite3_bind_double(to, index, sqlite3_column_double(from, column)) != 0;
  case SQLITE_NULL: return sqlite3_bind_null(to, index) != 0;
  case SQLITE_BLOB:
    if (sqlite3_column_bytes(from, column) == 0) return sqlite3_bind_zeroblob(to, index, 0) != 0;
    return sqlite3_bind_blob(to, index, sqlite3_column_blob(from, column), sqlite3_column_bytes(from, column),
                             SQLITE_STATIC) != 0;
  default: {
    const char *text = (const char *)sqlite3_column_text(from, column); /* NULL: no memory */
    return !text || sqlite3_bind_text(to, index, text, sqlite3_column_bytes(from, column), SQLITE_STATIC) != 0;
  }
  }
}

/* Prepared statements: insert a network, read an existing one, insert parameters. */
struct writer {
  sqlite3_stmt *add, *look, *keep;
};

static clfit_status prepare(struct merge *merge, char *sql, sqlite3_stmt **statement, clfit_error *error)
{
  int code = sql ? sqlite3_prepare_v2(store_handle(merge->store), sql, -1, statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  if (!sql) return clfit_fail_memory(error);
  return code ? store_fail(merge->store, error) : CLFIT_OK;
}

static clfit_status open_writer(struct merge *merge, struct writer *writer, clfit_error *error)
{
  const struct columns *columns = store_columns(merge->store);
  char *names = columns_print_names(columns);
  sqlite3_str *add = sqlite3_str_new(NULL);
  sqlite3_str_appendf(add, "INSERT OR IGNORE INTO networks (%s) VALUES (?", names);
  for (size_t i = 1; i < columns->n; i++) sqlite3_str_appendall(add, ",?");
  sqlite3_str_appendall(add, ")");
  char *look = names ? sqlite3_mprintf("SELECT %s FROM networks WHERE id = ?1", names) : NULL;
  sqlite3_free(names);
  clfit_status status = prepare(merge, sqlite3_str_finish(add), &writer->add, error);
  if (status)
    sqlite3_free(look);
  else
    status = prepare(merge, look, &writer->look, error);
  if (status) return status;
  return prepare(merge, sqlite3_mprintf("INSERT OR IGNORE INTO parameters (id, data) VALUES (?, ?)"), &writer->keep,
                 error);
}

static void close_writer(struct writer *writer)
{
  sqlite3_finalize(writer->add);
  sqlite3_finalize(writer->look);
  sqlite3_finalize(writer->keep);
}

static bool same_value(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
  int type = sqlite3_column_type(a, column);
  if (type != sqlite3_column_type(b, column)) return false;
  if (type == SQLITE_NULL) return true;
  if (type == SQLITE_FLOAT) return sqlite3_column_double(a, column) == sqlite3_column_double(b, column);
  const char *x = (const char *)sqlite3_column_text(a, column), *y = (const char *)sqlite3_column_text(b, column);
  return x && y && strcmp(x, y) == 0;
}

/* A network that is already in the study must have the same configuration and outcome. */
static clfit_status check_known(struct merge *merge, struct writer *writer, sqlite3_stmt *row, const char *shard,
                                clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  int64_t id = sqlite3_column_int64(row, 0);
  sqlite3_bind_int64(writer->look, 1, id);
  int code = sqlite3_step(writer->look);
  if (code == SQLITE_DONE) /* INSERT OR IGNORE did not add it either: a NOT NULL column is NULL */
    status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: network %" PRId64 " is incomplete", shard, id);
  else if (code != SQLITE_ROW)
    status = store_fail(merge->store, error);
  const struct columns *columns = store_columns(merge->store);
  for (int i = 0; !status && i < (int)columns->n; i++)
    if ((columns->items[i].field || columns->items[i].decides) && !same_value(row, writer->look, i))
      status = refuse(error, "network %" PRId64 " of %.150s has another %s than in %.150s", id, shard,
                      sqlite3_column_name(row, i), merge->path);
  sqlite3_reset(writer->look);
  return status;
}

static clfit_status copy_row(struct merge *merge, sqlite3_stmt *row, sqlite3_stmt *insert, int n, bool *added,
                             clfit_error *error)
{
  bool bad = false;
  for (int i = 0; i < n; i++) bad = copy_value(row, i, insert, i + 1) || bad;
  if (bad || sqlite3_step(insert) != SQLITE_DONE) {
    clfit_status status = store_fail(merge->store, error);
    sqlite3_reset(insert);
    return status;
  }
  *added = sqlite3_changes(store_handle(merge->store)) > 0;
  sqlite3_reset(insert);
  return CLFIT_OK;
}

/* Writes the expression that a shard gives for each column of the destination: the shard's column; if it has none, the
 * default value of a field, else NULL. */
static char *print_selection(const struct columns *wanted, const struct columns *there)
{
  clfit_network defaults;
  char text[CLFIT_FIELD_TEXT_SIZE];
  sqlite3_str *sql = sqlite3_str_new(NULL);
  clfit_network_default(&defaults);
  sqlite3_str_appendall(sql, "SELECT");
  for (size_t i = 0; i < wanted->n; i++) {
    const struct column *column = &wanted->items[i];
    sqlite3_str_appendall(sql, i ? ", " : " ");
    if (columns_find(there, column->name)) {
      sqlite3_str_appendall(sql, column->name);
      continue;
    }
    strcpy(text, "NULL");
    if (column->field) clfit_field_print(column->field, &defaults, text);
    bool is_text = column->field && clfit_field_is_text(column->field);
    sqlite3_str_appendf(sql, is_text ? "%Q AS %s" : "%s AS %s", text, column->name);
  }
  sqlite3_str_appendall(sql, " FROM networks ORDER BY id");
  return sqlite3_str_finish(sql);
}

static clfit_status select_networks(const struct merge *merge, struct results *shard, sqlite3_stmt **row,
                                    clfit_error *error)
{
  struct columns there = {NULL, 0};
  clfit_status status = columns_read(shard->database, shard->path, &there, error);
  char *sql = status ? NULL : print_selection(store_columns(merge->store), &there);
  if (!status && !sql) status = clfit_fail_memory(error);
  if (!status && sqlite3_prepare_v2(shard->database, sql, -1, row, NULL)) status = results_fail_sqlite(shard, error);
  sqlite3_free(sql);
  columns_clear(&there);
  return status;
}

static clfit_status copy_networks(struct merge *merge, struct writer *writer, struct results *shard,
                                  struct merge_report *report, clfit_error *error)
{
  sqlite3_stmt *row = NULL;
  bool more, added = false;
  const int count = (int)store_columns(merge->store)->n;
  clfit_status status = select_networks(merge, shard, &row, error);
  while (!status && !(status = results_next(shard, row, &more, error)) && more) {
    status = copy_row(merge, row, writer->add, count, &added, error);
    if (!status && !added) status = check_known(merge, writer, row, shard->path, error);
    report->added += added;
    report->known += !added;
  }
  sqlite3_finalize(row);
  return status;
}

static clfit_status copy_parameters(struct merge *merge, struct writer *writer, struct results *shard,
                                    clfit_error *error)
{
  sqlite3_stmt *row = NULL;
  bool more, added = false;
  if (sqlite3_prepare_v2(shard->database, "SELECT id, data FROM parameters ORDER BY id", -1, &row, NULL))
    return results_fail_sqlite(shard, error);
  clfit_status status = CLFIT_OK;
  while (!status && !(status = results_next(shard, row, &more, error)) && more)
    status = copy_row(merge, row, writer->keep, 2, &added, error);
  sqlite3_finalize(row);
  return status;
}

/* The shards keep the same samples, as far as they keep some. */
static clfit_status copy_samples(struct merge *merge, struct results *shard, clfit_error *error)
{
  clfit_data *there = NULL, *data = NULL;
  clfit_status status = kept_samples_read(store_handle(merge->store), merge->path, &there, error);
  if (!status && !there) status = kept_samples_read(shard->database, shard->path, &data, error);
  if (!status && data) status = kept_samples_write(merge->store, data, error);
  clfit_data_free(there);
  clfit_data_free(data);
  return status;
}

static clfit_status copy_shard(struct merge *merge, const char *path, struct merge_report *report, clfit_error *error)
{
  struct results shard;
  struct writer writer = {0};
  clfit_status status = results_open(&shard, path, error);
  if (status) return status;
  status = open_writer(merge, &writer, error);
  if (!status) status = copy_networks(merge, &writer, &shard, report, error);
  if (!status) status = copy_parameters(merge, &writer, &shard, error);
  if (!status) status = copy_samples(merge, &shard, error);
  close_writer(&writer);
  results_close(&shard);
  return status;
}

/* ---- merging --------------------------------------------------------------------------------------------------- */

static clfit_status run(struct merge *merge, char *sql, clfit_error *error)
{
  int code = sql ? sqlite3_exec(store_handle(merge->store), sql, NULL, NULL, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  if (!sql) return clfit_fail_memory(error);
  return code ? store_fail(merge->store, error) : CLFIT_OK;
}

/* Keeps only the parameters of the best N. Each of the best N of the whole sweep is among the best N of its shard. */
static clfit_status prune_parameters(struct merge *merge, clfit_error *error)
{
  const char *keep = value_of(&merge->definition, "keep"), *ranking = value_of(&merge->definition, "rank_by");
  unsigned n = 0;
  if (!keep || !ranking || sscanf(keep, "best:%u", &n) != 1 || !columns_find_figure(ranking)) return CLFIT_OK;
  return run(
      merge,
      sqlite3_mprintf("DELETE FROM parameters WHERE id NOT IN (SELECT id FROM parameters JOIN networks USING (id)"
                      " ORDER BY %s IS NULL, %s%s, id LIMIT %u)",
                      ranking, ranking, results_larger_is_better(ranking) ? " DESC" : "", n),
      error);
}

/* Shard i of n has the ids with id % n == i - 1. */
static clfit_status count_shards(struct merge *merge, uint64_t *there, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  clfit_status status = CLFIT_OK;
  int code;
  if (sqlite3_prepare_v2(store_handle(merge->store), "SELECT id % ?1, count(*) FROM networks GROUP BY 1", -1,
                         &statement, NULL))
    return store_fail(merge->store, error);
  sqlite3_bind_int64(statement, 1, merge->shards);
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    int64_t shard = sqlite3_column_int64(statement, 0);
    if (shard >= 0 && shard < merge->shards) there[shard] = (uint64_t)sqlite3_column_int64(statement, 1);
  }
  if (code != SQLITE_DONE) status = store_fail(merge->store, error);
  sqlite3_finalize(statement);
  return status;
}

static clfit_status find_missing(struct merge *merge, struct merge_report *report, clfit_error *error)
{
  const char *count = value_of(&merge->definition, "count");
  report->wanted = count ? strtoull(count, NULL, 10) : 0;
  report->shards = merge->shards;
  clfit_status status =
      store_read_number(merge->store, "SELECT count(*) FROM networks", NULL, &report->networks, error);
  if (status || merge->shards == 0) return status;
  report->missing = calloc(merge->shards, sizeof *report->missing);
  if (!report->missing) return clfit_fail_memory(error);
  status = count_shards(merge, report->missing, error);
  for (uint32_t i = 0; !status && i < merge->shards; i++) {
    uint64_t there = report->missing[i], wanted = (report->wanted + merge->shards - 1 - i) / merge->shards;
    report->missing[i] = wanted > there ? wanted - there : 0;
  }
  return status;
}

static clfit_status write_state(struct merge *merge, const struct merge_report *report, clfit_error *error)
{
  char shards[16];
  clfit_status status = CLFIT_OK;
  snprintf(shards, sizeof shards, "%u", merge->shards);
  const char *digest = value_of(&merge->definition, ENTRY_FORMULA_DIGEST);
  if (merge->shards) status = store_write_meta(merge->store, "shards", shards, error);
  if (!status && digest) status = store_write_meta(merge->store, ENTRY_FORMULA_DIGEST, digest, error);
  if (!status && report->networks == report->wanted) status = store_write_meta(merge->store, "finished", "1", error);
  return status;
}

/* What cannot be made is left to store_open, which says why. */
static clfit_status make_file(struct merge *merge, clfit_error *error)
{
  clfit_status status = database_check_name(merge->path, error);
  int file = status ? -1 : open(merge->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return status;
  close(file);
  merge->made = strdup(merge->path);
  if (merge->made) return CLFIT_OK;
  unlink(merge->path);
  return clfit_fail_memory(error);
}

static clfit_status open_store(struct merge *merge, clfit_error *error)
{
  bool fresh = false;
  const bool leads_to_nothing = access(merge->path, F_OK) != 0;
  clfit_status status = make_file(merge, error);
  if (!status) status = store_open(merge->path, &merge->store, &fresh, error);
  /* the path is a link, which stays, and store_open made the file that it leads to */
  if (!status && fresh && leads_to_nothing && !merge->made) merge->made = realpath(merge->path, NULL);
  if (!status && fresh)
    status = store_define(merge->store, merge->definition.n, (const char *const *)merge->definition.keys,
                          merge->definition.values, NULL, error);
  return status;
}

static clfit_status fill_store(struct merge *merge, size_t n, char *const *shards, struct merge_report *report,
                               clfit_error *error)
{
  clfit_status status = open_store(merge, error);
  if (!status) status = store_begin(merge->store, error);
  for (size_t i = 0; !status && i < n; i++) status = copy_shard(merge, shards[i], report, error);
  if (!status) status = prune_parameters(merge, error);
  if (!status) status = find_missing(merge, report, error);
  if (!status) status = write_state(merge, report, error);
  if (!status) status = store_commit(merge->store, error);
  if (status && merge->store) store_roll_back(merge->store);
  store_close(merge->store);
  if (status && merge->made) unlink(merge->made);
  return status;
}

clfit_status results_merge(const char *path, size_t n, char *const *shards, struct merge_report *report,
                           clfit_error *error)
{
  struct merge merge = {.path = path};
  const char *first = NULL;
  clfit_status status = CLFIT_OK;
  memset(report, 0, sizeof *report);
  if (store_exists(path)) status = inspect(&merge, path, &first, error);
  for (size_t i = 0; !status && i < n; i++) status = inspect(&merge, shards[i], &first, error);
  if (!status) status = fill_store(&merge, n, shards, report, error);
  clear_definition(&merge.definition);
  free(merge.made);
  if (status) merge_report_clear(report);
  return status;
}

void merge_report_clear(struct merge_report *report)
{
  free(report->missing);
  memset(report, 0, sizeof *report);
}
