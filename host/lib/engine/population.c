/* The population functions of clfit.h, on top of the backends: assigns slots, checks arguments, launches as many steps
 * as the pace allows, and computes losses in float64. */
#include "base/error.h"
#include "base/strict.h"
#include "config/record.h"
#include "data/data.h"
#include "engine/backend.h"
#include "engine/device.h"
#include "engine/handover.h"
#include "engine/host_check.h"
#include "engine/pace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct slot {
  bool used;
  bool pauses; /* clfit_state.pauses */
  clfit_network network;
  clfit_progress progress;
  struct batch_progress batches;
  uint32_t taken_epoch; /* epochs completed when it was taken */
  double *history;      /* [2][CLFIT_EVERY_CAPACITY], of the samples trained on and of those held out; NULL: none */
  float *exchanged;     /* lent to the backend while it takes the network; else NULL */
  uint32_t first_epoch; /* of history[0], from 1 */
  size_t history_count;
};

struct data_range {
  const clfit_data *data; /* held */
  size_t first, count;    /* in the samples of all data, one after the other */
};

/* What trains the networks of one trainer; made when the first of them is taken. */
struct engine {
  const struct backend *backend; /* NULL: not made yet */
  void *self;
};

struct clfit_population {
  clfit_device *device;
  struct engine engines[TRAINER_COUNT];
  clfit_mode mode;
  const char *wanted; /* mapping; NULL: none in particular */
  uint32_t losses_kept;
  char mapping[16];
  bool history, milestones;
  struct slot *slots; /* [slot_count] */
  size_t slot_count, used_count;
  struct data_range *data; /* [data_count] */
  size_t data_count;
  struct pace pace;
  bool counted; /* pace has counted the networks in training; false after some were taken or given back */
};

/* ---- making and releasing ------------------------------------------------------------------------------------ */

void clfit_population_options_default(clfit_population_options *options)
{
  *options = (clfit_population_options){.size = sizeof *options};
}

static clfit_status choose_mapping(const clfit_device *device, const char *asked, const char **mapping,
                                   clfit_error *error)
{
  *mapping = asked ? asked : device->info.mapping;
  for (const char *const *name = clfit_device_mappings(device); *name; name++)
    if (!strcmp(*name, *mapping)) return CLFIT_OK;
  char names[64] = "";
  for (const char *const *name = clfit_device_mappings(device); *name; name++)
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", *names ? ", " : "", *name);
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "device %s has no mapping \"%s\"; it has %s", device->info.id,
                    *mapping, names);
}

clfit_status clfit_population_create(clfit_device *device, const clfit_population_options *options,
                                     clfit_population **population, clfit_error *error)
{
  clfit_population_options defaults;
  clfit_population_options_default(&defaults);
  if (!options) options = &defaults;
  if (options->size != sizeof *options)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "options are not filled by clfit_population_options_default");
  if (options->history && options->milestones)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "options.history and options.milestones cannot both be set");
  if (options->mode != CLFIT_STRICT && options->mode != CLFIT_FAST)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no arithmetic %d", (int)options->mode);
  const char *mapping;
  clfit_status status = options->mode == CLFIT_STRICT ? clfit_host_check(error) : CLFIT_OK;
  if (!status) status = choose_mapping(device, options->mapping, &mapping, error);
  if (status) return status;
  if (options->mode == CLFIT_FAST && !device->opencl)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "the reference trains in strict mode only, of which it is the specification: leave --mode fast "
                      "out, or choose an OpenCL device");

  struct clfit_population *made = calloc(1, sizeof *made);
  if (!made) return clfit_fail_memory(error);
  made->device = device;
  made->mode = options->mode;
  made->history = options->history;
  made->milestones = options->milestones;
  clfit_pace_begin(&made->pace);
  snprintf(made->mapping, sizeof made->mapping, "%s", mapping);
  made->wanted = options->mapping ? made->mapping : NULL;
  made->losses_kept = options->history      ? CLFIT_LOSSES_EVERY
                      : options->milestones ? CLFIT_LOSSES_MILESTONES
                                            : CLFIT_LOSSES_NONE;
  *population = made;
  return CLFIT_OK;
}

