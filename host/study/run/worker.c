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
#define TRAINING_BYTES (128u << 20)
/* of float64 values and matrices of least squares: 850 networks with 64 neurons, 43,000 with 16 */
#define LEAST_SQUARES_BYTES (512u << 20)
#define TRAINING_OVERHEAD   600u /* bytes a network beside its record */
#define TRAINING_MIN        16u
#define TRAINING_MAX_CPU    16384u
#define TRAINING_MAX_OTHER  131072u

#define COLLECT_MAX     16384u     /* networks in a transaction */
#define COLLECT_SECONDS 1.0        /* ended networks are stored after this time at the latest */
#define PREDICTIONS_MAX (1u << 22) /* numbers that are evaluated at once */

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
  struct training_job *jobs; /* [count], allocated for `capacity`: networks in the population */
  size_t count, capacity;
  size_t limit;                      /* limit for count; reduced below capacity after the device ran out of memory */
  struct training_job *waiting_jobs; /* [waiting_count], allocated for `capacity`: networks outside of it */
  clfit_state *waiting_states;       /* [waiting_count], of those */
  size_t waiting_count;
  size_t running; /* number of jobs whose training had not ended after the last launch */
  bool over;      /* there are no more networks */
  bool stop;      /* the coordinator has asked the worker to stop */
  bool data_full; /* the first waiting network needs a data set that does not fit into the population any more */
  double collected, checkpointed, checkpoint_interval; /* seconds */
  double test_x[CLFIT_TEST_POINTS], test_y[CLFIT_TEST_POINTS];
};

/* ---- fill -------------------------------------------------------------------------------------------------------- */

/* A network to train, from its checkpoint where it has one. */
static clfit_status prepare_job(struct worker *worker, const struct job *job, clfit_error *error)
{
  struct training_job *prepared = &worker->waiting_jobs[worker->waiting_count];
  clfit_state *state = &worker->waiting_states[worker->waiting_count];
  *prepared = (struct training_job){.id = job->id, .configuration = job->configuration};
  double low, high;
  clfit_status status = datasets_range(&worker->datasets, &prepared->configuration, &low, &high, error);
  if (!status) status = clfit_state_init_over(state, &prepared->configuration, low, high, error);
  if (status) return status;
  worker->waiting_count++;
  state->network.epochs = job->epochs;
  return job->checkpoint ? checkpoint_read(prepared, state, job->size, job->checkpoint, error) : CLFIT_OK;
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
  while (!status && count > 0 && worker->count + worker->waiting_count < worker->limit) {
    size_t places = worker->limit - worker->count - worker->waiting_count;
    status = prepare_some(worker, jobs, places < JOBS_MAX ? places : JOBS_MAX, &count, error);
  }
  free(jobs);
  return status;
}

/* Counts the waiting networks, from the first on, whose data set is in the population or can be added to it. */
static clfit_status find_data(struct worker *worker, size_t *n, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  bool found = true;
  for (*n = 0; *n < worker->waiting_count; ++*n) {
    struct training_job *job = &worker->waiting_jobs[*n];
    status = datasets_find(&worker->datasets, worker->population, &job->configuration, &job->data, &found, error);
    if (status || !found) break;
  }
  worker->data_full = !found;
  return status;
}

/* Moves n waiting networks within their arrays, from index `from` to index `to`. */
static void move_waiting(struct worker *worker, size_t to, size_t from, size_t n)
{
  memmove(worker->waiting_jobs + to, worker->waiting_jobs + from, n * sizeof *worker->waiting_jobs);
  memmove(worker->waiting_states + to, worker->waiting_states + from, n * sizeof *worker->waiting_states);
}

