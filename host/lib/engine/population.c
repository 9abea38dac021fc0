/* The population functions of clfit.h, on top of one of the backends: assigns slots, checks arguments, chooses the
 * number of steps per launch, and computes losses in float64. */
#include "base/error.h"
#include "engine/backend.h"
#include "engine/device.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Target duration of a launch: long compared with its overhead (about 10 us), short enough for showing progress,
 * reacting to Ctrl-C and not triggering the watchdog of a GPU that drives a display. */
#define LAUNCH_SECONDS   0.05
#define LAUNCH_STEPS_MAX (1u << 30)
/* assumed speed before the first measurement, in neuron updates per second: lower than that of any device */
#define FIRST_SPEED 1e8

struct slot {
  bool used;
  clfit_network network;
  clfit_progress progress;
  uint32_t taken_epoch; /* epochs completed when it was taken */
  double *history;      /* [CLFIT_EVERY_CAPACITY], NULL without a history */
  uint32_t first_epoch; /* of history[0], from 1 */
  size_t history_count;
};

struct data_range {
  size_t first, count; /* in the samples of all data, one after the other */
  bool weighted;
};

struct clfit_population {
  const struct backend *backend;
  void *self;
  char mapping[16];
  bool history, milestones;
  struct slot *slots; /* [slot_count] */
  size_t slot_count, used_count;
  struct data_range *data; /* [data_count] */
  size_t data_count;
  double speed; /* neuron updates a second in the last launch */
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
  clfit_status status = choose_mapping(device, options->mapping, &mapping, error);
  if (status) return status;
  if (options->mode == CLFIT_FAST && !device->opencl)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "the reference trains in strict mode only, of which it is the specification: leave --mode fast "
                      "out, or choose an OpenCL device");

  struct clfit_population *made = calloc(1, sizeof *made);
  if (!made) return clfit_fail_memory(error);
  made->history = options->history;
  made->milestones = options->milestones;
  made->speed = FIRST_SPEED;
  snprintf(made->mapping, sizeof made->mapping, "%s", mapping);
  made->backend = device->opencl ? &clfit_opencl_backend : &clfit_reference_backend;
  const uint32_t losses_kept = options->history      ? CLFIT_LOSSES_EVERY
                               : options->milestones ? CLFIT_LOSSES_MILESTONES
                                                     : CLFIT_LOSSES_NONE;
  status = device->opencl
               ? clfit_opencl_create(device->opencl, options->mapping, options->mode, losses_kept, &made->self, error)
               : clfit_reference_create(losses_kept, &made->self, error);
  if (status) {
    free(made);
    return status;
  }
  *population = made;
  return CLFIT_OK;
}

void clfit_population_free(clfit_population *population)
{
  if (!population) return;
  population->backend->free(population->self);
  for (size_t i = 0; i < population->slot_count; i++) free(population->slots[i].history);
  free(population->slots);
  free(population->data);
  free(population);
}

const char *clfit_population_mapping(const clfit_population *population)
{
  return population->mapping;
}

clfit_status clfit_population_add_data(clfit_population *population, const clfit_data *data, uint32_t *index,
                                       clfit_error *error)
{
  size_t count = population->data_count;
  struct data_range last = count ? population->data[count - 1] : (struct data_range){0};
  struct data_range range = {
      .first = last.first + last.count, .count = clfit_data_count(data), .weighted = clfit_data_weights(data) != NULL};
  if (range.count > UINT32_MAX - range.first)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a population holds at most %u samples in all", UINT32_MAX);
  struct data_range *ranges = realloc(population->data, (count + 1) * sizeof *ranges);
  if (!ranges) return clfit_fail_memory(error);
  population->data = ranges;
  clfit_status status = population->backend->add_data(population->self, range.count, clfit_data_x_float(data),
                                                      clfit_data_y_float(data), error);
  if (status) return status;
  ranges[count] = range;
  population->data_count = count + 1;
  *index = (uint32_t)count;
  return CLFIT_OK;
}

/* ---- the record, as the user and as the device have it ------------------------------------------------------- */

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

/* An overflow may leave a NaN, whose bits differ between devices; it is replaced by one fixed NaN. */
static float one_nan(float value)
{
  return isnan(value) ? NAN : value;
}

static clfit_progress from_device(const struct network_progress *progress)
{
  return (clfit_progress){.status = (clfit_training)progress->status,
                          .epoch = progress->epoch,
                          .sample = progress->sample,
                          .block_loss = one_nan(progress->block_loss),
                          .loss_high = one_nan(progress->loss_high),
                          .loss_low = one_nan(progress->loss_low),
                          .last_loss_high = one_nan(progress->last_loss_high),
                          .last_loss_low = one_nan(progress->last_loss_low)};
}