void clfit_population_free(clfit_population *population)
{
  if (!population) return;
  for (size_t i = 0; i < TRAINER_COUNT; i++)
    if (population->engines[i].backend) population->engines[i].backend->free(population->engines[i].self);
  for (size_t i = 0; i < population->slot_count; i++) free(population->slots[i].history);
  for (size_t i = 0; i < population->data_count; i++) clfit_data_free((clfit_data *)population->data[i].data);
  free(population->slots);
  free(population->data);
  free(population);
}

const char *clfit_population_mapping(const clfit_population *population)
{
  return population->mapping;
}

/* ---- engines and their samples ------------------------------------------------------------------------------- */

static clfit_status add_to_engine(const struct engine *engine, const struct data_range *range, clfit_error *error)
{
  const struct samples_added samples = {.first = range->first,
                                        .count = range->count,
                                        .x = clfit_data_x_float(range->data),
                                        .y = clfit_data_y_float(range->data),
                                        .weights = clfit_data_weights_float(range->data)};
  return engine->backend->add_data(engine->self, &samples, error);
}

static clfit_status make_engine(const clfit_population *population, enum trainer trainer, struct engine *engine,
                                clfit_error *error)
{
  struct opencl_device *device = population->device->opencl;
  const uint32_t losses_kept = population->losses_kept;
  const bool least_squares = trainer == TRAINER_LEAST_SQUARES;
  if (!device || (least_squares && !population->device->info.float64)) {
    engine->backend = &clfit_reference_backend;
    return clfit_reference_create(losses_kept, &engine->self, error);
  }
  engine->backend = least_squares ? &clfit_opencl_lm_backend : &clfit_opencl_backend;
  return least_squares
             ? clfit_opencl_lm_create(device, population->wanted, losses_kept, &engine->self, error)
             : clfit_opencl_create(device, population->wanted, population->mode, losses_kept, &engine->self, error);
}

/* Makes the engine of a trainer, with all samples that were added, unless it exists. */
static clfit_status need_engine(clfit_population *population, enum trainer trainer, clfit_error *error)
{
  struct engine made = {NULL, NULL};
  if (population->engines[trainer].backend) return CLFIT_OK;
  clfit_status status = make_engine(population, trainer, &made, error);
  if (status) return status;
  for (size_t i = 0; i < population->data_count && !status; i++)
    status = add_to_engine(&made, &population->data[i], error);
  if (status)
    made.backend->free(made.self);
  else
    population->engines[trainer] = made;
  return status;
}

static const struct engine *engine_of(const clfit_population *population, uint32_t slot)
{
  return &population->engines[clfit_trainer_of(&population->slots[slot].network)];
}

/* Number of slots from slots[0] on, at most n, that have the same engine. */
static size_t same_engine(const clfit_population *population, size_t n, const uint32_t *slots)
{
  size_t count = 1;
  while (count < n && engine_of(population, slots[count]) == engine_of(population, slots[0])) count++;
  return count;
}

clfit_status clfit_population_add_data(clfit_population *population, const clfit_data *data, uint32_t *index,
                                       clfit_error *error)
{
  size_t count = population->data_count;
  struct data_range last = count ? population->data[count - 1] : (struct data_range){0};
  struct data_range range = {.data = data, .first = last.first + last.count, .count = clfit_data_count(data)};
  if (range.count > UINT32_MAX - range.first)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a population holds at most %u samples in all", UINT32_MAX);
  struct data_range *ranges = realloc(population->data, (count + 1) * sizeof *ranges);
  if (!ranges) return clfit_fail_memory(error);
  population->data = ranges;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < TRAINER_COUNT && !status; i++)
    if (population->engines[i].backend) status = add_to_engine(&population->engines[i], &range, error);
  if (status) return status;
  clfit_data_hold(data);
  ranges[count] = range;
  population->data_count = count + 1;
  *index = (uint32_t)count;
  return CLFIT_OK;
}