static clfit_status take_first(struct worker *worker, size_t n, clfit_error *error)
{
  const clfit_state **states = malloc(n * sizeof *states);
  uint32_t *data = malloc(n * sizeof *data), *slots = malloc(n * sizeof *slots);
  clfit_status status = states && data && slots ? CLFIT_OK : clfit_fail_memory(error);
  for (size_t i = 0; i < n && !status; i++) {
    clfit_state *state = &worker->waiting_states[i];
    /* set here, because a population gives states that do not pause */
    state->pauses = state->network.epochs < worker->waiting_jobs[i].configuration.epochs;
    states[i] = state;
    data[i] = worker->waiting_jobs[i].data;
  }
  if (!status) status = clfit_population_take(worker->population, n, states, data, slots, error);
  for (size_t i = 0; i < n && !status; i++) {
    worker->waiting_jobs[i].slot = slots[i];
    worker->waiting_jobs[i].epochs = worker->waiting_states[i].network.epochs;
    worker->jobs[worker->count++] = worker->waiting_jobs[i];
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
  if (worker->count >= worker->limit) return CLFIT_OK;
  clfit_status status = worker->over ? CLFIT_OK : prepare(worker, error);
  if (!status) status = find_data(worker, &n, error);
  if (n > worker->limit - worker->count) n = worker->limit - worker->count;
  while (!status && n > 0) {
    status = take_first(worker, n, error);
    if (!status || status != CLFIT_ERROR_MEMORY || n + worker->count == 1) break;
    n /= 2;
    worker->limit = worker->count + n > 0 ? worker->count + n : 1;
    status = CLFIT_OK;
  }
  return status;
}

/* ---- advance ----------------------------------------------------------------------------------------------------- */

static bool is_running(const struct worker *worker, const struct training_job *job)
{
  return clfit_population_progress(worker->population, job->slot)->status == CLFIT_TRAINING_RUNNING;
}

/* Distributes the duration of a launch among the networks by work (clfit_network_work). Returns the work done, to which
 * the remaining work of networks that ended early is added, because it will not be needed. */
static double account(struct worker *worker, double seconds, double *steps)
{
  double work = 0, jumped = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < worker->count; i++) {
      struct training_job *job = &worker->jobs[i];
      const clfit_network *network = &job->configuration;
      const clfit_progress *at = clfit_population_progress(worker->population, job->slot);
      uint64_t reached = clfit_progress_steps(at, clfit_network_trained(network));
      double done = (double)(reached - job->steps) * clfit_network_work(network);
      if (pass == 0) {
        work += done;
        *steps += (double)(reached - job->steps);
        continue;
      }
      if (done > 0) job->seconds += seconds * done / work;
      if (reached > job->steps && at->status != CLFIT_TRAINING_RUNNING)
        jumped +=
            (double)((uint64_t)job->epochs * clfit_network_trained(network) - reached) * clfit_network_work(network);
      job->steps = reached;
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
struct collected {
  size_t n;
  struct training_job *jobs; /* [n] */
  uint32_t *slots;           /* [n] */
  clfit_state *states;       /* [n], zeroed until given */
  struct study_row *rows;    /* [n] */
};

static clfit_status make_collected(struct collected *collected, size_t capacity, clfit_error *error)
{
  *collected = (struct collected){.jobs = malloc(capacity * sizeof *collected->jobs),
                                  .slots = malloc(capacity * sizeof *collected->slots),
                                  .states = calloc(capacity, sizeof *collected->states),
                                  .rows = calloc(capacity, sizeof *collected->rows)};
  bool made = collected->jobs && collected->slots && collected->states && collected->rows;
  return made ? CLFIT_OK : clfit_fail_memory(error);
}

static void clear_collected(struct collected *collected)
{
  for (size_t i = 0; i < collected->n; i++) {
    clfit_state_clear(&collected->states[i]);
    training_job_clear(&collected->jobs[i]);
  }
  free(collected->jobs);
  free(collected->slots);
  free(collected->states);
  free(collected->rows);
}

/* Moves networks that have ended (or all networks), at most `most`, from the worker's list to *collected. */
static void move_ended(struct worker *worker, struct collected *collected, size_t most, bool all)
{
  size_t left = 0;
  for (size_t i = 0; i < worker->count; i++) {
    struct training_job *job = &worker->jobs[i];
    if (collected->n == most || (!all && is_running(worker, job))) {
      worker->jobs[left++] = *job;
      continue;
    }
    collected->slots[collected->n] = job->slot;
    collected->jobs[collected->n++] = *job;
  }
  worker->count = left;
}

/* Appends the losses of milestones since the population took the networks to their earlier ones. */
static clfit_status extend(struct worker *worker, struct collected *collected, clfit_error *error)
{
  enum { AT_ONCE = 1024 };
  clfit_milestones *milestones = malloc(AT_ONCE * sizeof *milestones);
  if (!milestones) return clfit_fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < collected->n && !status; i += AT_ONCE) {
    size_t n = collected->n - i < AT_ONCE ? collected->n - i : AT_ONCE;
    status = clfit_population_milestones(worker->population, n, collected->slots + i, milestones, error);
    for (size_t k = 0; k < n && !status; k++)
      status = training_job_add_losses(&collected->jobs[i + k], &milestones[k], error);
  }
  free(milestones);
  return status;
}

static const clfit_scaling *scaling_of(const struct worker *worker, const struct training_job *job)
{
  return &worker->datasets.scalings[job->data];
}

/* Points at which networks are evaluated, and what they are to give there. */
struct points {
  size_t n;
  const double *x, *y; /* [n], not scaled */
};

/* The points of one of the three figures of a row. A network has none of these: n is 0. */
typedef struct points points_of(const struct worker *worker, const struct training_job *job);

static struct points test_points(const struct worker *worker, const struct training_job *job)
{
  (void)job;
  if (!worker->sweep->source.target) return (struct points){0};
  return (struct points){CLFIT_TEST_POINTS, worker->test_x, worker->test_y};
}

/* Samples first .. first + n - 1 of a network's data set, if it is at hand: see datasets_samples. */
static struct points some_samples(const struct worker *worker, const struct training_job *job, size_t first, size_t n)
{
  const clfit_data *data = datasets_samples(&worker->datasets, job->data);
  if (!data) return (struct points){0};
  return (struct points){n, clfit_data_x(data) + first, clfit_data_y(data) + first};
}

static struct points trained_samples(const struct worker *worker, const struct training_job *job)
{
  return some_samples(worker, job, 0, clfit_network_trained(&job->configuration));
}

static struct points held_samples(const struct worker *worker, const struct training_job *job)
{
  const clfit_network *network = &job->configuration;
  return some_samples(worker, job, clfit_network_trained(network), clfit_network_held_out(network));
}

/* Counts the networks from number `first` on, at most `most`, that have the same points and the same scaling. */
static size_t count_alike(const struct worker *worker, const struct collected *collected, size_t first, size_t most,
                          points_of *find)
{
  const clfit_scaling *scaling = scaling_of(worker, &collected->jobs[first]);
  const struct points points = find(worker, &collected->jobs[first]);
  size_t n = 1;
  for (; n < most && first + n < collected->n; n++) {
    const struct points others = find(worker, &collected->jobs[first + n]);
    if (memcmp(scaling_of(worker, &collected->jobs[first + n]), scaling, sizeof *scaling) != 0) break;
    if (others.n != points.n || others.x != points.x) break;
  }
  return n;
}

/* The figures of n networks from number `first` on, which have the same points and the same scaling. */
static clfit_status evaluate_some(struct worker *worker, struct collected *collected, size_t first, size_t n,
                                  const struct points *points, size_t figures_offset, clfit_error *error)
{
  if (points->n == 0) return CLFIT_OK;
  double *z = malloc(n * points->n * sizeof *z);
  if (!z) return clfit_fail_memory(error);
  clfit_status status =
      clfit_population_predict(worker->population, n, collected->slots + first,
                               scaling_of(worker, &collected->jobs[first]), points->n, points->x, z, error);
  for (size_t k = 0; k < n && !status; k++)
    clfit_figures_compute(points->n, z + k * points->n, points->y,
                          (clfit_figures *)((char *)&collected->rows[first + k] + figures_offset));
  free(z);
  return status;
}

static clfit_status evaluate_at(struct worker *worker, struct collected *collected, points_of *find,
                                size_t figures_offset, clfit_error *error)
{
  static const clfit_figures none = {NAN, NAN, NAN, NAN, NAN};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0, n; i < collected->n && !status; i += n) {
    const struct points points = find(worker, &collected->jobs[i]);
    const size_t at_once = points.n && points.n < PREDICTIONS_MAX ? PREDICTIONS_MAX / points.n : 1;
    n = count_alike(worker, collected, i, at_once, find);
    for (size_t k = i; k < i + n; k++) *(clfit_figures *)((char *)&collected->rows[k] + figures_offset) = none;
    status = evaluate_some(worker, collected, i, n, &points, figures_offset, error);
  }
  return status;
}

