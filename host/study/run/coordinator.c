#include "study/run/coordinator.h"

#include "study/base/fail.h"
#include "study/run/queue.h"
#include "study/store/keep.h"
#include "study/store/rungs.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct local {
  struct coordinator base;
  const struct sweep *sweep;
  pthread_mutex_t mutex; /* of all below, and of the store */
  struct queue queue;
  struct keep keep;
  struct sweep_progress progress;
  struct rung rung; /* without halving it is one, of all networks */
  bool begun;       /* networks that wait may have a checkpoint: of a run before, or of the rung before */
  bool stop;
};

static struct local *local_of(struct coordinator *coordinator)
{
  return (struct local *)coordinator;
}

/* ---- rungs --------------------------------------------------------------------------------------------------------- */

/* Ends rungs whose networks all have come to their end. */
static clfit_status change_rungs(struct local *local, clfit_error *error)
{
  const struct sweep *sweep = local->sweep;
  struct rung *rung = &local->rung;
  double work;
  clfit_status status = CLFIT_OK;
  if (sweep->halving.eta == 0 || rung->left > 0) return CLFIT_OK;
  while (!status && rung->left == 0 && rung->networks > 0)
    status = rungs_next(sweep->store, &sweep->halving, sweep->rank, rung, error);
  if (!status) status = store_count(sweep->store, &local->progress.ended, &local->progress.diverged, &work, error);
  local->begun = true;
  queue_restart(&local->queue, sweep->store, rung->number, halving_epochs(&sweep->halving, rung->number));
  return status;
}

/* ---- next ---------------------------------------------------------------------------------------------------------- */

static clfit_status fill_job(struct local *local, struct job *job, bool *there, clfit_error *error)
{
  clfit_status status = queue_next(&local->queue, &job->id, there, error);
  if (status || !*there) return status;
  job->epochs = halving_epochs(&local->sweep->halving, local->rung.number);
  job->checkpoint = NULL;
  if (!local->begun) return CLFIT_OK;
  return store_read_checkpoint(local->sweep->store, job->id, &job->size, &job->checkpoint, error);
}

/* In one transaction, as each by itself would lock the file. */
static clfit_status fill_jobs(struct local *local, size_t most, struct job *jobs, size_t *count, bool *there,
                              clfit_error *error)
{
  struct store *store = local->sweep->store;
  clfit_status status = local->begun ? store_begin_reading(store, error) : CLFIT_OK;
  while (!status && *there && *count < most) {
    status = fill_job(local, &jobs[*count], there, error);
    if (!status && *there) ++*count;
  }
  if (!status && local->begun) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

static clfit_status next(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                         clfit_error *error)
{
  struct local *local = local_of(coordinator);
  bool there = true;
  *count = 0;
  pthread_mutex_lock(&local->mutex);
  clfit_status status = fill_jobs(local, most, jobs, count, &there, error);
  *over = !there && (local->sweep->halving.eta == 0 || local->rung.left == 0);
  pthread_mutex_unlock(&local->mutex);
  for (size_t i = 0; status && i < *count; i++) free(jobs[i].checkpoint);
  return status;
}

/* ---- add ----------------------------------------------------------------------------------------------------------- */

/* Whether the parameters are stored. Those that a rung ended are there only if all are: they may go on and change. */
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
  clfit_status status = store_add(sweep->store, row, error);
  /* The parameters that --keep all stored at a rung before are no longer its own. */
  if (!status && row->status == CLFIT_TRAINING_DIVERGED && sweep->keep == KEEP_ALL && local->rung.number > 0)
    status = store_forget(sweep->store, row->id, error);
  if (status || row->status == CLFIT_TRAINING_DIVERGED) return status;
  if (row->status == CLFIT_TRAINING_RUNNING) status = store_flight(local, flight, state, error);
  if (!status) status = keep_row(local, row, state, rank_value(rank, rank_figure(rank, row)), error);
  if (!status) note_best(&local->progress, rank, row);
  return status;
}

static clfit_status add(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                        const struct flight *flights, const clfit_state *states, clfit_error *error)
{
  struct local *local = local_of(coordinator);
  struct store *store = local->sweep->store;
  uint64_t diverged = 0, ended = 0;
  pthread_mutex_lock(&local->mutex);
  clfit_status status = store_begin(store, error);
  for (size_t i = 0; i < n && !status; i++) {
    status = add_row(local, &rows[i], &flights[i], &states[i], error);
    diverged += rows[i].status == CLFIT_TRAINING_DIVERGED;
    ended += rows[i].status != CLFIT_TRAINING_RUNNING;
  }
  if (!status) status = store_commit(store, error);
  if (status) {
    store_roll_back(store);
  } else {
    local->progress.ended += ended;
    local->progress.diverged += diverged;
    local->rung.left -= n;
    status = change_rungs(local, error);
  }
  pthread_mutex_unlock(&local->mutex);
  return status;
}

/* ---- checkpoints and reports --------------------------------------------------------------------------------------- */

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

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static clfit_status offer_kept(void *context, uint64_t id, double figure, clfit_error *error)
{
  struct local *local = context;
  bool kept, evicted;
  uint64_t out;
  return keep_offer(&local->keep, id, rank_value(local->sweep->rank, figure), &kept, &evicted, &out, error);
}

/* What a study that is there holds already. */
static clfit_status resume(struct local *local, clfit_error *error)
{
  const struct sweep *sweep = local->sweep;
  struct sweep_progress *progress = &local->progress;
  const uint32_t most = axes_largest(sweep->axes, "epochs", sweep->base.epochs);
  clfit_status status = store_count(sweep->store, &progress->ended, &progress->diverged, &progress->work_done, error);
  progress->work_before = progress->work_done;
  local->begun = store_has_checkpoints(sweep->store);
  if (!status && sweep->keep != KEEP_ALL)
    status = store_each_kept(sweep->store, sweep->rank->name, offer_kept, local, error);
  if (status || sweep->halving.eta == 0) return status;
  status = rungs_read(sweep->store, &sweep->halving, progress->total, most, &local->rung, error);
  if (!status && local->rung.number > 0)
    queue_restart(&local->queue, sweep->store, local->rung.number, halving_epochs(&sweep->halving, local->rung.number));
  return status ? status : change_rungs(local, error);
}

static clfit_status start(struct local *local, clfit_error *error)
{
  const struct sweep *sweep = local->sweep;
  struct sweep_progress *progress = &local->progress;
  progress->total = sweep_total(sweep->axes->count, sweep->shard, sweep->shards);
  progress->work = sweep_work(sweep);
  local->keep.limit = sweep->keep;
  local->rung = (struct rung){0, progress->total, progress->total};
  queue_init(&local->queue, sweep->axes, &sweep->base, sweep->fresh ? NULL : sweep->store, sweep->shard, sweep->shards);
  return sweep->fresh ? CLFIT_OK : resume(local, error);
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
  queue_clear(&local->queue);
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