/* ---- take ---------------------------------------------------------------------------------------------------- */

static clfit_status check_trainer(const clfit_population *population, const clfit_network *network, clfit_error *error)
{
  if (clfit_trainer_of(network) != TRAINER_LEAST_SQUARES) return CLFIT_OK;
  if (population->mode != CLFIT_STRICT)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "the optimizer lm trains in strict mode only: leave --mode fast out");
  return CLFIT_OK;
}

/* Samples that are held out are the data's last ones, and so the network's. */
static clfit_status check_held_out(const clfit_network *network, const clfit_data *data, clfit_error *error)
{
  const size_t held = clfit_network_held_out(network), there = clfit_data_held_out(data);
  if (held == there && (held == 0 || network->samples == clfit_data_count(data))) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                    "a network holds out %zu of %u samples, but its data set %zu of %zu (clfit_data_split)", held,
                    network->samples, there, clfit_data_count(data));
}

static clfit_status check_state(const clfit_population *population, const clfit_state *state, uint32_t data,
                                clfit_error *error)
{
  if (state->size != sizeof *state || !state->parameters)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "a state was not made by clfit_state_init, _copy or clfit_model_load");
  clfit_status status = clfit_network_check(&state->network, error);
  if (status) return status;
  if (data >= population->data_count)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no data %u in this population", data);
  if (state->network.samples > population->data[data].count)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "a network is configured for %u samples, but its data set has only %zu", state->network.samples,
                      population->data[data].count);
  status = check_held_out(&state->network, population->data[data].data, error);
  if (status) return status;
  status = check_trainer(population, &state->network, error);
  if (!status && clfit_data_weights(population->data[data].data))
    status = clfit_network_check_weights(&state->network, error);
  if (status) return status;
  const clfit_network *network = &state->network;
  const clfit_progress *at = &state->progress;
  if (clfit_counter_count(network) &&
      !clfit_counters_are_possible(network, at->epoch, state->parameters + clfit_counters_begin(network)) &&
      at->status != CLFIT_TRAINING_DIVERGED)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the counters of a state cannot be those of a training");
  if (!clfit_sets_are_possible(network, state->parameters))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a state has a negative mean of squares");
  bool mid_epoch_after_end = at->epoch == state->network.epochs && at->sample > 0;
  if ((unsigned)at->status > CLFIT_TRAINING_DIVERGED)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a state's status is %d", (int)at->status);
  if (at->epoch > state->network.epochs || at->sample >= clfit_network_trained(network) || mid_epoch_after_end)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "a state's progress (epoch %u, sample %u) is beyond the end of its training", at->epoch,
                      at->sample);
  return CLFIT_OK;
}

/* Picks n free slots, growing the table when it has too few. */
static clfit_status pick_slots(clfit_population *population, size_t n, uint32_t *slots, clfit_error *error)
{
  size_t count = population->used_count + n;
  if (count > UINT32_MAX)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a population holds at most %u networks", UINT32_MAX);
  if (count > population->slot_count) {
    struct slot *grown = realloc(population->slots, count * sizeof *grown);
    if (!grown) return clfit_fail_memory(error);
    memset(grown + population->slot_count, 0, (count - population->slot_count) * sizeof *grown);
    population->slots = grown;
    population->slot_count = count;
  }
  for (size_t slot = 0, i = 0; i < n; slot++)
    if (!population->slots[slot].used) slots[i++] = (uint32_t)slot;
  return CLFIT_OK;
}

