/*
 * A worker a device. It goes round: fill (take new networks into the population), advance, collect (those that ended go
 * to the store), now and then checkpoint. Workers share the queue, the store and the progress, under one mutex.
 */
#include "sweep.h"

#include "cli/message.h"
#include "datasets.h"
#include "flight.h"
#include "keep.h"
#include "queue.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What networks in flight may take on the host and as much on the device, and how many a device keeps busy with. */
#define FLIGHT_BYTES     (128u << 20)
#define FLIGHT_OVERHEAD  600u /* bytes a network beside its parameters */
#define FLIGHT_MIN       16u
#define FLIGHT_MAX_CPU   16384u
#define FLIGHT_MAX_OTHER 131072u

#define COLLECT_MAX     16384u     /* networks in a transaction */
#define COLLECT_SECONDS 1.0        /* what has ended is stored after that long at the latest */
#define ANSWERS_MAX     (1u << 22) /* floats that are evaluated at once */

/* Checkpoints take at most a fiftieth of the time, and come at least once a minute. */
#define CHECKPOINT_COST 50
#define CHECKPOINT_MIN  1.0
#define CHECKPOINT_MAX  60.0

struct shared {
  const struct sweep *sweep;
  pthread_mutex_t mutex; /* of all below, and of the store */
  struct queue queue;
  struct keep keep;
  struct sweep_progress progress;
  bool stop; /* a worker failed */
};

/* A network that is not in the population: new, or given back for a while. */
struct waiting {
  struct flight flight;
  clfit_state state;
};

struct worker {
  struct shared *shared;
  const struct sweep *sweep;
  clfit_device *device;
  clfit_population *population;
  struct datasets datasets;
  struct flight *flights; /* [count], room for capacity: in the population */
  size_t count, capacity;
  size_t room;             /* how many are taken at most; less than capacity once the device refused memory */
  struct waiting *waiting; /* [waiting_count], room for capacity */
  size_t waiting_count;
  size_t running; /* of the flights, as of the last launch */
  bool data_full; /* the first that waits needs samples that the population has no room for */
  double collected, checkpointed, checkpoint_interval; /* seconds */
  double test_x[SWEEP_TEST_POINTS], test_y[SWEEP_TEST_POINTS];
  pthread_t thread;
  clfit_error *error;
  clfit_status status;
};

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static clfit_status fail_memory(clfit_error *error)
{
  return fail(error, CLFIT_ERROR_MEMORY, "out of memory");
}

/* ---- ranks --------------------------------------------------------------------------------------------------------- */

static const struct rank ranks[] = {{"test_mse", false},      {"test_rmse", false}, {"test_max_error", false},
                                    {"test_r2", true},        {"fit_rss", false},   {"fit_rmse", false},
                                    {"fit_max_error", false}, {"train_loss", false}};

#define RANKS (sizeof ranks / sizeof *ranks)

clfit_status rank_find(const char *name, const struct rank **rank, clfit_error *error)
{
  char names[160] = "";
  for (size_t i = 0; i < RANKS; i++) {
    size_t length = strlen(names);
    if (strcmp(ranks[i].name, name) == 0) {
      *rank = &ranks[i];
      return CLFIT_OK;
    }
    snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", ranks[i].name);
  }
  return refuse(error, "--rank-by must be one of %s, not \"%.120s\"", names, name);
}

static double figure_of(const struct study_row *row, const struct rank *rank)
{
  const double figures[RANKS] = {row->test.mse, row->test.rmse, row->test.max_error, row->test.r2,
                                 row->fit.rss,  row->fit.rmse,  row->fit.max_error,  row->train_loss};
  return figures[rank - ranks];
}

/* ---- fill ---------------------------------------------------------------------------------------------------------- */

