#include "study/run/worker.h"

#include "study/base/fail.h"
#include "study/run/datasets.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Limits for the networks in training at once: bytes on the host (and the same again on the device), and numbers of
 * networks, beyond which a device does not get faster. */
#define FLIGHT_BYTES     (128u << 20)
#define FLIGHT_OVERHEAD  600u /* bytes a network beside its record */
#define FLIGHT_MIN       16u
#define FLIGHT_MAX_CPU   16384u
#define FLIGHT_MAX_OTHER 131072u

#define COLLECT_MAX     16384u     /* networks in a transaction */
#define COLLECT_SECONDS 1.0        /* ended networks are stored after this time at the latest */
#define ANSWERS_MAX     (1u << 22) /* floats that are evaluated at once */

/* Checkpoints take at most a fiftieth of the time, and come at least once a minute. */
#define CHECKPOINT_COST 50
#define CHECKPOINT_MIN  1.0
#define CHECKPOINT_MAX  60.0

/* A worker without jobs asks the coordinator again after this time. */
static const struct timespec idle = {.tv_nsec = 10000000};

struct worker {
  struct coordinator *coordinator;
  const struct sweep *sweep;
  clfit_device *device;
  clfit_population *population;
  struct datasets datasets;
  struct flight *flights; /* [count], room for capacity: in the population */
  size_t count, capacity;
  size_t room;                    /* limit for count; reduced below capacity after the device ran out of memory */
  struct flight *waiting_flights; /* [waiting_count], room for capacity: not in the population, new or given back */
  clfit_state *waiting_states;    /* [waiting_count], of those */
  size_t waiting_count;
  size_t running; /* number of flights whose training had not ended after the last launch */
  bool over;      /* there are no more networks */
  bool stop;      /* the coordinator said so */
  bool data_full; /* the first waiting network needs a data set that does not fit into the population any more */
  double collected, checkpointed, checkpoint_interval; /* seconds */
  double test_x[CLFIT_TEST_POINTS], test_y[CLFIT_TEST_POINTS];
};

/* ---- fill -------------------------------------------------------------------------------------------------------- */

/* A network to train, from its checkpoint where it has one. */
static clfit_status prepare_job(struct worker *worker, const struct job *job, clfit_error *error)
{
  struct flight *flight = &worker->waiting_flights[worker->waiting_count];
  clfit_state *state = &worker->waiting_states[worker->waiting_count];
  *flight = (struct flight){.id = job->id, .configuration = job->configuration};
  clfit_status status = clfit_state_init(state, &flight->configuration, error);
  if (status) return status;
  worker->waiting_count++;
  state->network.epochs = job->epochs;
  return job->checkpoint ? flight_read(flight, state, job->size, job->checkpoint, error) : CLFIT_OK;
}

static clfit_status prepare_some(struct worker *worker, struct job *jobs, size_t most, size_t *count,
                                 clfit_error *error)
{
  struct coordinator *coordinator = worker->coordinator;
  clfit_status status = coordinator->next(coordinator, most, jobs, count, &worker->over, error);
  if (status) return status;
  for (size_t i = 0; i < *count; i++) {
    if (!status) status = prepare_job(worker, &jobs[i], error);
    free(jobs[i].checkpoint);
  }
  return status;
}

static clfit_status prepare(struct worker *worker, clfit_error *error)
{
  struct job *jobs = malloc(JOBS_MAX * sizeof *jobs);
  size_t count = 1;
  clfit_status status = jobs ? CLFIT_OK : clfit_fail_memory(error);
  while (!status && count > 0 && worker->count + worker->waiting_count < worker->room) {
    size_t places = worker->room - worker->count - worker->waiting_count;
    status = prepare_some(worker, jobs, places < JOBS_MAX ? places : JOBS_MAX, &count, error);
  }
  free(jobs);
  return status;
}

/* Counts the waiting networks, from the first on, whose data set is in the population or can be added to it. */
static clfit_status find_data(struct worker *worker, size_t *n, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  bool there = true;
  for (*n = 0; *n < worker->waiting_count; ++*n) {
    struct flight *flight = &worker->waiting_flights[*n];
    status = datasets_find(&worker->datasets, worker->population, flight->configuration.sample_seed, &flight->data,
                           &there, error);
    if (status || !there) break;
  }
  worker->data_full = !there;
  return status;
}