/* Hands networks to their engines. After a failure no engine has any of them. */
static clfit_status take_by_engine(clfit_population *population, size_t n, const struct incoming *incoming,
                                   const uint32_t *slots, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  size_t taken = 0;
  while (taken < n && !status) {
    const size_t count = same_engine(population, n - taken, slots + taken);
    const struct engine *engine = engine_of(population, slots[taken]);
    status = need_engine(population, clfit_trainer_of(&population->slots[slots[taken]].network), error);
    if (!status) status = engine->backend->take(engine->self, count, incoming + taken, error);
    if (!status) taken += count;
  }
  for (size_t i = 0; status && i < taken;) {
    const size_t count = same_engine(population, taken - i, slots + i);
    const struct engine *engine = engine_of(population, slots[i]);
    engine->backend->drop(engine->self, count, slots + i);
    i += count;
  }
  return status;
}

static clfit_status occupy_slot(clfit_population *population, uint32_t slot, const clfit_state *state,
                                clfit_error *error)
{
  struct slot *slot_data = &population->slots[slot];
  if (population->history && !slot_data->history) {
    slot_data->history = malloc(2 * CLFIT_EVERY_CAPACITY * sizeof *slot_data->history);
    if (!slot_data->history) return clfit_fail_memory(error);
  }
  slot_data->network = state->network;
  slot_data->pauses = state->pauses;
  slot_data->progress = state->progress;
  slot_data->progress.status = (clfit_training)clfit_status_to_start_with(state);
  if (clfit_counter_count(&state->network))
    slot_data->batches = clfit_counters_read(state->parameters + clfit_counters_begin(&state->network));
  slot_data->taken_epoch = state->progress.epoch;
  slot_data->first_epoch = state->progress.epoch + 1;
  slot_data->history_count = 0;
  return CLFIT_OK;
}

clfit_status clfit_population_take(clfit_population *population, size_t n, const clfit_state *const *states,
                                   const uint32_t *data, uint32_t *slots, clfit_error *error)
{
  struct incoming *incoming = NULL;
  clfit_status status = CLFIT_OK;
  if (n == 0) return CLFIT_OK;
  for (size_t i = 0; i < n && !status; i++) status = check_state(population, states[i], data[i], error);
  if (status) goto out;
  status = pick_slots(population, n, slots, error);
  if (status) goto out;
  incoming = calloc(n, sizeof *incoming);
  if (!incoming) {
    status = clfit_fail_memory(error);
    goto out;
  }
  for (size_t i = 0; i < n && !status; i++) {
    const struct data_range *range = &population->data[data[i]];
    incoming[i] = clfit_incoming(states[i], slots[i], range->data, range->first);
    status = occupy_slot(population, slots[i], states[i], error);
    if (!status)
      status = clfit_incoming_exchange(states[i], &incoming[i], &population->slots[slots[i]].exchanged, error);
  }
  if (!status) status = take_by_engine(population, n, incoming, slots, error);
  for (size_t i = 0; i < n; i++) {
    free(population->slots[slots[i]].exchanged);
    population->slots[slots[i]].exchanged = NULL;
  }
  if (status) goto out;
  for (size_t i = 0; i < n; i++) population->slots[slots[i]].used = true;
  population->counted = false;
  population->pace.taken_since += n;
  population->used_count += n;
out:
  free(incoming);
  return status;
}

/* ---- advance ------------------------------------------------------------------------------------------------- */

static double seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool is_running(const struct slot *slot)
{
  return slot->used && slot->progress.status == CLFIT_TRAINING_RUNNING;
}

/* Limits the steps so that at most CLFIT_EVERY_CAPACITY epochs of each network end in the launch; one less is allowed
 * for whole epochs, because the first epoch may be partly trained already. */
static uint32_t limit_steps(const clfit_population *population, uint32_t steps)
{
  if (!population->history) return steps;
  for (size_t i = 0; i < population->slot_count; i++) {
    uint64_t most = (uint64_t)(CLFIT_EVERY_CAPACITY - 1) * clfit_epoch_steps(&population->slots[i].network);
    if (is_running(&population->slots[i]) && steps > most) steps = (uint32_t)most;
  }
  return steps;
}