static clfit_status evaluate(struct worker *worker, struct collected *collected, clfit_error *error)
{
  clfit_status status = evaluate_at(worker, collected, test_points, offsetof(struct study_row, test), error);
  if (!status) status = evaluate_at(worker, collected, trained_samples, offsetof(struct study_row, fit), error);
  return status ? status : evaluate_at(worker, collected, held_samples, offsetof(struct study_row, held), error);
}

static void fill_history(struct study_row *row, const struct training_job *job, const clfit_progress *at)
{
  uint32_t epochs[STORE_HISTORY_MAX];
  uint32_t samples = clfit_network_trained(&job->configuration);
  row->history_count = store_history_epochs(at->epoch, epochs);
  assert(job->loss_count == row->history_count || job->loss_count + 1 == row->history_count);
  for (uint32_t i = 0; i < job->loss_count; i++) row->history[i] = job->losses[i];
  if (job->loss_count < row->history_count)
    row->history[job->loss_count] = 0.5 * ((double)at->last_loss_high + (double)at->last_loss_low) / samples;
}

static void fill_row(struct study_row *row, const struct training_job *job, const clfit_state *state, bool drawn)
{
  const clfit_progress *at = &state->progress;
  row->id = job->id;
  row->configuration = job->configuration;
  row->drawn = drawn;
  row->status = at->status;
  row->diverged_epoch = at->status == CLFIT_TRAINING_DIVERGED ? at->epoch + 1 : 0;
  row->best_epoch = at->status == CLFIT_TRAINING_DIVERGED ? 0 : clfit_state_best_epoch(state);
  row->steps = clfit_progress_steps(at, clfit_network_trained(&state->network));
  row->stopped_by = at->stopped_by;
  row->train_loss = clfit_progress_train_loss(at, clfit_network_trained(&state->network));
  row->last_loss_high = at->status == CLFIT_TRAINING_DIVERGED ? NAN : at->last_loss_high;
  row->last_loss_low = at->status == CLFIT_TRAINING_DIVERGED ? NAN : at->last_loss_low;
  row->seconds = job->seconds;
  row->digest[0] = '\0';
  if (at->status != CLFIT_TRAINING_DIVERGED) clfit_state_digest(state, row->digest);
  fill_history(row, job, at);
}

