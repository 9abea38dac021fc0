/*
 * What a population hands to a backend and gets back, as the user has it (clfit_state) and as backends have it (struct
 * incoming, the record, struct network_progress).
 */
#include "engine/handover.h"

#include "base/error.h"
#include "config/record.h"
#include "levenberg_marquardt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The kernels' constants and those of the public header say the same. */
_Static_assert(LM_HIDDEN_MAX == CLFIT_LM_HIDDEN_MAX, "the largest hidden layer of least squares");
_Static_assert(LM_CONVERGED - LM_LOSS_TOLERANCE == CLFIT_STOP_CONVERGED &&
                   LM_FLAT - LM_LOSS_TOLERANCE == CLFIT_STOP_FLAT && LM_DAMPED - LM_LOSS_TOLERANCE == CLFIT_STOP_DAMPED,
               "the reasons why a training stopped");

enum trainer clfit_trainer_of(const clfit_network *network)
{
  return clfit_optimizer_get(network->optimizer)->trainer;
}

uint32_t clfit_epoch_steps(const clfit_network *network)
{
  return clfit_trainer_of(network) == TRAINER_GRADIENT ? clfit_network_trained(network) : 1;
}

/* ---- to a backend -------------------------------------------------------------------------------------------- */

static struct network_progress to_device(const clfit_progress *progress)
{
  return (struct network_progress){.status = (uint32_t)progress->status,
                                   .epoch = progress->epoch,
                                   .sample = progress->sample,
                                   .block_loss = progress->block_loss,
                                   .loss_high = progress->loss_high,
                                   .loss_low = progress->loss_low,
                                   .last_loss_high = progress->last_loss_high,
                                   .last_loss_low = progress->last_loss_low};
}

uint32_t clfit_status_to_start_with(const clfit_state *state)
{
  const clfit_progress *at = &state->progress;
  bool ended = at->status == CLFIT_TRAINING_STOPPED || at->status == CLFIT_TRAINING_DIVERGED;
  if (ended) return (uint32_t)at->status;
  return at->epoch < state->network.epochs ? CLFIT_TRAINING : CLFIT_DONE;
}

static struct network_task make_task(const clfit_network *network, size_t first)
{
  const uint32_t trained = clfit_network_trained(network);
  return (struct network_task){.hidden = network->hidden,
                               .samples = trained,
                               .epochs = network->epochs,
                               .first = (uint32_t)first,
                               .loss_tolerance = (float)(2.0 * trained * network->tol),
                               .rate = (float)network->rate,
                               .batches = clfit_batch_task(network)};
}

size_t clfit_counters_begin(const clfit_network *network)
{
  return clfit_record_count(network) - clfit_counter_count(network);
}

struct incoming clfit_incoming(const clfit_state *state, uint32_t slot, const clfit_data *data, size_t first)
{
  const clfit_network *network = &state->network;
  struct incoming incoming = {
      .slot = slot,
      .activation = network->activation,
      .optimizer = network->optimizer,
      .plain = clfit_network_is_plain(network),
      .plain_steps = clfit_network_has_plain_steps(network),
      .task = make_task(network, first),
      .progress = to_device(&state->progress),
      .samples = {clfit_data_x_float(data), clfit_data_y_float(data), clfit_data_weights_float(data)},
      .pauses = state->pauses,
      .record = state->parameters,
      .record_count = clfit_record_count(network),
      .precise = state->precise};
  incoming.progress.status = clfit_status_to_start_with(state);
  if (clfit_counter_count(network))
    incoming.progress.batches = clfit_counters_read(state->parameters + clfit_counters_begin(network));
  return incoming;
}

clfit_status clfit_incoming_exchange(const clfit_state *state, struct incoming *incoming, float **copy,
                                     clfit_error *error)
{
  const bool ended = state->progress.status != CLFIT_TRAINING_RUNNING;
  const bool ends = incoming->progress.status != CLFIT_TRAINING;
  *copy = NULL;
  if (ended == ends || incoming->progress.batches.best_epoch == 0) return CLFIT_OK;
  *copy = malloc(incoming->record_count * sizeof **copy);
  if (!*copy) return clfit_fail_memory(error);
  memcpy(*copy, state->parameters, incoming->record_count * sizeof **copy);
  clfit_record_exchange(&state->network, *copy);
  incoming->record = *copy;
  return CLFIT_OK;
}

/* ---- from a backend ------------------------------------------------------------------------------------------ */

float clfit_one_nan(float value)
{
  return isnan(value) ? NAN : value;
}

clfit_progress clfit_progress_from(const clfit_network *network, const struct network_progress *progress)
{
  const bool gradient = clfit_trainer_of(network) == TRAINER_GRADIENT, stopped = progress->status == CLFIT_STOPPED;
  const uint32_t reason = gradient ? progress->sample : progress->sample - LM_LOSS_TOLERANCE;
  return (clfit_progress){.status = (clfit_training)progress->status,
                          .stopped_by = stopped ? (clfit_stop)reason : CLFIT_STOP_TOL,
                          .epoch = progress->epoch,
                          .sample = gradient && !stopped ? progress->sample : 0,
                          .block_loss = clfit_one_nan(progress->block_loss),
                          .loss_high = clfit_one_nan(progress->loss_high),
                          .loss_low = clfit_one_nan(progress->loss_low),
                          .last_loss_high = clfit_one_nan(progress->last_loss_high),
                          .last_loss_low = clfit_one_nan(progress->last_loss_low)};
}

static bool is_finite(size_t count, const float *values)
{
  for (size_t k = 0; k < count; k++)
    if (!isfinite(values[k])) return false;
  return true;
}

/*
 * A network that has ended with a parameter that is not finite has diverged, although its errors were finite (the
 * activation's argument is clamped). This is judged at the end alone, so that it costs training nothing; a parameter
 * that is not finite stays so, and launches may be cut anywhere. What counts as the sample is the last one; the losses
 * of the epoch before are not known.
 */
static void judge_parameters(const clfit_network *network, const float *parameters, clfit_progress *progress)
{
  const bool ended = progress->status == CLFIT_TRAINING_DONE || progress->status == CLFIT_TRAINING_STOPPED;
  if (!ended || progress->epoch == 0 || is_finite(clfit_parameter_count(network->hidden), parameters)) return;
  *progress = (clfit_progress){.status = CLFIT_TRAINING_DIVERGED,
                               .epoch = progress->epoch - 1,
                               .sample = clfit_epoch_steps(network) - 1,
                               .last_loss_high = NAN,
                               .last_loss_low = NAN};
}

clfit_state clfit_state_from(const clfit_network *network, clfit_progress progress,
                             const struct batch_progress *batches, float *record, double *precise)
{
  const size_t count = clfit_record_count(network);
  if (clfit_counter_count(network)) clfit_counters_write(batches, record + clfit_counters_begin(network));
  judge_parameters(network, record, &progress);
  const bool diverged = progress.status == CLFIT_TRAINING_DIVERGED;
  for (size_t k = 0; k < count; k++) record[k] = diverged ? NAN : clfit_one_nan(record[k]);
  if (diverged) {
    free(precise);
    precise = NULL;
  }
  return (clfit_state){
      .size = sizeof(clfit_state), .network = *network, .progress = progress, .parameters = record, .precise = precise};
}