/* Samples whose loss the engine gives beside that of the others. Least squares leaves samples held out to its
 * caller. */
static uint32_t held_samples(const clfit_network *network)
{
  return clfit_trainer_of(network) == TRAINER_GRADIENT ? network->samples - clfit_network_trained(network) : 0;
}

/* Half the mean squared error. */
static double loss_of_pair(const float *pair, uint32_t samples)
{
  const double loss = 0.5 * ((double)pair[0] + (double)pair[1]) / samples;
  return isnan(loss) ? (double)NAN : loss;
}

/* Updates a slot's progress and history from the backend after a launch. */
static void read_progress(clfit_population *population, uint32_t slot)
{
  struct slot *slot_data = &population->slots[slot];
  const struct engine *engine = engine_of(population, slot);
  const struct network_progress *on_device = engine->backend->progress(engine->self, slot);
  clfit_progress now = clfit_progress_from(&slot_data->network, on_device);
  slot_data->batches = on_device->batches;
  slot_data->first_epoch = slot_data->progress.epoch + 1;
  slot_data->history_count = 0;
  if (population->history) {
    const float *losses = engine->backend->losses(engine->self, slot);
    const uint32_t trained = clfit_network_trained(&slot_data->network), held = held_samples(&slot_data->network);
    slot_data->history_count = now.epoch - slot_data->progress.epoch;
    for (size_t i = 0; i < slot_data->history_count; i++) {
      slot_data->history[i] = loss_of_pair(losses + 2 * i, trained);
      if (held)
        slot_data->history[CLFIT_EVERY_CAPACITY + i] = loss_of_pair(losses + 2 * (CLFIT_EVERY_CAPACITY + i), held);
    }
  }
  slot_data->progress = now;
}

static void count_running(clfit_population *population)
{
  clfit_pace_count_none(&population->pace);
  for (size_t i = 0; i < population->slot_count; i++)
    if (is_running(&population->slots[i])) clfit_pace_count(&population->pace, &population->slots[i].network);
  population->counted = true;
}

/* Updates the slots of all running networks after a launch, and counts those that still run, in one pass: the slots of
 * many networks are larger than the caches. Returns the number of neuron updates in the launch. */
static double read_all_progress(clfit_population *population)
{
  double work = 0.0;
  clfit_pace_count_none(&population->pace);
  for (size_t i = 0; i < population->slot_count; i++) {
    struct slot *slot = &population->slots[i];
    if (!is_running(slot)) continue;
    uint64_t before = clfit_progress_steps(&slot->progress, clfit_epoch_steps(&slot->network));
    read_progress(population, (uint32_t)i);
    uint64_t after = clfit_progress_steps(&slot->progress, clfit_epoch_steps(&slot->network));
    work += (double)(after - before) * clfit_pace_work(&slot->network);
    if (is_running(slot)) clfit_pace_count(&population->pace, &slot->network);
  }
  return work;
}

clfit_status clfit_population_advance(clfit_population *population, uint32_t steps, size_t *running, clfit_error *error)
{
  for (size_t i = 0; population->history && i < population->slot_count; i++) {
    population->slots[i].first_epoch = population->slots[i].progress.epoch + 1;
    population->slots[i].history_count = 0;
  }
  if (!population->counted) count_running(population);
  if (population->pace.count > 0) {
    double start = seconds_now();
    uint32_t cut = limit_steps(population, steps ? steps : clfit_pace_steps(&population->pace));
    clfit_status status = CLFIT_OK;
    for (size_t i = 0; i < TRAINER_COUNT && !status; i++)
      if (population->engines[i].backend)
        status = population->engines[i].backend->advance(population->engines[i].self, cut, error);
    if (status) return status;
    const double updates = read_all_progress(population);
    clfit_pace_measured(&population->pace, updates, seconds_now() - start);
  }
  if (running) *running = population->pace.count;
  return CLFIT_OK;
}