/* At the end of a stage of the schedule, gives the state the epochs of the whole training, which may continue later.
 * The row keeps the digest of what the stage gave, to which its figures belong: with patience that is the parameters of
 * the best epoch, while the training goes on from those of the last one. */
static void reopen(const struct training_job *job, clfit_state *state, struct study_row *row)
{
  clfit_state_extend(state, job->configuration.epochs);
  row->status = state->progress.status;
}

/* What was computed of networks that turned out to have diverged when the population gave them: metrics, and the loss
 * of an epoch that does not count as completed. */
static void withdraw(struct collected *collected)
{
  static const clfit_figures none = {NAN, NAN, NAN, NAN, NAN};
  uint32_t epochs[CLFIT_MILESTONES_MAX];
  for (size_t i = 0; i < collected->n; i++) {
    const clfit_progress *at = &collected->states[i].progress;
    if (at->status != CLFIT_TRAINING_DIVERGED) continue;
    const uint32_t count = store_milestones(at->epoch, epochs);
    if (collected->jobs[i].loss_count > count) collected->jobs[i].loss_count = count;
    collected->rows[i].test = collected->rows[i].fit = collected->rows[i].held = none;
  }
}

static size_t count_ended(const struct worker *worker)
{
  size_t ended = 0;
  for (size_t i = 0; i < worker->count; i++) ended += !is_running(worker, &worker->jobs[i]);
  return ended;
}

