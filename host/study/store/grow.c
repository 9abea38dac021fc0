/* A study whose sweep gets more configurations. */
#include "study/base/fail.h"
#include "study/store/store.h"

#include <stdio.h>

/* SQL function clfit_place(id): the new id of a network. */
static void place(sqlite3_context *call, int n, sqlite3_value **arguments)
{
  const struct store_growth *growth = sqlite3_user_data(call);
  (void)n;
  sqlite3_result_int64(call,
                       (sqlite3_int64)growth->place(growth->context, (uint64_t)sqlite3_value_int64(arguments[0])));
}

/* New ids may be old ids of other networks, so all ids are negative in between. */
static clfit_status move_rows(struct store *store, const char *table, clfit_error *error)
{
  char text[160];
  snprintf(text, sizeof text, "UPDATE %s SET id = -1 - clfit_place(id); UPDATE %s SET id = -1 - id", table, table);
  return store_run(store, text, error);
}

/* Rows of other tables that belong to no network of the sweep would have no place. */
static clfit_status check_others(struct store *store, uint64_t count, clfit_error *error)
{
  static const char text[] = "SELECT (SELECT count(*) FROM parameters WHERE id < 0 OR id >= ?1)"
                             " + (SELECT count(*) FROM checkpoints WHERE id < 0 OR id >= ?1)";
  uint64_t strange = 0;
  clfit_status status = store_read_number(store, text, (uint64_t[2]){count, 0}, &strange, error);
  if (status || strange == 0) return status;
  return store_refuse(store, error, "%llu parameters or checkpoints are of no network of its sweep",
                      (unsigned long long)strange);
}

static clfit_status move_all(struct store *store, const struct store_growth *growth, clfit_error *error)
{
  static const char *const tables[] = {"networks", "parameters", "checkpoints"};
  sqlite3 *database = store_handle(store);
  clfit_status status = CLFIT_OK;
  if (!growth->place) return CLFIT_OK;
  if (sqlite3_create_function(database, "clfit_place", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, (void *)growth, place, NULL,
                              NULL))
    return store_fail(store, error);
  for (size_t i = 0; i < sizeof tables / sizeof *tables && !status; i++) status = move_rows(store, tables[i], error);
  sqlite3_create_function(database, "clfit_place", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
  return status;
}

static clfit_status grow(struct store *store, const struct store_growth *growth, clfit_error *error)
{
  clfit_status status = store_check_grid(store, growth->count, growth->shard, growth->shards, error);
  if (!status) status = check_others(store, growth->count, error);
  if (!status) status = move_all(store, growth, error);
  for (size_t i = 0; i < growth->n && !status; i++)
    status = growth->values[i] ? store_write_meta(store, growth->keys[i], growth->values[i], error)
                               : store_delete_meta(store, growth->keys[i], error);
  return status;
}

clfit_status store_grow(struct store *store, const struct store_growth *growth, clfit_error *error)
{
  clfit_status status = store_begin(store, error);
  if (!status) status = grow(store, growth, error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}
