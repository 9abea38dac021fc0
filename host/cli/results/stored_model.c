/* One network of a study as a model: from its kept parameters, or trained again. */
#include "cli/io/message.h"
#include "cli/io/model_file.h"
#include "cli/io/progress.h"
#include "cli/results/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the samples came from ----------------------------------------------------------------------------- */

static clfit_status read_domain(struct results *results, struct range *domain, clfit_error *error)
{
  char *text = NULL;
  clfit_status status = results_meta(results, "domain", &text, error);
  if (!status) status = option_read(&option_rows[OPTION_DOMAIN], text ? text : "", domain, error);
  free(text);
  return status;
}

clfit_status results_origin_open(struct results *results, struct results_origin *origin, clfit_error *error)
{
  memset(origin, 0, sizeof *origin);
  clfit_status status = results_meta(results, "target", &origin->target, error);
  if (!status) status = results_meta(results, "data", &origin->data, error);
  if (!status) status = results_meta(results, "x_column", &origin->x_column, error);
  if (!status) status = results_meta(results, "y_column", &origin->y_column, error);
  if (!status) status = results_meta(results, "data_digest", &origin->data_digest, error);
  if (!status && origin->target) status = read_domain(results, &origin->domain, error);
  if (!status && !origin->target == !origin->data)
    status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s does not say where its samples came from", results->path);
  if (status) results_origin_close(origin);
  return status;
}

void results_origin_close(struct results_origin *origin)
{
  free(origin->target);
  free(origin->data);
  free(origin->x_column);
  free(origin->y_column);
  free(origin->data_digest);
  memset(origin, 0, sizeof *origin);
}

/* A file must be the one that the sweep read. */
static clfit_status check_data(const struct results_origin *origin, const struct source *source, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  if (!origin->data_digest) return CLFIT_OK;
  clfit_data_digest(source->data, clfit_data_count(source->data), digest);
  if (strcmp(digest, origin->data_digest) == 0) return CLFIT_OK;
  return refuse(error, "%.200s holds other samples now than when the study was made", origin->data);
}

clfit_status results_source_open(const struct results_origin *origin, const struct results_network *network,
                                 struct source *source, clfit_error *error)
{
  struct origin from = {.target = origin->target,
                        .domain = origin->domain,
                        .sample_seed = network->sample_seed,
                        .data_path = origin->data,
                        .x_column = origin->x_column,
                        .y_column = origin->y_column};
  uint32_t samples = network->network.samples;
  clfit_status status = source_open(source, &from, &samples, error);
  if (!status && origin->data) status = check_data(origin, source, error);
  if (status) source_close(source);
  return status;
}

/* ---- training again ------------------------------------------------------------------------------------------ */

/* Strict bits are the same on every device, so one that is not there need not be asked for. */
static clfit_status open_device(clfit_mode mode, clfit_device **device, clfit_error *error)
{
  clfit_status status = clfit_device_open(NULL, device, error);
  return status && mode == CLFIT_STRICT ? clfit_device_open("reference", device, error) : status;
}

static clfit_status advance(clfit_population *population, uint32_t slot, const clfit_network *network, bool quiet,
                            clfit_error *error)
{
  struct progress_line line;
  clfit_status status = CLFIT_OK;
  size_t running = 1;
  progress_begin(&line, quiet, 0);
  while (!status && running) {
    status = clfit_population_advance(population, 0, &running, error);
    if (!status) progress_update(&line, network, clfit_population_progress(population, slot));
  }
  progress_end(&line);
  return status;
}

static clfit_status train_again(const clfit_network *network, clfit_mode mode, const clfit_data *data, bool quiet,
                                clfit_state *state, clfit_error *error)
{
  clfit_device *device = NULL;
  clfit_population *population = NULL;
  clfit_population_options options;
  clfit_state fresh = {0};
  const clfit_state *states = &fresh;
  uint32_t index, slot;
  clfit_population_options_default(&options);
  options.mode = mode;
  clfit_status status = clfit_state_init(&fresh, network, error);
  if (!status) status = open_device(mode, &device, error);
  if (!status) status = clfit_population_create(device, &options, &population, error);
  if (!status) status = clfit_population_add_data(population, data, &index, error);
  if (!status) status = clfit_population_take(population, 1, &states, &index, &slot, error);
  if (!status) status = advance(population, slot, network, quiet, error);
  if (!status) status = clfit_population_give(population, 1, &slot, state, error);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_state_clear(&fresh);
  return status;
}