/* Moves n waiting networks within their arrays, from index `from` to index `to`. */
static void move_waiting(struct worker *worker, size_t to, size_t from, size_t n)
{
  memmove(worker->waiting_flights + to, worker->waiting_flights + from, n * sizeof *worker->waiting_flights);
  memmove(worker->waiting_states + to, worker->waiting_states + from, n * sizeof *worker->waiting_states);
}

static clfit_status take_first(struct worker *worker, size_t n, clfit_error *error)
{
  const clfit_state **states = malloc(n * sizeof *states);
  uint32_t *data = malloc(n * sizeof *data), *slots = malloc(n * sizeof *slots);
  clfit_status status = states && data && slots ? CLFIT_OK : clfit_fail_memory(error);
  for (size_t i = 0; i < n && !status; i++) {
    states[i] = &worker->waiting_states[i];
    data[i] = worker->waiting_flights[i].data;
  }
  if (!status) status = clfit_population_take(worker->population, n, states, data, slots, error);
  for (size_t i = 0; i < n && !status; i++) {
    worker->waiting_flights[i].slot = slots[i];
    worker->waiting_flights[i].epochs = worker->waiting_states[i].network.epochs;
    worker->flights[worker->count++] = worker->waiting_flights[i];
    clfit_state_clear(&worker->waiting_states[i]);
  }
  free(states);
  free(data);
  free(slots);
  if (status) return status;
  worker->waiting_count -= n;
  move_waiting(worker, 0, n, worker->waiting_count);
  return CLFIT_OK;
}

static clfit_status fill(struct worker *worker, clfit_error *error)
{
  size_t n = 0;
  if (worker->count >= worker->room) return CLFIT_OK;
  clfit_status status = worker->over ? CLFIT_OK : prepare(worker, error);
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

/* ---- advance ----------------------------------------------------------------------------------------------------- */

static bool is_running(const struct worker *worker, const struct flight *flight)
{
  return clfit_population_progress(worker->population, flight->slot)->status == CLFIT_TRAINING_RUNNING;
}

/* Distributes the duration of a launch among the networks by work (hidden * steps). Returns the work done, to which the
 * remaining work of networks that ended early is added, because it will not be needed. */
static double account(struct worker *worker, double seconds, double *steps)
{
  double work = 0, jumped = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < worker->count; i++) {
      struct flight *flight = &worker->flights[i];
      const clfit_network *network = &flight->configuration;
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
        jumped += (double)((uint64_t)flight->epochs * network->samples - reached) * network->hidden;
      flight->steps = reached;
    }
  return work + jumped;
}

static clfit_status advance(struct worker *worker, clfit_error *error)
{
  double start = clfit_clock(), steps = 0;
  size_t running;
  clfit_status status = clfit_population_advance(worker->population, 0, &running, error);
  if (status) return status;
  double work = account(worker, clfit_clock() - start, &steps);
  int64_t more = (int64_t)running - (int64_t)worker->running;
  worker->running = running;
  return worker->coordinator->report(worker->coordinator, work, steps, more, &worker->stop, error);
}

/* ---- collect ----------------------------------------------------------------------------------------------------- */

/* Networks that are being taken out of the population, to be stored. */
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
  return made ? CLFIT_OK : clfit_fail_memory(error);
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

/* Moves the networks that have ended (or all) from the worker's list to the harvest, at most `most`. */
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

/* Appends the losses of milestones since the population took the networks to their earlier ones. */
static clfit_status extend(struct worker *worker, struct harvest *harvest, clfit_error *error)
{
  enum { AT_ONCE = 1024 };
  clfit_milestones *milestones = malloc(AT_ONCE * sizeof *milestones);
  if (!milestones) return clfit_fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < harvest->n && !status; i += AT_ONCE) {
    size_t n = harvest->n - i < AT_ONCE ? harvest->n - i : AT_ONCE;
    status = clfit_population_milestones(worker->population, n, harvest->slots + i, milestones, error);
    for (size_t k = 0; k < n && !status; k++) status = flight_extend(&harvest->flights[i + k], &milestones[k], error);
  }
  free(milestones);
  return status;
}

