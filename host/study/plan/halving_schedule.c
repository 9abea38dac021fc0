/*
 * Successive halving as a schedule. In rung 0 all networks of the grid train to the epochs of that rung. When all
 * networks of a rung have a row, the best of them that have epochs left form the next rung.
 */
#include "study/plan/grid.h"
#include "study/store/rungs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct halving_schedule {
  struct grid grid; /* first, so that a pointer to its base is one to this */
  struct halving halving;
  const struct column *ranking;
  struct rung rung; /* the rung in training */
};

static struct halving_schedule *halving_of(struct schedule *schedule)
{
  return (struct halving_schedule *)schedule;
}

static void mark_waiting(void *context, uint64_t id)
{
  queue_mark(context, id, true);
}

/* Marks the networks that have not reached the end of the rung. */
static clfit_status choose(void *context, struct queue_window *window, clfit_error *error)
{
  struct halving_schedule *staged = context;
  const struct rung *rung = &staged->rung;
  if (rung->number == 0) return grid_choose(&staged->grid, window, error);
  return rungs_each_waiting(staged->grid.store, rung->number, halving_epochs(&staged->halving, rung->number),
                            window->first, window->end, mark_waiting, window, error);
}

#define RUNGS_SHOWN 8

/* Prints the rungs of successive halving with their numbers of networks, assuming that no network ends early. */
static void describe(const struct schedule *schedule, char *text, size_t size)
{
  const struct halving_schedule *staged = (const struct halving_schedule *)schedule;
  const uint32_t most = schedule->largest.epochs;
  uint64_t networks = schedule->total;
  uint32_t epochs = 0;
  snprintf(text, size, "rungs     ");
  for (uint32_t rung = 0; epochs < most && rung < RUNGS_SHOWN; rung++) {
    size_t length = strlen(text);
    epochs = halving_epochs(&staged->halving, rung);
    if (epochs > most) epochs = most;
    snprintf(text + length, size - length, "%s%" PRIu64 " to %u epochs", rung ? ", " : "", networks, epochs);
    networks = halving_survivors(&staged->halving, networks);
  }
  size_t length = strlen(text);
  snprintf(text + length, size - length, "%s; by %s", epochs < most ? ", ..." : "", staged->ranking->name);
}

static clfit_status check(const struct schedule *schedule, struct store *store, clfit_error *error)
{
  const struct halving_schedule *staged = (const struct halving_schedule *)schedule;
  struct rung rung;
  clfit_status status = grid_check(schedule, store, error);
  if (status) return status;
  return rungs_read(store, &staged->halving, schedule->total, schedule->largest.epochs, &rung, error);
}

static clfit_status count(const struct schedule *schedule, struct store *store, struct schedule_counts *counts,
                          clfit_error *error)
{
  (void)schedule;
  return rungs_count(store, &counts->ended, &counts->diverged, &counts->work, error);
}

/* If all networks have reached the end of the rung, goes on to the next rung that has networks to train. */
static clfit_status change_rungs(struct halving_schedule *staged, clfit_error *error)
{
  struct store *store = staged->grid.store;
  struct rung *rung = &staged->rung;
  struct schedule_counts now;
  clfit_status status = CLFIT_OK;
  if (rung->left > 0) return CLFIT_OK;
  while (!status && rung->left == 0 && rung->networks > 0)
    status = rungs_next(store, &staged->halving, staged->ranking, rung, error);
  if (!status) status = count(&staged->grid.base, store, &now, error);
  if (status) return status;
  staged->grid.base.counts.ended = now.ended;
  staged->grid.base.counts.diverged = now.diverged;
  staged->grid.base.begun = true;
  queue_restart(&staged->grid.queue);
  return CLFIT_OK;
}

static clfit_status begin(struct schedule *schedule, struct store *store, bool fresh, clfit_error *error)
{
  struct halving_schedule *staged = halving_of(schedule);
  staged->grid.store = store;
  staged->grid.fresh = fresh;
  staged->rung = (struct rung){0, schedule->total, schedule->total};
  if (fresh) return CLFIT_OK;
  schedule->begun = store_has_checkpoints(store);
  clfit_status status = count(schedule, store, &schedule->counts, error);
  if (!status)
    status = rungs_read(store, &staged->halving, schedule->total, schedule->largest.epochs, &staged->rung, error);
  return status ? status : change_rungs(staged, error);
}

static clfit_status next(struct schedule *schedule, struct job *job, enum schedule_answer *answer, clfit_error *error)
{
  struct halving_schedule *staged = halving_of(schedule);
  uint64_t id;
  bool found;
  clfit_status status = queue_next(&staged->grid.queue, &id, &found, error);
  if (status) return status;
  *answer = found ? SCHEDULE_JOB : staged->rung.left > 0 ? SCHEDULE_WAIT : SCHEDULE_OVER;
  if (!found) return CLFIT_OK;
  grid_fill_job(&staged->grid, id, job);
  uint32_t epochs = halving_epochs(&staged->halving, staged->rung.number);
  if (epochs < job->epochs) job->epochs = epochs;
  return CLFIT_OK;
}

static clfit_status ended(struct schedule *schedule, size_t n, const struct study_row *rows, clfit_error *error)
{
  struct halving_schedule *staged = halving_of(schedule);
  for (size_t i = 0; i < n; i++) {
    schedule->counts.ended += rows[i].status != CLFIT_TRAINING_RUNNING;
    schedule->counts.diverged += rows[i].status == CLFIT_TRAINING_DIVERGED;
  }
  staged->rung.left -= n;
  return change_rungs(staged, error);
}

static void free_halving(struct schedule *schedule)
{
  grid_clear(&halving_of(schedule)->grid);
  free(schedule);
}

static const struct schedule_kind kind = {.in_stages = true,
                                          .sample = grid_sample,
                                          .describe = describe,
                                          .check = check,
                                          .count = count,
                                          .begin = begin,
                                          .next = next,
                                          .ended = ended,
                                          .free = free_halving};

clfit_status halving_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error)
{
  struct halving_schedule *staged = calloc(1, sizeof *staged);
  if (!staged) return clfit_fail_memory(error);
  grid_init(&staged->grid, &kind, sweep);
  queue_init(&staged->grid.queue, sweep->axes, &sweep->base, choose, staged);
  staged->grid.base.work = halving_work(&sweep->halving, sweep->axes, &sweep->base);
  staged->halving = sweep->halving;
  staged->ranking = sweep->ranking;
  *schedule = &staged->grid.base;
  return CLFIT_OK;
}