/* The next network, from its checkpoint where it has one. */
static clfit_status prepare_next(struct worker *worker, bool *there, clfit_error *error)
{
  struct shared *shared = worker->shared;
  struct waiting *waiting = &worker->waiting[worker->waiting_count];
  size_t size = 0;
  void *bytes = NULL;
  *waiting = (struct waiting){.flight.configuration = worker->sweep->base};
  pthread_mutex_lock(&shared->mutex);
  clfit_status status = queue_next(&shared->queue, &waiting->flight.id, there, error);
  if (!status && *there) status = store_read_checkpoint(worker->sweep->store, waiting->flight.id, &size, &bytes, error);
  pthread_mutex_unlock(&shared->mutex);
  if (status || !*there) return status;
  axes_configuration(worker->sweep->axes, waiting->flight.id, &waiting->flight.configuration);
  status = clfit_state_init(&waiting->state, &waiting->flight.configuration.network, error);
  if (!status && bytes) status = flight_read(&waiting->flight, &waiting->state, size, bytes, error);
  free(bytes);
  worker->waiting_count++; /* cleared with the others, also after a failure */
  return status;
}

static void clear_waiting(struct waiting *waiting)
{
  flight_clear(&waiting->flight);
  clfit_state_clear(&waiting->state);
}

static clfit_status prepare(struct worker *worker, clfit_error *error)
{
  bool there = true;
  clfit_status status = CLFIT_OK;
  while (!status && there && worker->count + worker->waiting_count < worker->room)
    status = prepare_next(worker, &there, error);
  return status;
}

/* How many of those that wait have samples in the population, or can have. */
static clfit_status find_data(struct worker *worker, size_t *n, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  bool there = true;
  for (*n = 0; *n < worker->waiting_count; ++*n) {
    struct flight *flight = &worker->waiting[*n].flight;
    status = datasets_find(&worker->datasets, worker->population, flight->configuration.sample_seed, &flight->data,
                           &there, error);
    if (status || !there) break;
  }
  worker->data_full = !there;
  return status;
}

static clfit_status take_first(struct worker *worker, size_t n, clfit_error *error)
{
  const clfit_state **states = malloc(n * sizeof *states);
  uint32_t *data = malloc(n * sizeof *data), *slots = malloc(n * sizeof *slots);
  clfit_status status = states && data && slots ? CLFIT_OK : fail_memory(error);
  for (size_t i = 0; i < n && !status; i++) {
    states[i] = &worker->waiting[i].state;
    data[i] = worker->waiting[i].flight.data;
  }
  if (!status) status = clfit_population_take(worker->population, n, states, data, slots, error);
  for (size_t i = 0; i < n && !status; i++) {
    worker->waiting[i].flight.slot = slots[i];
    worker->flights[worker->count++] = worker->waiting[i].flight;
    clfit_state_clear(&worker->waiting[i].state);
  }
  free(states);
  free(data);
  free(slots);
  if (status) return status;
  worker->waiting_count -= n;
  memmove(worker->waiting, worker->waiting + n, worker->waiting_count * sizeof *worker->waiting);
  return CLFIT_OK;
}

static clfit_status fill(struct worker *worker, clfit_error *error)
{
  size_t n = 0;
  if (worker->count >= worker->room) return CLFIT_OK;
  clfit_status status = prepare(worker, error);
  if (!status) status = find_data(worker, &n, error);
  if (n > worker->room - worker->count) n = worker->room - worker->count;
  while (!status && n > 0) {
    status = take_first(worker, n, error);
    if (!status || status != CLFIT_ERROR_MEMORY || n + worker->count == 1) break;
    n /= 2;
    worker->room = worker->count + n > 0 ? worker->count + n : 1;
    status = CLFIT_OK;
  }
  return status;
}

/* ---- advance ------------------------------------------------------------------------------------------------------- */

static bool is_running(const struct worker *worker, const struct flight *flight)
{
  return clfit_population_progress(worker->population, flight->slot)->status == CLFIT_TRAINING_RUNNING;
}

/* Shares a launch's seconds out by work. Networks that end early have all their work behind them. */
static double account(struct worker *worker, double seconds, double *steps)
{
  double work = 0, jumped = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < worker->count; i++) {
      struct flight *flight = &worker->flights[i];
      const clfit_network *network = &flight->configuration.network;
      const clfit_progress *at = clfit_population_progress(worker->population, flight->slot);
      uint64_t reached = clfit_progress_steps(at, network->samples);
      double done = (double)(reached - flight->steps) * network->hidden;
      if (pass == 0) {
        work += done;
        *steps += (double)(reached - flight->steps);
        continue;
      }
      if (done > 0) flight->seconds += seconds * done / work;
      if (reached > flight->steps && at->status != CLFIT_TRAINING_RUNNING)
        jumped += (double)((uint64_t)network->epochs * network->samples - reached) * network->hidden;
      flight->steps = reached;
    }
  return work + jumped;
}

