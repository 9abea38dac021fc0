#include "config/batches.h"

#include "config/record.h"

#include <assert.h>
#include <math.h>

_Static_assert(CLFIT_SHUFFLED_NONE == CLFIT_SHUFFLE_NONE && CLFIT_SHUFFLED_EPOCH == CLFIT_SHUFFLE_EPOCH &&
                   CLFIT_SHUFFLED_ONCE == CLFIT_SHUFFLE_ONCE,
               "the public constants are those of the kernels");
_Static_assert(CLFIT_FIGURE_OF_TRAIN == CLFIT_FIGURE_TRAIN && CLFIT_FIGURE_OF_ALL == CLFIT_FIGURE_ALL &&
                   CLFIT_FIGURE_OF_HELD == CLFIT_FIGURE_HELD,
               "the public constants are those of the kernels");
_Static_assert(CLFIT_SCHEDULED_CONSTANT == CLFIT_SCHEDULE_CONSTANT &&
                   CLFIT_SCHEDULED_GEOMETRIC == CLFIT_SCHEDULE_GEOMETRIC &&
                   CLFIT_SCHEDULED_STEP == CLFIT_SCHEDULE_STEP && CLFIT_SCHEDULED_COSINE == CLFIT_SCHEDULE_COSINE &&
                   CLFIT_SCHEDULED_WARMUP == CLFIT_SCHEDULE_WARMUP,
               "the public constants are those of the kernels");
_Static_assert(CLFIT_STOPPED_BY_TOLERANCE == CLFIT_STOP_TOL && CLFIT_STOPPED_BY_LOSS == CLFIT_STOP_LOSS &&
                   CLFIT_STOPPED_BY_PATIENCE == CLFIT_STOP_PATIENCE,
               "the reasons why a training stopped");

/* ---- what a configuration asks for --------------------------------------------------------------------------- */

uint32_t clfit_network_batch(const clfit_network *network)
{
  const uint32_t trained = clfit_network_trained(network);
  return network->batch == 0 || network->batch > trained ? trained : network->batch;
}

static bool is_gradient(const clfit_network *network)
{
  return clfit_optimizer_get(network->optimizer)->trainer == TRAINER_GRADIENT;
}

/* Numbers that are 0 in float32 are 0. */
bool clfit_network_has_plain_steps(const clfit_network *network)
{
  return network->optimizer == CLFIT_SGD && clfit_network_batch(network) == 1 && !((float)network->weight_decay > 0) &&
         !((float)network->clip > 0);
}

bool clfit_network_is_plain(const clfit_network *network)
{
  return clfit_network_has_plain_steps(network) && network->shuffle == CLFIT_SHUFFLED_NONE && network->schedule == 0 &&
         clfit_network_trained(network) == network->samples && !(network->stop_loss > 0) && network->patience == 0;
}

bool clfit_network_keeps_gradient(const clfit_network *network)
{
  return is_gradient(network) && clfit_network_batch(network) > 1;
}

bool clfit_network_keeps_best(const clfit_network *network)
{
  return is_gradient(network) && network->patience > 0;
}

uint32_t clfit_counter_count(const clfit_network *network)
{
  return is_gradient(network) && !clfit_network_is_plain(network) ? CLFIT_COUNTER_COUNT : 0;
}

struct batch_task clfit_batch_task(const clfit_network *network)
{
  const clfit_schedule schedule = clfit_schedule_decode(network->schedule);
  const uint32_t trained = clfit_network_trained(network), held = network->samples - trained;
  const uint32_t compared = network->stop_on == CLFIT_FIGURE_OF_HELD ? held : trained;
  return (struct batch_task){.batch = clfit_network_batch(network),
                             .shuffle = network->shuffle,
                             .seed = network->seed,
                             .schedule = schedule.kind,
                             .schedule_epochs = schedule.epochs,
                             .schedule_factor = schedule.factor,
                             .held = held,
                             .stop_on = network->stop_on,
                             .stop_loss = (float)(2.0 * compared * network->stop_loss),
                             .patience = network->patience,
                             .patience_on = network->patience_on,
#define ROUND_NUMBER(name) .name = (float)network->name,
                             CLFIT_RULE_NUMBERS(ROUND_NUMBER)};
}

/* ---- counters ------------------------------------------------------------------------------------------------ */

