#include "study/run/coordinator.h"

#include "study/base/fail.h"
#include "study/store/keep.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct local {
  struct coordinator base;
  const struct sweep *sweep;
  pthread_mutex_t mutex; /* of all below, and of the store */
  struct schedule *schedule;
  struct keep keep;
  struct sweep_progress progress;
  bool stop;
};

static struct local *local_of(struct coordinator *coordinator)
{
  return (struct local *)coordinator;
}

/* What the schedule knows of the whole. */
static void note_schedule(struct local *local)
{
  const struct schedule *schedule = local->schedule;
  local->progress.total = schedule->total;
  local->progress.work = schedule->work;
  local->progress.ended = schedule->counts.ended;
  local->progress.diverged = schedule->counts.diverged;
}

/* ---- next -------------------------------------------------------------------------------------------------------- */

static clfit_status fill_job(struct local *local, struct job *job, enum schedule_answer *answer, clfit_error *error)
{
  struct schedule *schedule = local->schedule;
  clfit_status status = schedule->kind->next(schedule, job, answer, error);
  if (status || *answer != SCHEDULE_JOB) return status;
  job->checkpoint = NULL;
  if (!schedule->begun) return CLFIT_OK;
  return store_read_checkpoint(local->sweep->store, job->id, &job->size, &job->checkpoint, error);
}