static void report(struct worker *worker, double work, double steps, size_t running)
{
  struct shared *shared = worker->shared;
  pthread_mutex_lock(&shared->mutex);
  shared->progress.work_done += work;
  shared->progress.steps += steps;
  shared->progress.running += running;
  shared->progress.running -= worker->running;
  worker->running = running;
  if (worker->sweep->report) worker->sweep->report(worker->sweep->context, &shared->progress);
  pthread_mutex_unlock(&shared->mutex);
}

static clfit_status advance(struct worker *worker, clfit_error *error)
{
  double start = now(), steps = 0;
  size_t running;
  clfit_status status = clfit_population_advance(worker->population, 0, &running, error);
  if (status) return status;
  double work = account(worker, now() - start, &steps);
  report(worker, work, steps, running);
  return CLFIT_OK;
}

/* ---- collect ------------------------------------------------------------------------------------------------------- */

/* Networks on their way from the population to the store. */
struct harvest {
  size_t n;
  struct flight *flights; /* [n] */
  uint32_t *slots;        /* [n] */
  clfit_state *states;    /* [n], zeroed until given */
  struct study_row *rows; /* [n] */
};

static clfit_status make_harvest(struct harvest *harvest, size_t capacity, clfit_error *error)
{
  *harvest = (struct harvest){.flights = malloc(capacity * sizeof *harvest->flights),
                              .slots = malloc(capacity * sizeof *harvest->slots),
                              .states = calloc(capacity, sizeof *harvest->states),
                              .rows = calloc(capacity, sizeof *harvest->rows)};
  bool made = harvest->flights && harvest->slots && harvest->states && harvest->rows;
  return made ? CLFIT_OK : fail_memory(error);
}

static void clear_harvest(struct harvest *harvest)
{
  for (size_t i = 0; i < harvest->n; i++) {
    clfit_state_clear(&harvest->states[i]);
    flight_clear(&harvest->flights[i]);
  }
  free(harvest->flights);
  free(harvest->slots);
  free(harvest->states);
  free(harvest->rows);
}

/* Moves flights that have ended, or all, from the worker to the harvest. */
static void reap(struct worker *worker, struct harvest *harvest, size_t most, bool all)
{
  size_t left = 0;
  for (size_t i = 0; i < worker->count; i++) {
    struct flight *flight = &worker->flights[i];
    if (harvest->n == most || (!all && is_running(worker, flight))) {
      worker->flights[left++] = *flight;
      continue;
    }
    harvest->slots[harvest->n] = flight->slot;
    harvest->flights[harvest->n++] = *flight;
  }
  worker->count = left;
}

/* Losses of the milestones of this stay, behind those before it. */
static clfit_status extend(struct worker *worker, struct harvest *harvest, clfit_error *error)
{
  enum { AT_ONCE = 1024 };
  clfit_milestones *milestones = malloc(AT_ONCE * sizeof *milestones);
  if (!milestones) return fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < harvest->n && !status; i += AT_ONCE) {
    size_t n = harvest->n - i < AT_ONCE ? harvest->n - i : AT_ONCE;
    status = clfit_population_milestones(worker->population, n, harvest->slots + i, milestones, error);
    for (size_t k = 0; k < n && !status; k++) status = flight_extend(&harvest->flights[i + k], &milestones[k], error);
  }
  free(milestones);
  return status;
}

/* Answers at points, and the figures of them. */
static clfit_status evaluate_at(struct worker *worker, struct harvest *harvest, size_t n_x, const double *x,
                                const double *y, size_t figures_offset, clfit_error *error)
{
  size_t at_once = ANSWERS_MAX / n_x > 1 ? ANSWERS_MAX / n_x : 1;
  if (at_once > harvest->n) at_once = harvest->n;
  float *z = malloc(at_once * n_x * sizeof *z);
  if (!z) return fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < harvest->n && !status; i += at_once) {
    size_t n = harvest->n - i < at_once ? harvest->n - i : at_once;
    status = clfit_population_evaluate(worker->population, n, harvest->slots + i, n_x, x, z, error);
    for (size_t k = 0; k < n && !status; k++)
      clfit_figures_compute(n_x, z + k * n_x, y, (clfit_figures *)((char *)&harvest->rows[i + k] + figures_offset));
  }
  free(z);
  return status;
}

