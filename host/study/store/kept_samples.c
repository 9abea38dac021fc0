#include "study/store/kept_samples.h"

#include "study/base/fail.h"
#include "study/store/schema.h"

static clfit_status insert(struct store *store, const unsigned char *bytes, size_t size, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  sqlite3 *database = store_handle(store);
  int code = sqlite3_prepare_v2(database, "INSERT INTO kept_samples VALUES (0, ?1)", -1, &statement, NULL);
  if (!code) code = sqlite3_bind_blob64(statement, 1, bytes, size, SQLITE_STATIC);
  if (!code) code = sqlite3_step(statement);
  clfit_status status = code == SQLITE_DONE ? CLFIT_OK : store_fail(store, error);
  sqlite3_finalize(statement);
  return status;
}

clfit_status kept_samples_write(struct store *store, const clfit_data *data, clfit_error *error)
{
  unsigned char *bytes = NULL;
  size_t size = 0;
  clfit_status status = clfit_data_pack(data, &bytes, &size, error);
  if (!status) status = store_run(store, SCHEMA_SAMPLES, error);
  if (!status) status = insert(store, bytes, size, error);
  clfit_free(bytes);
  return status;
}

static clfit_status has_table(sqlite3 *database, const char *path, bool *has, clfit_error *error)
{
  static const char text[] = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'kept_samples'";
  sqlite3_stmt *query = NULL;
  int code = sqlite3_prepare_v2(database, text, -1, &query, NULL);
  if (!code) code = sqlite3_step(query);
  sqlite3_finalize(query);
  *has = code == SQLITE_ROW;
  return *has || code == SQLITE_DONE ? CLFIT_OK : database_fail(database, path, error);
}

clfit_status kept_samples_read(sqlite3 *database, const char *path, clfit_data **data, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  bool has = false;
  *data = NULL;
  clfit_status status = has_table(database, path, &has, error);
  if (status || !has) return status;
  int code = sqlite3_prepare_v2(database, "SELECT data FROM kept_samples WHERE id = 0", -1, &query, NULL);
  if (!code) code = sqlite3_step(query);
  if (code == SQLITE_ROW) {
    const unsigned char *bytes = sqlite3_column_blob(query, 0);
    status = clfit_data_unpack(bytes, (size_t)sqlite3_column_bytes(query, 0), data, error);
    if (status) status = fail_in(error, path ? path : "the sweep's database");
  } else if (code != SQLITE_DONE) {
    status = database_fail(database, path, error);
  }
  sqlite3_finalize(query);
  return status;
}
