/* One network of a study as a model: from its kept parameters, or trained again. */
#include "cli/device/open_device.h"
#include "cli/io/message.h"
#include "cli/io/model_file.h"
#include "cli/io/progress.h"
#include "cli/results/results.h"
#include "study/store/entries.h"
#include "study/store/kept_samples.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the samples came from ----------------------------------------------------------------------------- */

/* The samples that the study keeps, else the file, wherever it is now. */
static clfit_status take_samples(struct results *results, clfit_source *source, clfit_error *error)
{
  clfit_data *kept = NULL;
  clfit_status status = kept_samples_read(results->database, results->path, &kept, error);
  clfit_source_set_rows(source, kept);
  clfit_data_free(kept);
  return status ? status : samples_find(source, results->path, error);
}

/* Networks of a formula are trained on what it gives here, which is not what they were trained on if it differs. */
static clfit_status compare_formula(struct results *results, clfit_source *source, clfit_error *error)
{
  char here[CLFIT_DIGEST_SIZE], *there = NULL;
  if (results->formula_compared) return CLFIT_OK;
  results->formula_compared = true;
  clfit_status status = results_meta(results, ENTRY_FORMULA_DIGEST, &there, error);
  if (!status && there) status = clfit_source_formula_digest(source, here, error);
  if (!status && there && *here && strcmp(here, there) != 0)
    note("warning: the formula has other values on this machine than where %.200s was trained (another math library)",
         results->path);
  free(there);
  return status;
}

/* Whoever wants samples computes with them, without a population of its own where the parameters are kept. */
clfit_status results_source(struct results *results, clfit_source *source, clfit_error *error)
{
  clfit_status status = clfit_host_check(error);
  const char *key;
  clfit_source_default(source);
  for (size_t i = 0; !status && (key = clfit_source_key(i)); i++) {
    char *text = NULL;
    status = results_meta(results, key, &text, error);
    if (!status && text && clfit_source_set(source, key, text, error)) status = fail_in(error, results->path);
    free(text);
  }
  if (!status && !source->target && !source->path)
    status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s does not say where its samples came from", results->path);
  if (!status) status = (source->target ? compare_formula : take_samples)(results, source, error);
  if (status) clfit_source_clear(source);
  return status;
}

clfit_status results_open_samples(const clfit_source *source, const struct results_network *network,
                                  struct samples *samples, clfit_error *error)
{
  clfit_network drawn = network->network;
  drawn.sample_seed = network->sample_seed;
  return samples_open(samples, source, &drawn, error);
}

/* ---- training again ------------------------------------------------------------------------------------------ */