static clfit_status evaluate(struct worker *worker, struct harvest *harvest, clfit_error *error)
{
  static const clfit_figures none = {NAN, NAN, NAN, NAN, NAN};
  const clfit_data *data = worker->sweep->source.data;
  for (size_t i = 0; i < harvest->n; i++) harvest->rows[i].test = harvest->rows[i].fit = none;
  if (worker->sweep->source.target)
    return evaluate_at(worker, harvest, SWEEP_TEST_POINTS, worker->test_x, worker->test_y,
                       offsetof(struct study_row, test), error);
  return evaluate_at(worker, harvest, clfit_data_count(data), clfit_data_x(data), clfit_data_y(data),
                     offsetof(struct study_row, fit), error);
}

static void fill_history(struct study_row *row, const struct flight *flight, const clfit_progress *at)
{
  uint32_t epochs[STORE_HISTORY_MAX];
  uint32_t samples = flight->configuration.network.samples;
  row->history_count = store_history_epochs(at->epoch, epochs);
  assert(flight->earlier_count == row->history_count || flight->earlier_count + 1 == row->history_count);
  for (uint32_t i = 0; i < flight->earlier_count; i++) row->history[i] = flight->earlier[i];
  if (flight->earlier_count < row->history_count)
    row->history[flight->earlier_count] = 0.5 * ((double)at->last_loss_high + (double)at->last_loss_low) / samples;
}

static void fill_row(struct study_row *row, const struct flight *flight, const clfit_state *state, bool drawn)
{
  const clfit_progress *at = &state->progress;
  row->id = flight->id;
  row->configuration = flight->configuration;
  row->drawn = drawn;
  row->status = at->status;
  row->diverged_epoch = at->status == CLFIT_TRAINING_DIVERGED ? at->epoch + 1 : 0;
  row->steps = clfit_progress_steps(at, state->network.samples);
  row->train_loss = clfit_progress_train_loss(at, state->network.samples);
  row->seconds = flight->seconds;
  row->digest[0] = '\0';
  if (at->status != CLFIT_TRAINING_DIVERGED) clfit_state_digest(state, row->digest);
  fill_history(row, flight, at);
}

/* Stores a row, and its parameters if they are to be kept. The mutex is held. */
static clfit_status store_row(struct shared *shared, const struct study_row *row, const clfit_state *state,
                              clfit_error *error)
{
  const struct sweep *sweep = shared->sweep;
  bool kept = false, evicted = false;
  uint64_t out;
  double figure = figure_of(row, sweep->rank);
  double value = sweep->rank->larger_better ? -figure : figure;
  clfit_status status = store_add(sweep->store, row, error);
  if (status || row->status == CLFIT_TRAINING_DIVERGED) return status;
  if (isfinite(value) || sweep->keep == KEEP_ALL)
    status = keep_offer(&shared->keep, row->id, value, &kept, &evicted, &out, error);
  if (!status && evicted) status = store_forget(sweep->store, out, error);
  if (!status && kept)
    status = store_keep(sweep->store, row->id, clfit_parameter_count(state->network.hidden), state->parameters, error);
  struct sweep_progress *progress = &shared->progress;
  double best = sweep->rank->larger_better ? -progress->best : progress->best;
  if (isfinite(value) && (!progress->any || value < best || (value == best && row->id < progress->best_id))) {
    progress->any = true;
    progress->best = figure;
    progress->best_id = row->id;
  }
  return status;
}