/* Evaluates the networks at n_x points and computes their metrics. */
static clfit_status evaluate_at(struct worker *worker, struct harvest *harvest, size_t n_x, const double *x,
                                const double *y, size_t figures_offset, clfit_error *error)
{
  size_t at_once = ANSWERS_MAX / n_x > 1 ? ANSWERS_MAX / n_x : 1;
  if (at_once > harvest->n) at_once = harvest->n;
  float *z = malloc(at_once * n_x * sizeof *z);
  if (!z) return clfit_fail_memory(error);
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
  const clfit_data *data = worker->sweep->data;
  for (size_t i = 0; i < harvest->n; i++) harvest->rows[i].test = harvest->rows[i].fit = none;
  if (worker->sweep->source.target)
    return evaluate_at(worker, harvest, CLFIT_TEST_POINTS, worker->test_x, worker->test_y,
                       offsetof(struct study_row, test), error);
  return evaluate_at(worker, harvest, clfit_data_count(data), clfit_data_x(data), clfit_data_y(data),
                     offsetof(struct study_row, fit), error);
}

static void fill_history(struct study_row *row, const struct flight *flight, const clfit_progress *at)
{
  uint32_t epochs[STORE_HISTORY_MAX];
  uint32_t samples = flight->configuration.samples;
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
  row->last_loss_high = at->status == CLFIT_TRAINING_DIVERGED ? NAN : at->last_loss_high;
  row->last_loss_low = at->status == CLFIT_TRAINING_DIVERGED ? NAN : at->last_loss_low;
  row->seconds = flight->seconds;
  row->digest[0] = '\0';
  if (at->status != CLFIT_TRAINING_DIVERGED) clfit_state_digest(state, row->digest);
  fill_history(row, flight, at);
}

/* At the end of a stage the training is not over: the state goes on from there, with its own epochs. */
static void reopen(const struct flight *flight, clfit_state *state)
{
  state->network.epochs = flight->configuration.epochs;
  if (state->progress.status == CLFIT_TRAINING_DONE && state->progress.epoch < state->network.epochs)
    state->progress.status = CLFIT_TRAINING_RUNNING;
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
  for (size_t i = 0; i < harvest.n; i++) {
    reopen(&harvest.flights[i], &harvest.states[i]);
    fill_row(&harvest.rows[i], &harvest.flights[i], &harvest.states[i], worker->sweep->source.target != NULL);
  }
  status =
      worker->coordinator->add(worker->coordinator, harvest.n, harvest.rows, harvest.flights, harvest.states, error);
out:
  clear_harvest(&harvest);
  return status;
}

/* Stores the networks that have ended, if they are at least a quarter of all, or if the last storing was
 * COLLECT_SECONDS ago. */
static clfit_status collect(struct worker *worker, bool all, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  size_t ended = count_ended(worker);
  if (ended == 0) return CLFIT_OK;
  if (!all && ended < worker->count / 4 && clfit_clock() - worker->collected < COLLECT_SECONDS) return CLFIT_OK;
  while (!status && ended > 0) {
    status = collect_some(worker, ended, error);
    ended -= ended < COLLECT_MAX ? ended : COLLECT_MAX;
  }
  worker->collected = clfit_clock();
  return status;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

/* Moves all networks from the population to the front of the waiting ones. */
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
  move_waiting(worker, n, 0, worker->waiting_count);
  memcpy(worker->waiting_flights, harvest.flights, n * sizeof *harvest.flights);
  memcpy(worker->waiting_states, harvest.states, n * sizeof *harvest.states);
  worker->waiting_count += n;
  harvest.n = 0; /* they moved */
out:
  clear_harvest(&harvest);
  return status;
}

/* Stores checkpoints of all networks in training. They are waiting afterwards and will be taken again. */
static clfit_status checkpoint(struct worker *worker, clfit_error *error)
{
  struct coordinator *coordinator = worker->coordinator;
  double start = clfit_clock();
  clfit_status status = collect(worker, true, error);
  if (!status) status = unload(worker, error);
  if (!status && coordinator->checkpoints && worker->waiting_count > 0)
    status = coordinator->checkpoint(coordinator, worker->waiting_count, worker->waiting_flights,
                                     worker->waiting_states, error);
  if (status) return status;
  worker->checkpointed = clfit_clock();
  worker->checkpoint_interval =
      fmin(fmax((worker->checkpointed - start) * CHECKPOINT_COST, CHECKPOINT_MIN), CHECKPOINT_MAX);
  return CLFIT_OK;
}

