#include "study/run/coordinator.h"

#include "study/base/fail.h"
#include "study/store/keep.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct store_coordinator {
  struct coordinator base;
  const struct sweep *sweep;
  pthread_mutex_t mutex; /* of all below, and of the store */
  struct schedule *schedule;
  struct keep keep;
  struct sweep_progress progress;
  bool stop;
};

static struct store_coordinator *store_coordinator_of(struct coordinator *coordinator)
{
  return (struct store_coordinator *)coordinator;
}

/* Copies the counts of the schedule into the progress. */
static void note_schedule(struct store_coordinator *self)
{
  const struct schedule *schedule = self->schedule;
  self->progress.total = schedule->total;
  self->progress.work = schedule->work;
  self->progress.ended = schedule->counts.ended;
  self->progress.diverged = schedule->counts.diverged;
}

/* ---- next -------------------------------------------------------------------------------------------------------- */

static clfit_status fill_job(struct store_coordinator *self, struct job *job, enum schedule_answer *answer,
                             clfit_error *error)
{
  struct schedule *schedule = self->schedule;
  clfit_status status = schedule->kind->next(schedule, job, answer, error);
  if (status || *answer != SCHEDULE_JOB) return status;
  job->checkpoint = NULL;
  if (!schedule->begun) return CLFIT_OK;
  return store_read_checkpoint(self->sweep->store, job->id, &job->size, &job->checkpoint, error);
}