/* A state whose status is done goes on training if its configuration now has more epochs than it has completed. */
static uint32_t status_to_start_with(const clfit_state *state)
{
  const clfit_progress *at = &state->progress;
  bool ended = at->status == CLFIT_TRAINING_STOPPED || at->status == CLFIT_TRAINING_DIVERGED;
  if (ended) return (uint32_t)at->status;
  return at->epoch < state->network.epochs ? CLFIT_TRAINING : CLFIT_DONE;
}

static struct incoming make_incoming(const clfit_state *state, uint32_t slot, size_t first)
{
  const clfit_network *network = &state->network;
  struct incoming incoming = {.slot = slot,
                              .activation = network->activation,
                              .optimizer = network->optimizer,
                              .progress = to_device(&state->progress),
                              .record = state->parameters};
  incoming.progress.status = status_to_start_with(state);
  incoming.task = (struct network_task){.hidden = network->hidden,
                                        .samples = network->samples,
                                        .epochs = network->epochs,
                                        .first = (uint32_t)first,
                                        .loss_tolerance = (float)(2.0 * network->samples * network->tol),
#define ROUND_NUMBER(name) .name = (float)network->name,
                                        CLFIT_UPDATE_NUMBERS(ROUND_NUMBER)};
  return incoming;
}

/* ---- take ---------------------------------------------------------------------------------------------------- */

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
  if (population->data[data].weighted) status = clfit_network_check_weights(&state->network, error);
  if (status) return status;
  const clfit_progress *at = &state->progress;
  bool mid_epoch_after_end = at->epoch == state->network.epochs && at->sample > 0;
  if ((unsigned)at->status > CLFIT_TRAINING_DIVERGED)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a state's status is %d", (int)at->status);
  if (at->epoch > state->network.epochs || at->sample >= state->network.samples || mid_epoch_after_end)
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

static clfit_status occupy_slot(clfit_population *population, uint32_t slot, const clfit_state *state,
                                clfit_error *error)
{
  struct slot *slot_data = &population->slots[slot];
  if (population->history && !slot_data->history) {
    slot_data->history = malloc(CLFIT_EVERY_CAPACITY * sizeof *slot_data->history);
    if (!slot_data->history) return clfit_fail_memory(error);
  }
  slot_data->network = state->network;
  slot_data->progress = state->progress;
  slot_data->progress.status = (clfit_training)status_to_start_with(state);
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
    incoming[i] = make_incoming(states[i], slots[i], population->data[data[i]].first);
    status = occupy_slot(population, slots[i], states[i], error);
  }
  if (!status) status = population->backend->take(population->self, n, incoming, error);
  if (status) goto out;
  for (size_t i = 0; i < n; i++) population->slots[slots[i]].used = true;
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
    uint64_t most = (uint64_t)(CLFIT_EVERY_CAPACITY - 1) * population->slots[i].network.samples;
    if (is_running(&population->slots[i]) && steps > most) steps = (uint32_t)most;
  }
  return steps;
}

/* Updates a slot's progress and history from the backend after a launch. */
static void read_progress(clfit_population *population, uint32_t slot)
{
  struct slot *slot_data = &population->slots[slot];
  clfit_progress now = from_device(population->backend->progress(population->self, slot));
  slot_data->first_epoch = slot_data->progress.epoch + 1;
  slot_data->history_count = 0;
  if (population->history) {
    const float *losses = population->backend->losses(population->self, slot);
    slot_data->history_count = now.epoch - slot_data->progress.epoch;
    for (size_t i = 0; i < slot_data->history_count; i++)
      slot_data->history[i] = 0.5 * ((double)losses[2 * i] + (double)losses[2 * i + 1]) / slot_data->network.samples;
  }
  slot_data->progress = now;
}

/* Neuron updates that a step of every running network is; 0 if none is running. */
static double step_work(const clfit_population *population)
{
  double work = 0.0;
  for (size_t i = 0; i < population->slot_count; i++)
    if (is_running(&population->slots[i])) work += population->slots[i].network.hidden;
  return work;
}

/* As many steps as take about LAUNCH_SECONDS at the speed of the last launch. */
static uint32_t paced_steps(const clfit_population *population, double work)
{
  return (uint32_t)fmin(fmax(LAUNCH_SECONDS * population->speed / work, 1.0), LAUNCH_STEPS_MAX);
}