/* In strict mode any device gives the same bits: if there is no OpenCL device, the reference is used. */
static clfit_status open_device(const clfit_network *network, clfit_mode mode, bool quiet, clfit_device **device,
                                clfit_error *error)
{
  const enum probe_kind kind = clfit_precise_count(network) > 0 ? PROBE_LEAST_SQUARES : PROBE_DEFAULT;
  const struct device_choice choice = {.networks = 1, .probe = {.kind = kind, .quiet = quiet}};
  clfit_status status = device_open(&choice, device, error);
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

static clfit_status train_again(const clfit_network *network, bool pauses, clfit_mode mode, const clfit_data *data,
                                bool quiet, clfit_state *state, clfit_error *error)
{
  clfit_device *device = NULL;
  clfit_population *population = NULL;
  clfit_population_options options;
  clfit_state fresh = {0};
  const clfit_state *states = &fresh;
  uint32_t index, slot;
  clfit_population_options_default(&options);
  options.mode = mode;
  double low, high;
  clfit_data_range(data, &low, &high);
  clfit_status status = clfit_state_init_over(&fresh, network, low, high, error);
  fresh.pauses = pauses;
  if (!status) status = open_device(network, mode, quiet, &device, error);
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

/* A pruned network is trained up to the end of its last rung. */
static clfit_status train_again_to(const struct results_network *network, const clfit_data *data, bool quiet,
                                   clfit_state *state, clfit_error *error)
{
  clfit_network reached = network->network;
  const bool pruned = network->status == CLFIT_TRAINING_RUNNING;
  if (pruned) reached.epochs = (uint32_t)(network->steps / clfit_network_trained(&reached));
  return train_again(&reached, pruned, network->mode, data, quiet, state, error);
}

/* The digest after training again must be the one in the study; otherwise the data or the program has changed. In fast
 * mode this holds only on the same device and mapping, which the study does not record, so there a difference is only a
 * warning. */
static clfit_status check_digest(const struct results_network *network, const clfit_state *state, bool quiet,
                                 clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  clfit_state_digest(state, digest);
  if (strcmp(digest, network->digest) == 0) return CLFIT_OK;
  if (network->mode == CLFIT_FAST) {
    if (!quiet)
      note("the parameters of network %" PRIu64
           " were not stored; training it again in fast mode gave slightly different "
           "ones (digest %.12s..., in the study %.12s...)",
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
    return refuse(error, "network %" PRIu64 " diverged in epoch %" PRIu32 ", so it has no parameters to save or draw",
                  network->id, network->diverged_epoch);
  return CLFIT_OK;
}

clfit_status results_restore(const struct results_network *network, const struct samples *samples, bool whole,
                             bool quiet, clfit_state *state, clfit_error *error)
{
  clfit_status status = check_ended(network, error);
  if (status) return status;
  if (network->digest[0] == '\0')
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "network %" PRIu64 " has no digest to check it by", network->id);
  if (whole ? results_is_whole(network) : network->parameters != NULL) return results_make_state(network, state, error);
  status = train_again_to(network, samples->data, quiet, state, error);
  if (!status) status = check_digest(network, state, quiet, error);
  /* The whole state of a pruned network can be trained further; otherwise it is what the network gave at its end. */
  if (!status && whole) clfit_state_extend(state, network->network.epochs);
  if (status) clfit_state_clear(state);
  return status;
}

/* ---- the model ----------------------------------------------------------------------------------------------- */

/* The source gets the samples' columns and digest, too. */
static clfit_status learn(const clfit_data *data, uint32_t samples, clfit_source *source, struct learnt *learnt,
                          clfit_error *error)
{
  learnt->scaling = clfit_data_scaling(data);
  clfit_data_span(data, &learnt->x_low, &learnt->x_high);
  clfit_data_digest(data, samples, source->digest);
  return clfit_source_set_columns(source, data, error);
}

/* The same from the study. *known: it says so, as those of earlier versions do not. */
static clfit_status read_learnt(struct results *results, struct learnt *learnt, bool *known, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  *known = true;
  for (size_t i = 0; learnt_key(i) && !status; i++) {
    char *text = NULL;
    status = results_meta(results, learnt_key(i), &text, error);
    *known = *known && text && clfit_number_parse(text, learnt_number(learnt, i));
    free(text);
  }
  return status;
}

/* Whether a network whose parameters the study keeps must do without samples, which are neither there nor in a file. */
static bool does_without(const clfit_source *source, const struct results_network *network)
{
  const bool ended = network->status != CLFIT_TRAINING_RUNNING;
  return source->path && !source->target && !source->rows && !samples_are_there(source) &&
         (results_is_whole(network) || (ended && network->parameters));
}

/* The state of a network and what it has learnt from. */
static clfit_status restore(struct results *results, const struct results_network *network, bool quiet,
                            clfit_source *source, clfit_state *state, struct learnt *learnt, clfit_error *error)
{
  struct samples samples = {0};
  bool known = false;
  clfit_status status = CLFIT_OK;
  if (does_without(source, network)) status = read_learnt(results, learnt, &known, error);
  const bool whole = !known || results_is_whole(network);
  if (!status && !known) status = results_open_samples(source, network, &samples, error);
  if (!status && !known) status = learn(samples.data, network->network.samples, source, learnt, error);
  if (!status) status = results_restore(network, &samples, whole, quiet, state, error);
  if (!status && !whole && !quiet)
    note("the samples are not there, so the model has the parameters alone: what the optimizer keeps beside them is "
         "lost, and a training that goes on begins with it anew");
  samples_close(&samples);
  return status;
}

static clfit_status save(const clfit_source *source, const struct results_network *network, const clfit_state *state,
                         const struct learnt *learnt, const char *path, clfit_error *error)
{
  clfit_model model = {.size = sizeof model,
                       .state = *state,
                       .source = *source,
                       .mode = network->mode,
                       .scaling = learnt->scaling,
                       .x_low = learnt->x_low,
                       .x_high = learnt->x_high};
  model.state.network.sample_seed = network->sample_seed;
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
  clfit_source source = {0};
  struct results_network network = {0};
  struct learnt learnt = {0};
  clfit_state state = {0};
  uint64_t id = 0;
  clfit_status status = read_id(options->model_id, &id, error);
  if (!status) status = results_read_network(results, id, &network, error);
  if (!status) status = check_ended(&network, error);
  if (!status) status = results_source(results, &source, error);
  if (!status) status = restore(results, &network, options->quiet, &source, &state, &learnt, error);
  if (!status) status = save(&source, &network, &state, &learnt, options->out, error);
  clfit_state_clear(&state);
  clfit_source_clear(&source);
  results_network_clear(&network);
  return status;
}