/* ---- a worker ---------------------------------------------------------------------------------------------------- */

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

/* Whether the networks in training use at most half of the data sets. If they use more, a new population would soon be
 * full again. */
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

/* Data sets cannot be removed from a population. When there are too many, the networks move to a new population. */
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

/* The next networks depend on what others still train. */
static clfit_status wait_for_others(struct worker *worker, clfit_error *error)
{
  nanosleep(&idle, NULL);
  return worker->coordinator->report(worker->coordinator, 0, 0, 0, &worker->stop, error);
}

static clfit_status go_round(struct worker *worker, clfit_error *error)
{
  clfit_status status = fill(worker, error);
  if (!status) status = renew(worker, error);
  if (status) return status;
  if (worker->count == 0 && worker->waiting_count == 0) return worker->over ? CLFIT_OK : wait_for_others(worker, error);
  status = advance(worker, error);
  if (!status) status = collect(worker, false, error);
  if (!status && worker->coordinator->checkpoints && clfit_clock() - worker->checkpointed > worker->checkpoint_interval)
    status = checkpoint(worker, error);
  return status;
}

static clfit_status work(struct worker *worker, clfit_error *error)
{
  struct coordinator *coordinator = worker->coordinator;
  clfit_status status = coordinator->report(coordinator, 0, 0, 0, &worker->stop, error);
  worker->collected = worker->checkpointed = clfit_clock();
  worker->checkpoint_interval = CHECKPOINT_MIN;
  while (!status && !worker->stop && !(worker->over && worker->count == 0 && worker->waiting_count == 0))
    status = go_round(worker, error);
  return status ? status : checkpoint(worker, error);
}

static size_t choose_room(const struct worker *worker)
{
  const struct schedule *schedule = worker->sweep->schedule;
  uint64_t room = FLIGHT_BYTES / (sizeof(float) * clfit_record_count(&schedule->largest) + FLIGHT_OVERHEAD);
  const char *type = clfit_device_describe(worker->device)->type;
  uint64_t most = strcmp(type, "cpu") == 0 || strcmp(type, "reference") == 0 ? FLIGHT_MAX_CPU : FLIGHT_MAX_OTHER;
  size_t workers = worker->coordinator->workers;
  /* With several workers each takes at most half of its share at once, so that all end at about the same time. */
  uint64_t share = workers > 1 ? schedule->total / (2 * workers) + 1 : schedule->total;
  if (most > share) most = share;
  if (room > most) room = most;
  return room < FLIGHT_MIN ? FLIGHT_MIN : (size_t)room;
}

static clfit_status start(struct worker *worker, clfit_error *error)
{
  const struct sweep *sweep = worker->sweep;
  worker->room = worker->capacity = choose_room(worker);
  worker->flights = malloc(worker->capacity * sizeof *worker->flights);
  worker->waiting_flights = malloc(worker->capacity * sizeof *worker->waiting_flights);
  worker->waiting_states = malloc(worker->capacity * sizeof *worker->waiting_states);
  if (!worker->flights || !worker->waiting_flights || !worker->waiting_states) return clfit_fail_memory(error);
  clfit_status status = datasets_init(&worker->datasets, sweep, sweep->schedule->largest.samples, error);
  if (!status && sweep->source.target)
    status = clfit_source_test(&sweep->source, worker->test_x, worker->test_y, error);
  return status ? status : open_population(worker, error);
}

static void clear(struct worker *worker)
{
  clfit_population_free(worker->population);
  datasets_clear(&worker->datasets);
  for (size_t i = 0; i < worker->count; i++) flight_clear(&worker->flights[i]);
  for (size_t i = 0; i < worker->waiting_count; i++) {
    flight_clear(&worker->waiting_flights[i]);
    clfit_state_clear(&worker->waiting_states[i]);
  }
  free(worker->flights);
  free(worker->waiting_flights);
  free(worker->waiting_states);
}

clfit_status worker_run(const struct sweep *sweep, struct coordinator *coordinator, clfit_device *device,
                        clfit_error *error)
{
  struct worker *worker = calloc(1, sizeof *worker);
  if (!worker) return clfit_fail_memory(error);
  worker->sweep = sweep;
  worker->coordinator = coordinator;
  worker->device = device;
  clfit_status status = start(worker, error);
  if (!status) status = work(worker, error);
  clear(worker);
  free(worker);
  return status;
}