const clfit_progress *clfit_population_progress(const clfit_population *population, uint32_t slot)
{
  return &population->slots[slot].progress;
}

const double *clfit_population_history(const clfit_population *population, uint32_t slot, uint32_t *first_epoch,
                                       size_t *count)
{
  const struct slot *slot_data = &population->slots[slot];
  *first_epoch = slot_data->first_epoch;
  *count = slot_data->history_count;
  return slot_data->history;
}

const double *clfit_population_held_history(const clfit_population *population, uint32_t slot)
{
  const struct slot *slot_data = &population->slots[slot];
  const bool any = slot_data->history && held_samples(&slot_data->network);
  return any ? slot_data->history + CLFIT_EVERY_CAPACITY : NULL;
}

/* ---- milestones, evaluate and give --------------------------------------------------------------------------- */

static clfit_status check_slots(const clfit_population *population, size_t n, const uint32_t *slots, clfit_error *error)
{
  for (size_t i = 0; i < n; i++)
    if (slots[i] >= population->slot_count || !population->slots[slots[i]].used)
      return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no network in slot %u", slots[i]);
  return CLFIT_OK;
}

static clfit_status check_distinct(clfit_population *population, size_t n, const uint32_t *slots, clfit_error *error)
{
  size_t distinct = 0;
  for (; distinct < n && population->slots[slots[distinct]].used; distinct++)
    population->slots[slots[distinct]].used = false;
  for (size_t i = 0; i < distinct; i++) population->slots[slots[i]].used = true;
  if (distinct == n) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "slot %u is named twice", slots[distinct]);
}

static void name_milestones(const struct slot *slot, const float *pairs, clfit_milestones *milestones)
{
  const uint32_t held = held_samples(&slot->network);
  milestones->count = 0;
  for (uint32_t index = 0; index < CLFIT_MILESTONES_MAX; index++) {
    const uint64_t power = (uint64_t)1 << ((index + 1) / 2); /* 1 | 2 3 | 4 6 | 8 12 ...: 2^k, then 3/2 of it */
    const uint64_t epoch = index > 0 && index % 2 == 0 ? 3 * (power / 2) : power;
    if (epoch > slot->progress.epoch) return;
    if (epoch <= slot->taken_epoch) continue;
    milestones->epochs[milestones->count] = (uint32_t)epoch;
    milestones->held[milestones->count] = held ? loss_of_pair(pairs + 2 * (CLFIT_MILESTONES_MAX + index), held) : NAN;
    milestones->losses[milestones->count++] = loss_of_pair(pairs + 2 * index, clfit_network_trained(&slot->network));
  }
}

clfit_status clfit_population_milestones(clfit_population *population, size_t n, const uint32_t *slots,
                                         clfit_milestones *milestones, clfit_error *error)
{
  if (!population->milestones)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the population was made without options.milestones");
  clfit_status status = check_slots(population, n, slots, error);
  if (status || n == 0) return status;
  float *pairs = calloc(n, 4 * CLFIT_MILESTONES_MAX * sizeof *pairs);
  if (!pairs) return clfit_fail_memory(error);
  for (size_t i = 0, count; i < n && !status; i += count) {
    const struct engine *engine = engine_of(population, slots[i]);
    count = same_engine(population, n - i, slots + i);
    status = engine->backend->milestones(engine->self, count, slots + i, pairs + i * 4 * CLFIT_MILESTONES_MAX, error);
  }
  for (size_t i = 0; i < n && !status; i++)
    name_milestones(&population->slots[slots[i]], pairs + i * 4 * CLFIT_MILESTONES_MAX, &milestones[i]);
  free(pairs);
  return status;
}

static bool is_diverged(const clfit_population *population, uint32_t slot)
{
  return population->slots[slot].progress.status == CLFIT_TRAINING_DIVERGED;
}

