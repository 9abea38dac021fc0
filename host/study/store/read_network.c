/* One network of a study, from its row to a state that can be trained on. */
#include "study/base/bytes.h"
#include "study/base/fail.h"
#include "study/store/read.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  HIDDEN,
  SAMPLES,
  EPOCHS,
  RATE,
  ACTIVATION,
  SEED,
  SAMPLE_SEED,
  TOL,
  STATUS,
  DIVERGED_EPOCH,
  STEPS,
  TRAIN_LOSS,
  DIGEST,
  HISTORY,
  DATA,
  MODE
};

static const char query[] = "SELECT hidden, samples, epochs, rate, activation, seed, sample_seed, tol, status,"
                            " diverged_epoch, steps, train_loss, digest, history, data,"
                            " (SELECT value FROM meta WHERE key = 'mode')"
                            " FROM networks LEFT JOIN parameters USING (id) WHERE id = ?1";

static clfit_status fail_row(const struct results *results, uint64_t id, const char *reason, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s: network %" PRIu64 ": %s", results->path, id, reason);
}

/* A whole number that fits; what does not becomes 0, or the largest, and fails the check of the network. */
static uint32_t read_count(sqlite3_stmt *row, int column)
{
  int64_t value = sqlite3_column_int64(row, column);
  return value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static const char *read_text(sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

static clfit_status read_configuration(const struct results *results, sqlite3_stmt *row,
                                       struct results_network *network, clfit_error *error)
{
  clfit_network *configuration = &network->network;
  clfit_network_default(configuration);
  configuration->hidden = read_count(row, HIDDEN);
  configuration->samples = read_count(row, SAMPLES);
  configuration->epochs = read_count(row, EPOCHS);
  configuration->rate = sqlite3_column_double(row, RATE);
  configuration->seed = read_count(row, SEED);
  configuration->tol = sqlite3_column_double(row, TOL);
  network->sample_seed = read_count(row, SAMPLE_SEED);
  network->mode = strcmp(read_text(row, MODE), "fast") == 0 ? CLFIT_FAST : CLFIT_STRICT;
  network->drawn = sqlite3_column_type(row, SAMPLE_SEED) != SQLITE_NULL;
  clfit_status status = clfit_activation_find(read_text(row, ACTIVATION), &configuration->activation, error);
  if (!status) status = clfit_network_check(configuration, error);
  return status ? fail_in(error, results->path) : CLFIT_OK;
}

static bool read_status(const char *text, clfit_training *status)
{
  *status = strcmp(text, "done") == 0       ? CLFIT_TRAINING_DONE
            : strcmp(text, "stopped") == 0  ? CLFIT_TRAINING_STOPPED
            : strcmp(text, "diverged") == 0 ? CLFIT_TRAINING_DIVERGED
                                            : CLFIT_TRAINING_RUNNING;
  return *status != CLFIT_TRAINING_RUNNING || strcmp(text, "pruned") == 0;
}

static clfit_status read_outcome(const struct results *results, sqlite3_stmt *row, struct results_network *network,
                                 clfit_error *error)
{
  const char *digest = read_text(row, DIGEST);
  if (!read_status(read_text(row, STATUS), &network->status))
    return fail_row(results, network->id, "its status is unknown", error);
  network->diverged_epoch = read_count(row, DIVERGED_EPOCH);
  network->steps = (uint64_t)sqlite3_column_int64(row, STEPS);
  network->train_loss =
      sqlite3_column_type(row, TRAIN_LOSS) == SQLITE_NULL ? NAN : sqlite3_column_double(row, TRAIN_LOSS);
  if (*digest && strlen(digest) != CLFIT_DIGEST_SIZE - 1)
    return fail_row(results, network->id, "its digest is no SHA-256", error);
  strcpy(network->digest, digest);
  uint64_t all = (uint64_t)network->network.samples * network->network.epochs;
  bool whole = network->status != CLFIT_TRAINING_DIVERGED; /* epochs */
  if (network->steps > all || (whole && (network->steps % network->network.samples != 0 || network->steps == 0)))
    return fail_row(results, network->id, "its steps do not go with its samples and epochs", error);
  return CLFIT_OK;
}

static clfit_status read_history(const struct results *results, sqlite3_stmt *row, struct results_network *network,
                                 clfit_error *error)
{
  const unsigned char *bytes = sqlite3_column_blob(row, HISTORY);
  size_t size = (size_t)sqlite3_column_bytes(row, HISTORY);
  uint32_t last = (uint32_t)(network->steps / network->network.samples);
  uint32_t count = store_history_epochs(last, network->history_epochs);
  /* One without losses has not been asked for any, or died in its first epoch. */
  if (size != 0 && size != 8 * (size_t)count)
    return fail_row(results, network->id, "its history does not go with its epochs", error);
  network->history_count = (uint32_t)(size / 8);
  for (uint32_t i = 0; i < network->history_count; i++) network->history[i] = bytes_get_double(bytes + 8 * i);
  return CLFIT_OK;
}

static clfit_status read_parameters(const struct results *results, sqlite3_stmt *row, struct results_network *network,
                                    clfit_error *error)
{
  if (sqlite3_column_type(row, DATA) == SQLITE_NULL) return CLFIT_OK;
  const unsigned char *bytes = sqlite3_column_blob(row, DATA);
  size_t n = clfit_parameter_count(network->network.hidden);
  if ((size_t)sqlite3_column_bytes(row, DATA) != 4 * n)
    return fail_row(results, network->id, "its parameters are not those of its neurons", error);
  network->parameters = malloc(n * sizeof *network->parameters);
  if (!network->parameters) return clfit_fail_memory(error);
  for (size_t i = 0; i < n; i++) network->parameters[i] = bytes_get_float(bytes + 4 * i);
  return CLFIT_OK;
}

clfit_status results_read_network(struct results *results, uint64_t id, struct results_network *network,
                                  clfit_error *error)
{
  sqlite3_stmt *row = NULL;
  clfit_status status = CLFIT_OK;
  bool more = false;
  memset(network, 0, sizeof *network);
  network->id = id;
  if (sqlite3_prepare_v2(results->database, query, -1, &row, NULL) || sqlite3_bind_int64(row, 1, (sqlite3_int64)id))
    status = results_fail_sqlite(results, error);
  if (!status) status = results_next(results, row, &more, error);
  if (!status && !more) status = refuse(error, "%.200s has no network %" PRIu64, results->path, id);
  if (!status) status = read_configuration(results, row, network, error);
  if (!status) status = read_outcome(results, row, network, error);
  if (!status) status = read_history(results, row, network, error);
  if (!status) status = read_parameters(results, row, network, error);
  sqlite3_finalize(row);
  if (status) results_network_clear(network);
  return status;
}

void results_network_clear(struct results_network *network)
{
  free(network->parameters);
  memset(network, 0, sizeof *network);
}

bool results_is_whole(const struct results_network *network)
{
  return network->parameters && network->network.tol == 0;
}

/* The sum of squared errors as a pair of floats: the larger as near as can be, then what is left. */
static void split_loss(double train_loss, uint32_t samples, clfit_progress *progress)
{
  double sum = 2 * train_loss * samples;
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
  lent.progress.epoch = (uint32_t)(network->steps / network->network.samples);
  split_loss(network->train_loss, network->network.samples, &lent.progress);
  clfit_state_digest(&lent, digest);
  if (strcmp(digest, network->digest) != 0)
    return clfit_fail(error, CLFIT_ERROR_FORMAT,
                      "the parameters kept of network %" PRIu64 " have another digest than its row", network->id);
  return clfit_state_copy(state, &lent, error);
}