static clfit_status collect_some(struct worker *worker, size_t ended, clfit_error *error)
{
  struct collected collected;
  size_t most = ended < COLLECT_MAX ? ended : COLLECT_MAX;
  clfit_status status = make_collected(&collected, most, error);
  if (status) goto out;
  move_ended(worker, &collected, most, false);
  status = extend(worker, &collected, error);
  if (!status) status = evaluate(worker, &collected, error);
  if (!status)
    status = clfit_population_give(worker->population, collected.n, collected.slots, collected.states, error);
  if (status) goto out;
  withdraw(&collected);
  for (size_t i = 0; i < collected.n; i++) {
    fill_row(&collected.rows[i], &collected.jobs[i], &collected.states[i], worker->sweep->source.target != NULL);
    reopen(&collected.jobs[i], &collected.states[i], &collected.rows[i]);
  }
  status = worker->coordinator->add(worker->coordinator, collected.n, collected.rows, collected.jobs, collected.states,
                                    error);
out:
  clear_collected(&collected);
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
  struct collected collected;
  size_t n = worker->count;
  if (n == 0) return CLFIT_OK;
  clfit_status status = make_collected(&collected, n, error);
  if (status) goto out;
  move_ended(worker, &collected, n, true);
  status = extend(worker, &collected, error);
  if (!status) status = clfit_population_give(worker->population, n, collected.slots, collected.states, error);
  if (status) goto out;
  withdraw(&collected);
  move_waiting(worker, n, 0, worker->waiting_count);
  memcpy(worker->waiting_jobs, collected.jobs, n * sizeof *collected.jobs);
  memcpy(worker->waiting_states, collected.states, n * sizeof *collected.states);
  worker->waiting_count += n;
  collected.n = 0; /* the waiting list owns them now */
out:
  clear_collected(&collected);
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
    status = coordinator->checkpoint(coordinator, worker->waiting_count, worker->waiting_jobs, worker->waiting_states,
                                     error);
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
    count += !used[worker->jobs[i].data];
    used[worker->jobs[i].data] = true;
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

/* The next jobs depend on networks that other workers train. */
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
  if (status == CLFIT_ERROR_INTERRUPTED) status = CLFIT_OK; /* while programs were compiled: what is trained is saved */
  return status ? status : checkpoint(worker, error);
}

static size_t choose_limit(const struct worker *worker)
{
  const struct schedule *schedule = worker->sweep->schedule;
  const uint64_t bytes = clfit_precise_count(&schedule->largest) ? LEAST_SQUARES_BYTES : TRAINING_BYTES;
  uint64_t limit = bytes / (clfit_network_bytes(&schedule->largest) + TRAINING_OVERHEAD);
  const char *type = clfit_device_describe(worker->device)->type;
  uint64_t most = strcmp(type, "cpu") == 0 || strcmp(type, "reference") == 0 ? TRAINING_MAX_CPU : TRAINING_MAX_OTHER;
  size_t workers = worker->coordinator->workers;
  /* With several workers each takes at most half of its share at once, so that all end at about the same time. */
  uint64_t share = workers > 1 ? schedule->total / (2 * workers) + 1 : schedule->total;
  if (most > share) most = share;
  if (limit > most) limit = most;
  return limit < TRAINING_MIN ? TRAINING_MIN : (size_t)limit;
}

static clfit_status start(struct worker *worker, clfit_error *error)
{
  const struct sweep *sweep = worker->sweep;
  worker->limit = worker->capacity = choose_limit(worker);
  worker->jobs = malloc(worker->capacity * sizeof *worker->jobs);
  worker->waiting_jobs = malloc(worker->capacity * sizeof *worker->waiting_jobs);
  worker->waiting_states = malloc(worker->capacity * sizeof *worker->waiting_states);
  if (!worker->jobs || !worker->waiting_jobs || !worker->waiting_states) return clfit_fail_memory(error);
  clfit_status status = datasets_init(&worker->datasets, sweep, sweep->schedule->largest.samples, error);
  if (!status && sweep->source.target)
    status = clfit_source_test(&sweep->source, worker->test_x, worker->test_y, error);
  return status ? status : open_population(worker, error);
}

static void clear(struct worker *worker)
{
  clfit_population_free(worker->population);
  datasets_clear(&worker->datasets);
  for (size_t i = 0; i < worker->count; i++) training_job_clear(&worker->jobs[i]);
  for (size_t i = 0; i < worker->waiting_count; i++) {
    training_job_clear(&worker->waiting_jobs[i]);
    clfit_state_clear(&worker->waiting_states[i]);
  }
  free(worker->jobs);
  free(worker->waiting_jobs);
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