clfit_status clfit_population_evaluate(clfit_population *population, size_t n, const uint32_t *slots, size_t n_x,
                                       const double *x, float *z, clfit_error *error)
{
  clfit_status status = check_slots(population, n, slots, error);
  if (status || n == 0 || n_x == 0) return status;
  float *rounded = n_x <= SIZE_MAX / sizeof *rounded ? malloc(n_x * sizeof *rounded) : NULL;
  if (!rounded) return clfit_fail_memory(error);
  for (size_t k = 0; k < n_x; k++) rounded[k] = (float)x[k];
  for (size_t i = 0, count; i < n && !status; i += count) {
    const struct engine *engine = engine_of(population, slots[i]);
    count = same_engine(population, n - i, slots + i);
    status = engine->backend->evaluate(engine->self, count, slots + i, n_x, rounded, z + i * n_x, error);
  }
  free(rounded);
  if (status) return status;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n_x; k++)
      z[i * n_x + k] = is_diverged(population, slots[i]) ? NAN : clfit_one_nan(z[i * n_x + k]);
  return CLFIT_OK;
}

/* What give hands out of one slot. */
struct given {
  float **records;  /* [n] */
  double **precise; /* [n], NULL for networks without float64 values */
};

/* Whether a network has float64 values to go on with (if its optimizer has any). */
static bool has_precise(const struct slot *slot)
{
  const bool paused = slot->pauses && slot->progress.status == CLFIT_TRAINING_DONE;
  return slot->progress.epoch > 0 && (is_running(slot) || paused);
}

static clfit_status make_given(const clfit_population *population, size_t n, const uint32_t *slots, struct given *given,
                               clfit_error *error)
{
  given->records = calloc(n, sizeof *given->records);
  given->precise = calloc(n, sizeof *given->precise);
  if (!given->records || !given->precise) return clfit_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    const struct slot *slot = &population->slots[slots[i]];
    const size_t precise = has_precise(slot) ? clfit_precise_count(&slot->network) : 0;
    given->records[i] = malloc(clfit_record_count(&slot->network) * sizeof(float));
    if (precise) given->precise[i] = malloc(precise * sizeof(double));
    if (!given->records[i] || (precise && !given->precise[i])) return clfit_fail_memory(error);
  }
  return CLFIT_OK;
}

/* Frees the arrays, and what is in them unless it was handed out. */
static void free_given(size_t n, struct given *given, bool handed_out)
{
  for (size_t i = 0; i < n && !handed_out; i++) {
    if (given->records) free(given->records[i]);
    if (given->precise) free(given->precise[i]);
  }
  free(given->records);
  free(given->precise);
}

static clfit_status give_by_engine(const clfit_population *population, size_t n, const uint32_t *slots,
                                   const struct given *given, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0, count; i < n && !status; i += count) {
    const struct engine *engine = engine_of(population, slots[i]);
    count = same_engine(population, n - i, slots + i);
    status = engine->backend->give(engine->self, count, slots + i, given->records + i, given->precise + i, error);
  }
  return status;
}

clfit_status clfit_population_give(clfit_population *population, size_t n, const uint32_t *slots, clfit_state *states,
                                   clfit_error *error)
{
  struct given given = {NULL, NULL};
  clfit_status status = check_slots(population, n, slots, error);
  if (!status) status = check_distinct(population, n, slots, error);
  if (status || n == 0) return status;
  status = make_given(population, n, slots, &given, error);
  if (!status) status = give_by_engine(population, n, slots, &given, error);
  for (size_t i = 0; i < n && !status; i++) {
    struct slot *slot = &population->slots[slots[i]];
    states[i] = clfit_state_from(&slot->network, slot->progress, &slot->batches, given.records[i], given.precise[i]);
    slot->used = false;
    population->counted = false;
  }
  if (!status) population->used_count -= n;
  free_given(n, &given, status == CLFIT_OK);
  return status;
}