static clfit_status store_rows(struct worker *worker, const struct harvest *harvest, clfit_error *error)
{
  struct shared *shared = worker->shared;
  struct store *store = worker->sweep->store;
  uint64_t diverged = 0;
  pthread_mutex_lock(&shared->mutex);
  clfit_status status = store_begin(store, error);
  for (size_t i = 0; i < harvest->n && !status; i++) {
    status = store_row(shared, &harvest->rows[i], &harvest->states[i], error);
    diverged += harvest->rows[i].status == CLFIT_TRAINING_DIVERGED;
  }
  if (!status) status = store_commit(store, error);
  if (status) {
    store_roll_back(store);
  } else {
    shared->progress.ended += harvest->n;
    shared->progress.diverged += diverged;
  }
  pthread_mutex_unlock(&shared->mutex);
  return status;
}

static size_t count_ended(const struct worker *worker)
{
  size_t ended = 0;
  for (size_t i = 0; i < worker->count; i++) ended += !is_running(worker, &worker->flights[i]);
  return ended;
}

static clfit_status collect_some(struct worker *worker, size_t ended, clfit_error *error)
{
  struct harvest harvest;
  size_t most = ended < COLLECT_MAX ? ended : COLLECT_MAX;
  clfit_status status = make_harvest(&harvest, most, error);
  if (status) goto out;
  reap(worker, &harvest, most, false);
  status = extend(worker, &harvest, error);
  if (!status) status = evaluate(worker, &harvest, error);
  if (!status) status = clfit_population_give(worker->population, harvest.n, harvest.slots, harvest.states, error);
  if (status) goto out;
  for (size_t i = 0; i < harvest.n; i++)
    fill_row(&harvest.rows[i], &harvest.flights[i], &harvest.states[i], worker->sweep->source.target != NULL);
  status = store_rows(worker, &harvest, error);
out:
  clear_harvest(&harvest);
  return status;
}

/* Stores what has ended when it is a quarter of what is in flight, or nothing else runs, or it has waited long. */
static clfit_status collect(struct worker *worker, bool all, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  size_t ended = count_ended(worker);
  if (ended == 0) return CLFIT_OK;
  if (!all && ended < worker->count / 4 && now() - worker->collected < COLLECT_SECONDS) return CLFIT_OK;
  while (!status && ended > 0) {
    status = collect_some(worker, ended, error);
    ended -= ended < COLLECT_MAX ? ended : COLLECT_MAX;
  }
  worker->collected = now();
  return status;
}

/* ---- checkpoints --------------------------------------------------------------------------------------------------- */

/* Everything from the population to the front of those that wait. */
static clfit_status unload(struct worker *worker, clfit_error *error)
{
  struct harvest harvest;
  size_t n = worker->count;
  if (n == 0) return CLFIT_OK;
  clfit_status status = make_harvest(&harvest, n, error);
  if (status) goto out;
  reap(worker, &harvest, n, true);
  status = extend(worker, &harvest, error);
  if (!status) status = clfit_population_give(worker->population, n, harvest.slots, harvest.states, error);
  if (status) goto out;
  memmove(worker->waiting + n, worker->waiting, worker->waiting_count * sizeof *worker->waiting);
  for (size_t i = 0; i < n; i++) worker->waiting[i] = (struct waiting){harvest.flights[i], harvest.states[i]};
  worker->waiting_count += n;
  harvest.n = 0; /* they moved */
out:
  clear_harvest(&harvest);
  return status;
}

static clfit_status write_checkpoint(struct worker *worker, const struct waiting *waiting, clfit_error *error)
{
  size_t size = flight_size(&waiting->flight, &waiting->state);
  unsigned char *bytes = malloc(size);
  if (!bytes) return fail_memory(error);
  flight_write(&waiting->flight, &waiting->state, bytes);
  clfit_status status = store_checkpoint(worker->sweep->store, waiting->flight.id, size, bytes, error);
  free(bytes);
  return status;
}