/* Reads all checkpoints in one transaction, because each separate read would lock the file again. */
static clfit_status fill_jobs(struct store_coordinator *self, size_t most, struct job *jobs, size_t *count,
                              enum schedule_answer *answer, clfit_error *error)
{
  struct store *store = self->sweep->store;
  bool reads = self->schedule->begun;
  clfit_status status = reads ? store_begin_reading(store, error) : CLFIT_OK;
  while (!status && *answer == SCHEDULE_JOB && *count < most) {
    status = fill_job(self, &jobs[*count], answer, error);
    if (!status && *answer == SCHEDULE_JOB) ++*count;
  }
  if (!status && reads) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

static clfit_status next(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                         clfit_error *error)
{
  struct store_coordinator *self = store_coordinator_of(coordinator);
  enum schedule_answer answer = SCHEDULE_JOB;
  *count = 0;
  pthread_mutex_lock(&self->mutex);
  clfit_status status = fill_jobs(self, most, jobs, count, &answer, error);
  pthread_mutex_unlock(&self->mutex);
  *over = answer == SCHEDULE_OVER;
  for (size_t i = 0; status && i < *count; i++) free(jobs[i].checkpoint);
  return status;
}

/* ---- add --------------------------------------------------------------------------------------------------------- */

/* Those of a network that may be trained further are what it gives if it does not: with patience, the best ones. */
static clfit_status keep_parameters(struct store_coordinator *self, const struct study_row *row,
                                    const clfit_state *state, clfit_error *error)
{
  struct store *store = self->sweep->store;
  const size_t count = clfit_parameter_count(state->network.hidden);
  clfit_state ended;
  if (row->status != CLFIT_TRAINING_RUNNING) return store_keep(store, row->id, count, state->parameters, error);
  clfit_status status = clfit_state_copy(&ended, state, error);
  if (status) return status;
  clfit_state_extend(&ended, state->progress.epoch);
  status = store_keep(store, row->id, count, ended.parameters, error);
  clfit_state_clear(&ended);
  return status;
}

/* Stores the parameters if they are among those to be kept. The parameters of a network that may be trained further can
 * still change, so they are stored only with --keep all. */
static clfit_status keep_row(struct store_coordinator *self, const struct study_row *row, const clfit_state *state,
                             double value, clfit_error *error)
{
  const struct sweep *sweep = self->sweep;
  bool kept = false, evicted = false;
  uint64_t out;
  clfit_status status = CLFIT_OK;
  if (sweep->keep != KEEP_ALL && (!isfinite(value) || row->status == CLFIT_TRAINING_RUNNING)) return CLFIT_OK;
  status = keep_offer(&self->keep, row->id, value, &kept, &evicted, &out, error);
  if (!status && evicted) status = store_forget(sweep->store, out, error);
  return !status && kept ? keep_parameters(self, row, state, error) : status;
}

static void note_best(struct sweep_progress *progress, const struct column *ranking, const struct study_row *row)
{
  double metric = ranking_metric(ranking, row), value = ranking_value(ranking, metric),
         best = ranking_value(ranking, progress->best);
  if (!isfinite(value)) return;
  if (progress->any && (value > best || (value == best && row->id >= progress->best_id))) return;
  progress->any = true;
  progress->best = metric;
  progress->best_id = row->id;
}

static clfit_status put_checkpoint(struct store_coordinator *self, const struct training_job *job,
                                   const clfit_state *state, clfit_error *error)
{
  size_t size = checkpoint_size(job, state);
  unsigned char *bytes = malloc(size);
  if (!bytes) return clfit_fail_memory(error);
  checkpoint_write(job, state, bytes);
  clfit_status status = store_checkpoint(self->sweep->store, job->id, size, bytes, error);
  free(bytes);
  return status;
}

static clfit_status add_row(struct store_coordinator *self, const struct study_row *row, const struct training_job *job,
                            const clfit_state *state, clfit_error *error)
{
  const struct sweep *sweep = self->sweep;
  const struct column *ranking = sweep->ranking;
  bool in_stages = self->schedule->kind->in_stages;
  clfit_status status = in_stages ? store_replace(sweep->store, row, error) : store_add(sweep->store, row, error);
  /* The parameters that --keep all stored at a stage before are no longer its own. */
  if (!status && in_stages && row->status == CLFIT_TRAINING_DIVERGED && sweep->keep == KEEP_ALL)
    status = store_forget(sweep->store, row->id, error);
  if (status || row->status == CLFIT_TRAINING_DIVERGED) return status;
  if (row->status == CLFIT_TRAINING_RUNNING) status = put_checkpoint(self, job, state, error);
  if (!status) status = keep_row(self, row, state, ranking_value(ranking, ranking_metric(ranking, row)), error);
  if (!status) note_best(&self->progress, ranking, row);
  return status;
}

static clfit_status add_rows(struct store_coordinator *self, size_t n, const struct study_row *rows,
                             const struct training_job *jobs, const clfit_state *states, clfit_error *error)
{
  struct store *store = self->sweep->store;
  clfit_status status = store_begin(store, error);
  for (size_t i = 0; i < n && !status; i++) status = add_row(self, &rows[i], &jobs[i], &states[i], error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  return status;
}

static clfit_status add(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                        const struct training_job *jobs, const clfit_state *states, clfit_error *error)
{
  struct store_coordinator *self = store_coordinator_of(coordinator);
  struct schedule *schedule = self->schedule;
  pthread_mutex_lock(&self->mutex);
  clfit_status status = add_rows(self, n, rows, jobs, states, error);
  if (!status) status = schedule->kind->ended(schedule, n, rows, error);
  note_schedule(self);
  pthread_mutex_unlock(&self->mutex);
  return status;
}

/* ---- checkpoints and reports ------------------------------------------------------------------------------------- */

static clfit_status checkpoint(struct coordinator *coordinator, size_t n, const struct training_job *jobs,
                               const clfit_state *states, clfit_error *error)
{
  struct store_coordinator *self = store_coordinator_of(coordinator);
  struct store *store = self->sweep->store;
  pthread_mutex_lock(&self->mutex);
  clfit_status status = store_begin(store, error);
  for (size_t i = 0; i < n && !status; i++)
    if (jobs[i].steps > 0) status = put_checkpoint(self, &jobs[i], &states[i], error);
  if (!status) status = store_commit(store, error);
  if (status) store_roll_back(store);
  pthread_mutex_unlock(&self->mutex);
  return status;
}

static clfit_status report(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                           clfit_error *error)
{
  struct store_coordinator *self = store_coordinator_of(coordinator);
  const struct sweep *sweep = self->sweep;
  (void)error;
  pthread_mutex_lock(&self->mutex);
  self->progress.work_done += work;
  self->progress.steps += steps;
  self->progress.running += (uint64_t)running;
  if (sweep->report && steps > 0) sweep->report(sweep->context, &self->progress);
  *stop = self->stop || sweep->interrupted(sweep->context);
  pthread_mutex_unlock(&self->mutex);
  return CLFIT_OK;
}

/* ---- the coordinator --------------------------------------------------------------------------------------------- */

static clfit_status offer_kept(void *context, uint64_t id, double metric, clfit_error *error)
{
  struct store_coordinator *self = context;
  bool kept, evicted;
  uint64_t out;
  return keep_offer(&self->keep, id, ranking_value(self->sweep->ranking, metric), &kept, &evicted, &out, error);
}

static clfit_status start(struct store_coordinator *self, clfit_error *error)
{
  const struct sweep *sweep = self->sweep;
  struct schedule *schedule = sweep->schedule;
  self->schedule = schedule;
  self->keep.limit = sweep->keep;
  clfit_status status = schedule->kind->begin(schedule, sweep->store, sweep->fresh, error);
  self->progress.work_done = schedule->counts.work;
  note_schedule(self);
  if (!status && !sweep->fresh && sweep->keep != KEEP_ALL)
    status = store_each_kept(sweep->store, sweep->ranking->name, offer_kept, self, error);
  return status;
}

clfit_status coordinator_create(const struct sweep *sweep, size_t workers, struct coordinator **coordinator,
                                clfit_error *error)
{
  struct store_coordinator *self = calloc(1, sizeof *self);
  if (!self) return clfit_fail_memory(error);
  self->base = (struct coordinator){sweep->checkpoints, workers, next, add, checkpoint, report};
  self->sweep = sweep;
  pthread_mutex_init(&self->mutex, NULL);
  clfit_status status = start(self, error);
  if (status)
    coordinator_free(&self->base);
  else
    *coordinator = &self->base;
  return status;
}

void coordinator_free(struct coordinator *coordinator)
{
  if (!coordinator) return;
  struct store_coordinator *self = store_coordinator_of(coordinator);
  keep_clear(&self->keep);
  pthread_mutex_destroy(&self->mutex);
  free(self);
}

void coordinator_stop(struct coordinator *coordinator)
{
  struct store_coordinator *self = store_coordinator_of(coordinator);
  pthread_mutex_lock(&self->mutex);
  self->stop = true;
  pthread_mutex_unlock(&self->mutex);
}

void coordinator_progress(struct coordinator *coordinator, struct sweep_progress *progress)
{
  struct store_coordinator *self = store_coordinator_of(coordinator);
  pthread_mutex_lock(&self->mutex);
  *progress = self->progress;
  pthread_mutex_unlock(&self->mutex);
}