/* One that a rung of --halving ended is trained up to there; its state is one that can go on. */
static clfit_status train_again_to(const struct results_network *network, const clfit_data *data, bool quiet,
                                   clfit_state *state, clfit_error *error)
{
  clfit_network reached = network->network;
  bool pruned = network->status == CLFIT_TRAINING_RUNNING;
  if (pruned) reached.epochs = (uint32_t)(network->steps / reached.samples);
  clfit_status status = train_again(&reached, network->mode, data, quiet, state, error);
  if (status || !pruned) return status;
  state->network.epochs = network->network.epochs;
  state->progress.status = CLFIT_TRAINING_RUNNING;
  return CLFIT_OK;
}

/* Trained again it must be what it was, or something that it depended on has changed. Fast mode promises that on the
 * same device and mapping only, and which those were the study does not say: there a difference is told. */
static clfit_status check_digest(const struct results_network *network, const clfit_state *state, bool quiet,
                                 clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  clfit_state_digest(state, digest);
  if (strcmp(digest, network->digest) == 0) return CLFIT_OK;
  if (network->mode == CLFIT_FAST) {
    if (!quiet)
      note("network %" PRIu64 " was not kept, and trained again in fast mode it has other bits (digest %.12s..., the "
           "study has %.12s...): a like network, not the same",
           network->id, digest, network->digest);
    return CLFIT_OK;
  }
  return clfit_fail(error, CLFIT_ERROR_FORMAT,
                    "network %" PRIu64 " trained again has the digest %.12s..., and the study has %.12s...",
                    network->id, digest, network->digest);
}

static clfit_status check_ended(const struct results_network *network, clfit_error *error)
{
  if (network->status == CLFIT_TRAINING_DIVERGED)
    return refuse(error, "network %" PRIu64 " diverged in epoch %" PRIu32 ": there is nothing of it to save or draw",
                  network->id, network->diverged_epoch);
  return CLFIT_OK;
}

clfit_status results_restore(const struct results_network *network, const struct source *source, bool whole, bool quiet,
                             clfit_state *state, clfit_error *error)
{
  clfit_status status = check_ended(network, error);
  if (status) return status;
  if (network->digest[0] == '\0')
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "network %" PRIu64 " has no digest to check it by", network->id);
  if (whole ? results_is_whole(network) : network->parameters != NULL) return results_make_state(network, state, error);
  status = train_again_to(network, source->data, quiet, state, error);
  if (!status) status = check_digest(network, state, quiet, error);
  if (status) clfit_state_clear(state);
  return status;
}

/* ---- the model ----------------------------------------------------------------------------------------------- */

static clfit_status save(const struct results_origin *origin, const struct results_network *network,
                         const struct source *source, const clfit_state *state, const char *path, clfit_error *error)
{
  clfit_model model = {.size = sizeof model,
                       .state = *state,
                       .target = origin->target,
                       .low = origin->domain.low,
                       .high = origin->domain.high,
                       .data_path = origin->data,
                       .x_column = origin->x_column,
                       .y_column = origin->y_column,
                       .mode = network->mode};
  model.state.network.sample_seed = network->sample_seed;
  clfit_data_digest(source->data, network->network.samples, model.data_digest);
  return model_save(&model, path, error);
}

/* An id may be larger than any option's count. */
static clfit_status read_id(const char *text, uint64_t *id, clfit_error *error)
{
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || digits > 18 || text[digits])
    return refuse(error, "--model must be the id of a network, a whole number, not \"%.120s\"", text);
  *id = strtoull(text, NULL, 10);
  return CLFIT_OK;
}

clfit_status results_save_model(struct results *results, const struct options *options, clfit_error *error)
{
  struct results_origin origin = {0};
  struct results_network network = {0};
  struct source source = {0};
  clfit_state state = {0};
  uint64_t id = 0;
  clfit_status status = read_id(options->model_id, &id, error);
  if (!status) status = results_read_network(results, id, &network, error);
  if (!status) status = check_ended(&network, error);
  if (!status) status = results_origin_open(results, &origin, error);
  if (!status) status = results_source_open(&origin, &network, &source, error);
  if (!status) status = results_restore(&network, &source, true, options->quiet, &state, error);
  if (!status) status = save(&origin, &network, &source, &state, options->out, error);
  clfit_state_clear(&state);
  source_close(&source);
  results_origin_close(&origin);
  results_network_clear(&network);
  return status;
}