/* Stores the networks in training; they all wait afterwards. */
static clfit_status checkpoint(struct worker *worker, clfit_error *error)
{
  struct store *store = worker->sweep->store;
  double start = now();
  clfit_status status = collect(worker, true, error);
  if (!status) status = unload(worker, error);
  if (status || !store_lasts(store)) return status;
  pthread_mutex_lock(&worker->shared->mutex);
  status = store_begin(store, error);
  for (size_t i = 0; i < worker->waiting_count && !status; i++)
    if (worker->waiting[i].flight.steps > 0) status = write_checkpoint(worker, &worker->waiting[i], error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  pthread_mutex_unlock(&worker->shared->mutex);
  worker->checkpointed = now();
  worker->checkpoint_interval =
      fmin(fmax((worker->checkpointed - start) * CHECKPOINT_COST, CHECKPOINT_MIN), CHECKPOINT_MAX);
  return status;
}

/* ---- a worker ------------------------------------------------------------------------------------------------------ */

static clfit_status open_population(struct worker *worker, clfit_error *error)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = worker->sweep->mapping;
  options.mode = worker->sweep->mode;
  options.milestones = true;
  datasets_forget(&worker->datasets);
  return clfit_population_create(worker->device, &options, &worker->population, error);
}

/* Whether the networks in flight use at most half of the data sets: otherwise a new population would soon be as full. */
static bool has_stale_data(const struct worker *worker)
{
  bool used[DATASETS_MAX] = {false};
  uint32_t count = 0;
  for (size_t i = 0; i < worker->count; i++) {
    count += !used[worker->flights[i].data];
    used[worker->flights[i].data] = true;
  }
  return 2 * count <= worker->datasets.count;
}

/* A population keeps the samples that it was given: when they are too many, a new one goes on. */
static clfit_status renew(struct worker *worker, clfit_error *error)
{
  if (!worker->data_full || !(worker->count == 0 || has_stale_data(worker))) return CLFIT_OK;
  clfit_status status = collect(worker, true, error);
  if (!status) status = unload(worker, error);
  if (status) return status;
  clfit_population_free(worker->population);
  worker->population = NULL;
  status = open_population(worker, error);
  return status ? status : fill(worker, error);
}

static bool must_stop(struct worker *worker)
{
  pthread_mutex_lock(&worker->shared->mutex);
  bool stop = worker->shared->stop || worker->sweep->interrupted(worker->sweep->context);
  pthread_mutex_unlock(&worker->shared->mutex);
  return stop;
}

static clfit_status work(struct worker *worker, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  worker->collected = worker->checkpointed = now();
  worker->checkpoint_interval = CHECKPOINT_MIN;
  for (;;) {
    if (must_stop(worker)) return checkpoint(worker, error);
    status = fill(worker, error);
    if (!status) status = renew(worker, error);
    if (status || (worker->count == 0 && worker->waiting_count == 0)) return status;
    status = advance(worker, error);
    if (!status) status = collect(worker, false, error);
    if (!status && store_lasts(worker->sweep->store) && now() - worker->checkpointed > worker->checkpoint_interval)
      status = checkpoint(worker, error);
    if (status) return status;
  }
}

static size_t choose_room(const struct worker *worker)
{
  const struct sweep *sweep = worker->sweep;
  uint64_t hidden = axes_largest(sweep->axes, "hidden", sweep->base.network.hidden);
  uint64_t room = FLIGHT_BYTES / (12 * hidden + FLIGHT_OVERHEAD);
  const char *type = clfit_device_describe(worker->device)->type;
  uint64_t most = strcmp(type, "cpu") == 0 || strcmp(type, "reference") == 0 ? FLIGHT_MAX_CPU : FLIGHT_MAX_OTHER;
  uint64_t total = worker->shared->progress.total;
  /* Several devices share out what there is. */
  uint64_t share = sweep->device_count > 1 ? total / (2 * sweep->device_count) + 1 : total;
  if (most > share) most = share;
  if (room > most) room = most;
  return room < FLIGHT_MIN ? FLIGHT_MIN : (size_t)room;
}

static clfit_status start_worker(struct worker *worker, clfit_error *error)
{
  const struct sweep *sweep = worker->sweep;
  worker->room = worker->capacity = choose_room(worker);
  worker->flights = malloc(worker->capacity * sizeof *worker->flights);
  worker->waiting = malloc(worker->capacity * sizeof *worker->waiting);
  if (!worker->flights || !worker->waiting) return fail_memory(error);
  clfit_status status = datasets_init(&worker->datasets, &sweep->source,
                                      axes_largest(sweep->axes, "samples", sweep->base.network.samples), error);
  if (!status && sweep->source.target) {
    clfit_grid(sweep->source.low, sweep->source.high, SWEEP_TEST_POINTS, worker->test_x);
    status = clfit_target_evaluate(worker->datasets.target, SWEEP_TEST_POINTS, worker->test_x, worker->test_y, error);
  }
  return status ? status : open_population(worker, error);
}