enum {
  BIAS1,
  BIAS2,
  FACTOR,
  ALL_HIGH,
  ALL_LOW,
  HELD_HIGH,
  HELD_LOW,
  BEST_HIGH,
  BEST_LOW,
  EPOCH_HIGH,
  EPOCH_LOW,
  COUNTERS
};
_Static_assert(COUNTERS == CLFIT_COUNTER_COUNT, "a counter for each name");

static const char *const names[COUNTERS] = {[BIAS1] = "bias1",
                                            [BIAS2] = "bias2",
                                            [FACTOR] = "rate_factor",
                                            [ALL_HIGH] = "all_high",
                                            [ALL_LOW] = "all_low",
                                            [HELD_HIGH] = "held_high",
                                            [HELD_LOW] = "held_low",
                                            [BEST_HIGH] = "best_high",
                                            [BEST_LOW] = "best_low",
                                            [EPOCH_HIGH] = "best_epoch_high",
                                            [EPOCH_LOW] = "best_epoch_low"};

const char *clfit_counter_name(size_t index)
{
  return index < COUNTERS ? names[index] : NULL;
}

/* The epoch in two parts, because not every integer above 2^24 is a float. */
void clfit_counters_write(const struct batch_progress *at, float *counters)
{
  const float values[COUNTERS] = {[BIAS1] = at->bias1,
                                  [BIAS2] = at->bias2,
                                  [FACTOR] = at->factor,
                                  [ALL_HIGH] = at->all_high,
                                  [ALL_LOW] = at->all_low,
                                  [HELD_HIGH] = at->held_high,
                                  [HELD_LOW] = at->held_low,
                                  [BEST_HIGH] = at->best_high,
                                  [BEST_LOW] = at->best_low,
                                  [EPOCH_HIGH] = (float)(at->best_epoch >> 16),
                                  [EPOCH_LOW] = (float)(at->best_epoch & 0xffffu)};
  for (int i = 0; i < COUNTERS; i++) counters[i] = isnan(values[i]) ? NAN : values[i];
}

static bool is_half_word(float value)
{
  return value >= 0.0f && value <= 65535.0f && value == floorf(value);
}

/* 0 also for what is no epoch: NaN after a divergence. */
static uint32_t best_epoch(const float *counters)
{
  if (!is_half_word(counters[EPOCH_HIGH]) || !is_half_word(counters[EPOCH_LOW])) return 0;
  return ((uint32_t)counters[EPOCH_HIGH] << 16) + (uint32_t)counters[EPOCH_LOW];
}

struct batch_progress clfit_counters_read(const float *counters)
{
  return (struct batch_progress){.bias1 = counters[BIAS1],
                                 .bias2 = counters[BIAS2],
                                 .factor = counters[FACTOR],
                                 .all_high = counters[ALL_HIGH],
                                 .all_low = counters[ALL_LOW],
                                 .held_high = counters[HELD_HIGH],
                                 .held_low = counters[HELD_LOW],
                                 .best_high = counters[BEST_HIGH],
                                 .best_low = counters[BEST_LOW],
                                 .best_epoch = best_epoch(counters)};
}

static bool is_share(float value)
{
  return value >= 0.0f && value <= 1.0f;
}

bool clfit_counters_are_possible(const clfit_network *network, uint32_t epoch, const float *counters)
{
  const uint32_t best = best_epoch(counters), most = clfit_network_keeps_best(network) ? epoch : 0;
  return is_share(counters[BIAS1]) && is_share(counters[BIAS2]) && is_share(counters[FACTOR]) &&
         is_half_word(counters[EPOCH_HIGH]) && is_half_word(counters[EPOCH_LOW]) && best <= most;
}

double clfit_state_held_loss(const clfit_state *state)
{
  const clfit_network *network = &state->network;
  const uint32_t held = network->samples - clfit_network_trained(network);
  const bool known = state->progress.epoch > 0 && state->progress.status != CLFIT_TRAINING_DIVERGED;
  if (!clfit_counter_count(network) || held == 0 || !known) return NAN;
  const float *counters = state->parameters + clfit_record_count(network) - COUNTERS;
  return 0.5 * ((double)counters[HELD_HIGH] + (double)counters[HELD_LOW]) / held;
}

uint32_t clfit_state_best_epoch(const clfit_state *state)
{
  if (!clfit_network_keeps_best(&state->network) || state->progress.status == CLFIT_TRAINING_DIVERGED) return 0;
  return clfit_counters_read(state->parameters + clfit_record_count(&state->network) - COUNTERS).best_epoch;
}
