#include "study/store/rungs.h"

#include <stdio.h>

/* SQL in a statement's own room. */
struct statement {
  char text[500];
};

/* Selects something of the networks of the rung ?1 that have not trained ?2 epochs yet, and meet a condition. */
static struct statement select_waiting(const struct store *store, const char *what, const char *condition)
{
  struct statement statement;
  snprintf(statement.text, sizeof statement.text,
           "SELECT %s FROM rungs CROSS JOIN networks USING (id)"
           " WHERE rung = ?1 AND status = 'pruned' AND steps < ?2 * %s%s",
           what, columns_trained(store_columns(store)), condition);
  return statement;
}

static clfit_status count_networks(struct store *store, uint32_t number, uint64_t *networks, clfit_error *error)
{
  return store_read_number(store, "SELECT count(*) FROM rungs WHERE rung = ?1", (uint64_t[2]){number}, networks, error);
}

/* Checks that networks and rungs are consistent with a sweep in that rung: after rung 0 every network has a row. */
static clfit_status check_rungs(struct store *store, uint64_t number, uint64_t last, uint64_t all, uint64_t rows,
                                clfit_error *error)
{
  static const char text[] = "SELECT count(*) FROM rungs WHERE rung NOT BETWEEN 1 AND ?1 OR id < 0 OR id >= ?2";
  const uint64_t most = number < last ? number : last - 1; /* no network goes on to the last rung */
  uint64_t strange = 0;
  if (number > last) return store_refuse(store, error, "its halving has no rung %lld", (long long)number);
  if (rows > all || (number > 0 && rows < all))
    return store_refuse(store, error, "it has %llu networks in rung %u of a sweep of %llu", (unsigned long long)rows,
                        (unsigned)number, (unsigned long long)all);
  clfit_status status = store_read_number(store, text, (uint64_t[2]){most, all}, &strange, error);
  if (!status && strange > 0)
    status = store_refuse(store, error, "%llu rows of its rungs are of no network or rung of its sweep",
                          (unsigned long long)strange);
  return status;
}

clfit_status rungs_read(struct store *store, const struct halving *halving, uint64_t all, uint32_t most_epochs,
                        struct rung *rung, clfit_error *error)
{
  uint64_t number = 0, rows = 0;
  clfit_status status =
      store_read_number(store, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'rung'", NULL, &number, error);
  if (!status) status = store_read_number(store, "SELECT count(*) FROM networks", NULL, &rows, error);
  if (!status) status = check_rungs(store, number, halving_last(halving, most_epochs), all, rows, error);
  if (status) return status;
  *rung = (struct rung){(uint32_t)number, all, all - rows};
  if (number == 0) return CLFIT_OK;
  const uint64_t numbers[] = {number, halving_epochs(halving, rung->number)};
  status = count_networks(store, rung->number, &rung->networks, error);
  return status ? status
                : store_read_number(store, select_waiting(store, "count(*)", "").text, numbers, &rung->left, error);
}

static clfit_status promote(struct store *store, const struct column *ranking, uint64_t survivors, uint32_t number,
                            clfit_error *error)
{
  static const char format[] =
      "INSERT OR REPLACE INTO rungs SELECT id, %u FROM (SELECT id, status FROM networks%s ORDER BY %s IS NULL, "
      "%s%s, id LIMIT %llu) WHERE status = 'pruned'";
  char members[64] = "", text[400];
  if (number > 0) snprintf(members, sizeof members, " WHERE id IN (SELECT id FROM rungs WHERE rung = %u)", number);
  snprintf(text, sizeof text, format, number + 1, members, ranking->name, ranking->name,
           ranking->larger_is_better ? " DESC" : "", (unsigned long long)survivors);
  return store_run(store, text, error);
}

/* Deletes the checkpoints of networks that are not in a rung. */
static clfit_status forget_others(struct store *store, uint32_t number, clfit_error *error)
{
  char text[160];
  snprintf(text, sizeof text,
           "DELETE FROM checkpoints WHERE NOT EXISTS"
           " (SELECT 1 FROM rungs WHERE rungs.id = checkpoints.id AND rung = %u)",
           number);
  return store_run(store, text, error);
}

clfit_status rungs_next(struct store *store, const struct halving *halving, const struct column *ranking,
                        struct rung *rung, clfit_error *error)
{
  const uint32_t number = rung->number + 1;
  char text[16];
  uint64_t networks = 0;
  snprintf(text, sizeof text, "%u", number);
  clfit_status status = store_begin(store, error);
  if (!status) status = promote(store, ranking, halving_survivors(halving, rung->networks), rung->number, error);
  if (!status) status = forget_others(store, number, error);
  if (!status) status = store_write_meta(store, "rung", text, error);
  if (!status) status = count_networks(store, number, &networks, error);
  if (!status) status = store_commit(store, error);
  if (status)
    store_roll_back(store);
  else
    *rung = (struct rung){number, networks, networks};
  return status;
}

clfit_status rungs_count(struct store *store, uint64_t *networks, uint64_t *diverged, double *work, clfit_error *error)
{
  /* A row with status 'pruned' counts as ended only if its network did not go on: not in rung 0, where no selection has
   * been made yet, and not if it is in the current rung. */
  static const char format[] =
      "WITH now (rung) AS (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'rung')"
      " SELECT count(*) FILTER (WHERE status <> 'pruned' OR (now.rung > 0 AND rungs.rung IS NOT now.rung)),"
      " count(diverged_epoch),"
      " total((%s) * steps)"
      " FROM networks LEFT JOIN rungs USING (id), now";
  char text[600];
  snprintf(text, sizeof text, format, store_work(store));
  return store_read_counts(store, text, networks, diverged, work, error);
}

clfit_status rungs_each_waiting(struct store *store, uint32_t number, uint32_t epochs, uint64_t first, uint64_t end,
                                void (*call)(void *context, uint64_t id), void *context, clfit_error *error)
{
  const uint64_t numbers[4] = {number, epochs, first, end};
  const struct statement select = select_waiting(store, "rungs.id", " AND rungs.id >= ?3 AND rungs.id < ?4");
  return store_each_id(store, select.text, numbers, call, context, error);
}