/* Updates the slots of all running networks after a launch; returns the number of neuron updates in it. */
static double read_all_progress(clfit_population *population)
{
  double work = 0.0;
  for (size_t i = 0; i < population->slot_count; i++) {
    struct slot *slot = &population->slots[i];
    if (!is_running(slot)) continue;
    uint64_t before = clfit_progress_steps(&slot->progress, slot->network.samples);
    read_progress(population, (uint32_t)i);
    uint64_t after = clfit_progress_steps(&slot->progress, slot->network.samples);
    work += (double)(after - before) * slot->network.hidden;
  }
  return work;
}

clfit_status clfit_population_advance(clfit_population *population, uint32_t steps, size_t *running, clfit_error *error)
{
  for (size_t i = 0; i < population->slot_count; i++) {
    population->slots[i].first_epoch = population->slots[i].progress.epoch + 1;
    population->slots[i].history_count = 0;
  }
  double work = step_work(population);
  if (work > 0.0) {
    double start = seconds_now();
    uint32_t cut = limit_steps(population, steps ? steps : paced_steps(population, work));
    clfit_status status = population->backend->advance(population->self, cut, error);
    if (status) return status;
    double done = read_all_progress(population), seconds = fmax(seconds_now() - start, 1e-6);
    /* The measured speed is inaccurate if most networks ended early in the launch, so it may grow by at most a factor
     * of 4 per launch. */
    population->speed = fmin(fmax(done / seconds, FIRST_SPEED / 1e3), 4.0 * population->speed);
  }
  if (running) {
    *running = 0;
    for (size_t i = 0; i < population->slot_count; i++) *running += is_running(&population->slots[i]);
  }
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
  milestones->count = 0;
  for (uint32_t index = 0; index < CLFIT_MILESTONES_MAX; index++) {
    const uint64_t power = (uint64_t)1 << ((index + 1) / 2); /* 1 | 2 3 | 4 6 | 8 12 ...: 2^k, then 3/2 of it */
    const uint64_t epoch = index > 0 && index % 2 == 0 ? 3 * (power / 2) : power;
    if (epoch > slot->progress.epoch) return;
    if (epoch <= slot->taken_epoch) continue;
    milestones->epochs[milestones->count] = (uint32_t)epoch;
    milestones->losses[milestones->count++] =
        0.5 * ((double)pairs[2 * index] + (double)pairs[2 * index + 1]) / slot->network.samples;
  }
}

clfit_status clfit_population_milestones(clfit_population *population, size_t n, const uint32_t *slots,
                                         clfit_milestones *milestones, clfit_error *error)
{
  if (!population->milestones)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the population was made without options.milestones");
  clfit_status status = check_slots(population, n, slots, error);
  if (status || n == 0) return status;
  float *pairs = calloc(n, 2 * CLFIT_MILESTONES_MAX * sizeof *pairs);
  if (!pairs) return clfit_fail_memory(error);
  status = population->backend->milestones(population->self, n, slots, pairs, error);
  for (size_t i = 0; i < n && !status; i++)
    name_milestones(&population->slots[slots[i]], pairs + i * 2 * CLFIT_MILESTONES_MAX, &milestones[i]);
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
  status = population->backend->evaluate(population->self, n, slots, n_x, rounded, z, error);
  free(rounded);
  if (status) return status;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n_x && is_diverged(population, slots[i]); k++) z[i * n_x + k] = NAN;
  return CLFIT_OK;
}

clfit_status clfit_population_give(clfit_population *population, size_t n, const uint32_t *slots, clfit_state *states,
                                   clfit_error *error)
{
  clfit_status status = check_slots(population, n, slots, error);
  if (!status) status = check_distinct(population, n, slots, error);
  if (status || n == 0) return status;
  float **records = calloc(n, sizeof *records);
  if (!records) return clfit_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    const struct slot *slot_data = &population->slots[slots[i]];
    records[i] = malloc(clfit_record_count(&slot_data->network) * sizeof(float));
    if (!records[i]) status = clfit_fail_memory(error);
  }
  if (!status) status = population->backend->give(population->self, n, slots, records, error);
  for (size_t i = 0; i < n; i++) {
    struct slot *slot_data = &population->slots[slots[i]];
    if (status) {
      free(records[i]);
      continue;
    }
    size_t count = clfit_record_count(&slot_data->network);
    for (size_t k = 0; k < count; k++) records[i][k] = is_diverged(population, slots[i]) ? NAN : one_nan(records[i][k]);
    states[i] = (clfit_state){.size = sizeof *states,
                              .network = slot_data->network,
                              .progress = slot_data->progress,
                              .parameters = records[i]};
    slot_data->used = false;
    population->used_count--;
  }
  free(records);
  return status;
}
