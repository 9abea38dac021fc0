/* Reads one network of a study and makes a state of it. */
#include "study/base/bytes.h"
#include "study/base/fail.h"
#include "study/store/read.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static clfit_status fail_row(const struct results *results, uint64_t id, const char *reason, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s: network %" PRIu64 ": %s", results->path, id, reason);
}

/* Checks that the numbers of a row are consistent. */
static clfit_status check_row(const struct results *results, const struct study_row *row, clfit_error *error)
{
  uint32_t epochs[STORE_HISTORY_MAX];
  clfit_status status = clfit_network_check(&row->configuration, error);
  if (status) return fail_in(error, results->path);
  uint32_t samples = clfit_network_trained(&row->configuration);
  uint64_t all = (uint64_t)samples * row->configuration.epochs;
  bool whole = row->status != CLFIT_TRAINING_DIVERGED; /* epochs */
  if (row->steps > all || (whole && (row->steps % samples != 0 || row->steps == 0)))
    return fail_row(results, row->id, "its steps do not go with its samples and epochs", error);
  /* A row may have no losses: the query did not select them, or the network diverged in its first epoch. */
  if (row->history_count && row->history_count != store_history_epochs((uint32_t)(row->steps / samples), epochs))
    return fail_row(results, row->id, "its history does not go with its epochs", error);
  return CLFIT_OK;
}

static void take_row(const struct study_row *row, struct results_network *network)
{
  network->network = row->configuration;
  network->sample_seed = row->configuration.sample_seed;
  network->drawn = row->drawn;
  network->status = row->status;
  network->diverged_epoch = row->diverged_epoch;
  network->steps = row->steps;
  network->stopped_by = row->stopped_by;
  network->train_loss = row->train_loss;
  network->last_loss_high = row->last_loss_high;
  network->last_loss_low = row->last_loss_low;
  strcpy(network->digest, row->digest);
  network->history_count = row->history_count;
  memcpy(network->history, row->history, sizeof row->history);
  store_history_epochs((uint32_t)(row->steps / clfit_network_trained(&row->configuration)), network->history_epochs);
}

static clfit_status read_row(const struct results *results, const struct columns *columns, sqlite3_stmt *query,
                             struct results_network *network, clfit_error *error)
{
  struct study_row row;
  const char *wrong = columns_read_row(columns, query, &row);
  if (wrong) return fail_row(results, network->id, wrong, error);
  clfit_status status = check_row(results, &row, error);
  if (!status) take_row(&row, network);
  return status;
}

/* Reads the parameters from the result column `data`; NULL: they are not kept. */
static clfit_status read_parameters(const struct results *results, sqlite3_stmt *row, int data,
                                    struct results_network *network, clfit_error *error)
{
  if (sqlite3_column_type(row, data) == SQLITE_NULL) return CLFIT_OK;
  const unsigned char *bytes = sqlite3_column_blob(row, data);
  size_t n = clfit_parameter_count(network->network.hidden);
  if ((size_t)sqlite3_column_bytes(row, data) != 4 * n)
    return fail_row(results, network->id, "its parameters are not those of its neurons", error);
  network->parameters = malloc(n * sizeof *network->parameters);
  if (!network->parameters) return clfit_fail_memory(error);
  for (size_t i = 0; i < n; i++) network->parameters[i] = bytes_get_float(bytes + 4 * i);
  return CLFIT_OK;
}

/* The columns of the study, then data and the study's mode. */
static clfit_status select_network(struct results *results, const struct columns *columns, uint64_t id,
                                   sqlite3_stmt **row, clfit_error *error)
{
  char *names = columns_print_names(columns);
  char *sql = names ? sqlite3_mprintf("SELECT %s, data, (SELECT value FROM meta WHERE key = 'mode')"
                                      " FROM networks LEFT JOIN parameters USING (id) WHERE id = ?1",
                                      names)
                    : NULL;
  clfit_status status = CLFIT_OK;
  if (!sql)
    status = clfit_fail_memory(error);
  else if (sqlite3_prepare_v2(results->database, sql, -1, row, NULL) || sqlite3_bind_int64(*row, 1, (sqlite3_int64)id))
    status = results_fail_sqlite(results, error);
  sqlite3_free(sql);
  sqlite3_free(names);
  return status;
}

clfit_status results_read_network(struct results *results, uint64_t id, struct results_network *network,
                                  clfit_error *error)
{
  sqlite3_stmt *row = NULL;
  struct columns columns = {NULL, 0};
  bool more = false;
  memset(network, 0, sizeof *network);
  network->id = id;
  clfit_status status = columns_read(results->database, results->path, &columns, error);
  const int data = (int)columns.n, mode = data + 1;
  if (!status) status = select_network(results, &columns, id, &row, error);
  if (!status) status = results_next(results, row, &more, error);
  if (!status && !more) status = refuse(error, "%.200s has no network %" PRIu64, results->path, id);
  if (!status) status = read_row(results, &columns, row, network, error);
  if (!status) status = read_parameters(results, row, data, network, error);
  if (!status) network->mode = strcmp(store_text(row, mode), "fast") == 0 ? CLFIT_FAST : CLFIT_STRICT;
  sqlite3_finalize(row);
  columns_clear(&columns);
  if (status) results_network_clear(network);
  return status;
}

void results_network_clear(struct results_network *network)
{
  free(network->parameters);
  memset(network, 0, sizeof *network);
}

static bool has_loss_pair(const struct results_network *network)
{
  return !isnan(network->last_loss_high);
}

bool results_is_whole(const struct results_network *network)
{
  const clfit_network *of = &network->network;
  bool loss = of->tol == 0 || has_loss_pair(network);
  const bool precise = network->status == CLFIT_TRAINING_RUNNING && clfit_precise_count(of) > 0;
  return network->parameters && loss && !precise && clfit_record_count(of) == clfit_parameter_count(of->hidden);
}

/* In studies without the pair of floats of the last loss, the pair is computed from the sum of squared errors: the
 * nearest float32, and then the float32 nearest to the rest. */
static void restore_loss(const struct results_network *network, clfit_progress *progress)
{
  double sum = 2 * network->train_loss * clfit_network_trained(&network->network);
  if (has_loss_pair(network)) {
    progress->last_loss_high = network->last_loss_high;
    progress->last_loss_low = network->last_loss_low;
    return;
  }
  if (!isfinite(sum)) return;
  progress->last_loss_high = (float)sum;
  progress->last_loss_low = (float)(sum - (double)progress->last_loss_high);
}

clfit_status results_make_state(const struct results_network *network, clfit_state *state, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  assert(network->parameters);
  clfit_state lent = {.size = sizeof lent, .network = network->network, .parameters = network->parameters};
  lent.progress.status = network->status;
  lent.progress.stopped_by = network->stopped_by;
  lent.progress.epoch = (uint32_t)(network->steps / clfit_network_trained(&network->network));
  restore_loss(network, &lent.progress);
  clfit_state_digest(&lent, digest);
  if (strcmp(digest, network->digest) != 0)
    return clfit_fail(error, CLFIT_ERROR_FORMAT,
                      "the parameters kept of network %" PRIu64 " have another digest than its row", network->id);
  clfit_status status = clfit_state_init(state, &network->network, error);
  if (status) return status;
  state->progress = lent.progress;
  memcpy(state->parameters, lent.parameters, clfit_parameter_count(lent.network.hidden) * sizeof(float));
  return CLFIT_OK;
}