/* Reads all checkpoints in one transaction, because each separate read would lock the file again. */
static clfit_status fill_jobs(struct local *local, size_t most, struct job *jobs, size_t *count,
                              enum schedule_answer *answer, clfit_error *error)
{
  struct store *store = local->sweep->store;
  bool reads = local->schedule->begun;
  clfit_status status = reads ? store_begin_reading(store, error) : CLFIT_OK;
  while (!status && *answer == SCHEDULE_JOB && *count < most) {
    status = fill_job(local, &jobs[*count], answer, error);
    if (!status && *answer == SCHEDULE_JOB) ++*count;
  }
  if (!status && reads) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

static clfit_status next(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                         clfit_error *error)
{
  struct local *local = local_of(coordinator);
  enum schedule_answer answer = SCHEDULE_JOB;
  *count = 0;
  pthread_mutex_lock(&local->mutex);
  clfit_status status = fill_jobs(local, most, jobs, count, &answer, error);
  pthread_mutex_unlock(&local->mutex);
  *over = answer == SCHEDULE_OVER;
  for (size_t i = 0; status && i < *count; i++) free(jobs[i].checkpoint);
  return status;
}

/* ---- add --------------------------------------------------------------------------------------------------------- */

/* Stores the parameters if they are among those kept. A network that may go on has its own stored only if all are:
 * they may change. */
static clfit_status keep_row(struct local *local, const struct study_row *row, const clfit_state *state, double value,
                             clfit_error *error)
{
  const struct sweep *sweep = local->sweep;
  bool kept = false, evicted = false;
  uint64_t out;
  clfit_status status = CLFIT_OK;
  if (sweep->keep != KEEP_ALL && (!isfinite(value) || row->status == CLFIT_TRAINING_RUNNING)) return CLFIT_OK;
  status = keep_offer(&local->keep, row->id, value, &kept, &evicted, &out, error);
  if (!status && evicted) status = store_forget(sweep->store, out, error);
  if (!status && kept)
    status = store_keep(sweep->store, row->id, clfit_parameter_count(state->network.hidden), state->parameters, error);
  return status;
}

static void note_best(struct sweep_progress *progress, const struct column *rank, const struct study_row *row)
{
  double figure = rank_figure(rank, row), value = rank_value(rank, figure), best = rank_value(rank, progress->best);
  if (!isfinite(value)) return;
  if (progress->any && (value > best || (value == best && row->id >= progress->best_id))) return;
  progress->any = true;
  progress->best = figure;
  progress->best_id = row->id;
}

static clfit_status store_flight(struct local *local, const struct flight *flight, const clfit_state *state,
                                 clfit_error *error)
{
  size_t size = flight_size(flight, state);
  unsigned char *bytes = malloc(size);
  if (!bytes) return clfit_fail_memory(error);
  flight_write(flight, state, bytes);
  clfit_status status = store_checkpoint(local->sweep->store, flight->id, size, bytes, error);
  free(bytes);
  return status;
}

static clfit_status add_row(struct local *local, const struct study_row *row, const struct flight *flight,
                            const clfit_state *state, clfit_error *error)
{
  const struct sweep *sweep = local->sweep;
  const struct column *rank = sweep->rank;
  bool in_stages = local->schedule->kind->in_stages;
  clfit_status status = in_stages ? store_replace(sweep->store, row, error) : store_add(sweep->store, row, error);
  /* The parameters that --keep all stored at a stage before are no longer its own. */
  if (!status && in_stages && row->status == CLFIT_TRAINING_DIVERGED && sweep->keep == KEEP_ALL)
    status = store_forget(sweep->store, row->id, error);
  if (status || row->status == CLFIT_TRAINING_DIVERGED) return status;
  if (row->status == CLFIT_TRAINING_RUNNING) status = store_flight(local, flight, state, error);
  if (!status) status = keep_row(local, row, state, rank_value(rank, rank_figure(rank, row)), error);
  if (!status) note_best(&local->progress, rank, row);
  return status;
}

static clfit_status add_rows(struct local *local, size_t n, const struct study_row *rows, const struct flight *flights,
                             const clfit_state *states, clfit_error *error)
{
  struct store *store = local->sweep->store;
  clfit_status status = store_begin(store, error);
  for (size_t i = 0; i < n && !status; i++) status = add_row(local, &rows[i], &flights[i], &states[i], error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

static clfit_status add(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                        const struct flight *flights, const clfit_state *states, clfit_error *error)
{
  struct local *local = local_of(coordinator);
  struct schedule *schedule = local->schedule;
  pthread_mutex_lock(&local->mutex);
  clfit_status status = add_rows(local, n, rows, flights, states, error);
  if (!status) status = schedule->kind->ended(schedule, n, rows, error);
  note_schedule(local);
  pthread_mutex_unlock(&local->mutex);
  return status;
}

/* ---- checkpoints and reports ------------------------------------------------------------------------------------- */

static clfit_status checkpoint(struct coordinator *coordinator, size_t n, const struct flight *flights,
                               const clfit_state *states, clfit_error *error)
{
  struct local *local = local_of(coordinator);
  struct store *store = local->sweep->store;
  pthread_mutex_lock(&local->mutex);
  clfit_status status = store_begin(store, error);
  for (size_t i = 0; i < n && !status; i++)
    if (flights[i].steps > 0) status = store_flight(local, &flights[i], &states[i], error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  pthread_mutex_unlock(&local->mutex);
  return status;
}

static clfit_status report(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                           clfit_error *error)
{
  struct local *local = local_of(coordinator);
  const struct sweep *sweep = local->sweep;
  (void)error;
  pthread_mutex_lock(&local->mutex);
  local->progress.work_done += work;
  local->progress.steps += steps;
  local->progress.running += (uint64_t)running;
  if (sweep->report && steps > 0) sweep->report(sweep->context, &local->progress);
  *stop = local->stop || sweep->interrupted(sweep->context);
  pthread_mutex_unlock(&local->mutex);
  return CLFIT_OK;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static clfit_status offer_kept(void *context, uint64_t id, double figure, clfit_error *error)
{
  struct local *local = context;
  bool kept, evicted;
  uint64_t out;
  return keep_offer(&local->keep, id, rank_value(local->sweep->rank, figure), &kept, &evicted, &out, error);
}

static clfit_status start(struct local *local, clfit_error *error)
{
  const struct sweep *sweep = local->sweep;
  struct schedule *schedule = sweep->schedule;
  local->schedule = schedule;
  local->keep.limit = sweep->keep;
  clfit_status status = schedule->kind->begin(schedule, sweep->store, sweep->fresh, error);
  local->progress.work_done = schedule->counts.work;
  note_schedule(local);
  if (!status && !sweep->fresh && sweep->keep != KEEP_ALL)
    status = store_each_kept(sweep->store, sweep->rank->name, offer_kept, local, error);
  return status;
}

clfit_status coordinator_create(const struct sweep *sweep, size_t workers, struct coordinator **coordinator,
                                clfit_error *error)
{
  struct local *local = calloc(1, sizeof *local);
  if (!local) return clfit_fail_memory(error);
  local->base = (struct coordinator){sweep->checkpoints, workers, next, add, checkpoint, report};
  local->sweep = sweep;
  pthread_mutex_init(&local->mutex, NULL);
  clfit_status status = start(local, error);
  if (status)
    coordinator_free(&local->base);
  else
    *coordinator = &local->base;
  return status;
}

void coordinator_free(struct coordinator *coordinator)
{
  if (!coordinator) return;
  struct local *local = local_of(coordinator);
  keep_clear(&local->keep);
  pthread_mutex_destroy(&local->mutex);
  free(local);
}

void coordinator_stop(struct coordinator *coordinator)
{
  struct local *local = local_of(coordinator);
  pthread_mutex_lock(&local->mutex);
  local->stop = true;
  pthread_mutex_unlock(&local->mutex);
}

void coordinator_progress(struct coordinator *coordinator, struct sweep_progress *progress)
{
  struct local *local = local_of(coordinator);
  pthread_mutex_lock(&local->mutex);
  *progress = local->progress;
  pthread_mutex_unlock(&local->mutex);
}