static void clear_worker(struct worker *worker)
{
  clfit_population_free(worker->population);
  datasets_clear(&worker->datasets);
  for (size_t i = 0; i < worker->count; i++) flight_clear(&worker->flights[i]);
  for (size_t i = 0; i < worker->waiting_count; i++) clear_waiting(&worker->waiting[i]);
  free(worker->flights);
  free(worker->waiting);
}

static void *run_worker(void *argument)
{
  struct worker *worker = argument;
  worker->status = start_worker(worker, worker->error);
  if (!worker->status) worker->status = work(worker, worker->error);
  clear_worker(worker);
  if (!worker->status) return NULL;
  pthread_mutex_lock(&worker->shared->mutex);
  worker->shared->stop = true;
  pthread_mutex_unlock(&worker->shared->mutex);
  return NULL;
}

/* ---- the sweep ----------------------------------------------------------------------------------------------------- */

uint64_t sweep_total(uint64_t count, uint32_t shard, uint32_t shards)
{
  return count / shards + (shard < count % shards);
}

static clfit_status offer_kept(void *context, uint64_t id, double value, clfit_error *error)
{
  struct shared *shared = context;
  bool kept, evicted;
  uint64_t out;
  return keep_offer(&shared->keep, id, shared->sweep->rank->larger_better ? -value : value, &kept, &evicted, &out,
                    error);
}

static clfit_status start(struct shared *shared, clfit_error *error)
{
  const struct sweep *sweep = shared->sweep;
  struct sweep_progress *progress = &shared->progress;
  bool fresh = sweep->fresh;
  progress->total = sweep_total(sweep->axes->count, sweep->shard, sweep->shards);
  progress->work = axes_work(sweep->axes, &sweep->base) * (double)progress->total / (double)sweep->axes->count;
  shared->keep.limit = sweep->keep;
  queue_init(&shared->queue, sweep->axes, &sweep->base, fresh ? NULL : sweep->store, sweep->shard, sweep->shards);
  if (fresh) return CLFIT_OK;
  clfit_status status = store_count(sweep->store, &progress->ended, &progress->diverged, &progress->work_done, error);
  progress->work_before = progress->work_done;
  if (!status) status = store_each_kept(sweep->store, sweep->rank->name, offer_kept, shared, error);
  return status;
}

/* One worker runs here, several in threads of their own. */
static clfit_status run_workers(struct worker *workers, size_t n, clfit_error *error)
{
  size_t started = 0;
  clfit_status status = CLFIT_OK;
  if (n == 1) {
    run_worker(&workers[0]);
  } else {
    while (started < n && pthread_create(&workers[started].thread, NULL, run_worker, &workers[started]) == 0) started++;
    for (size_t i = 0; i < started; i++) pthread_join(workers[i].thread, NULL);
    if (started == 0) return fail(error, CLFIT_ERROR_MEMORY, "cannot start a thread");
  }
  for (size_t i = 0; i < n && !status; i++) {
    status = workers[i].status;
    if (status) *error = *workers[i].error;
  }
  return status;
}

clfit_status sweep_run(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error)
{
  struct shared shared = {.sweep = sweep, .mutex = PTHREAD_MUTEX_INITIALIZER};
  struct worker *workers = calloc(sweep->device_count, sizeof *workers);
  clfit_error *errors = calloc(sweep->device_count, sizeof *errors);
  clfit_status status = workers && errors ? start(&shared, error) : fail_memory(error);
  for (size_t i = 0; i < sweep->device_count && !status; i++) {
    workers[i].shared = &shared;
    workers[i].sweep = sweep;
    workers[i].device = sweep->devices[i];
    workers[i].error = &errors[i];
  }
  if (!status && shared.progress.ended < shared.progress.total)
    status = run_workers(workers, sweep->device_count, error);
  *progress = shared.progress;
  queue_clear(&shared.queue);
  keep_clear(&shared.keep);
  free(workers);
  free(errors);
  return status;
}
