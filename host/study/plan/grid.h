/*
 * The schedules over the configurations of a sweep's axes: each of a shard once, with all its epochs; and successive
 * halving, which is built on it.
 */
#ifndef CLFIT_STUDY_GRID_H
#define CLFIT_STUDY_GRID_H

#include "study/plan/queue.h"
#include "study/plan/schedule.h"

struct grid {
  struct schedule base;
  struct store *store; /* from begin on */
  bool fresh;          /* no network had a row when it began */
  struct queue queue;
  uint32_t shard, shards; /* ids with id % shards == shard */
};

clfit_status grid_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error);
clfit_status halving_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error);

/* ---- for schedules that are built on a grid ---- */

/* Fills what all of them have; `choose` of the queue is grid_choose, with the grid as its context. */
void grid_init(struct grid *grid, const struct schedule_kind *kind, const struct sweep *sweep);
void grid_clear(struct grid *grid);

/* The networks of the shard that have no row. */
clfit_status grid_choose(void *grid, struct queue_window *window, clfit_error *error);

/* The job of an id, with all its epochs. */
void grid_fill_job(const struct grid *grid, uint64_t id, struct job *job);

/* As in struct schedule_kind. */
clfit_status grid_check(const struct schedule *schedule, struct store *store, clfit_error *error);
void grid_sample(const struct schedule *schedule, uint64_t i, uint64_t n, clfit_network *network);

#endif
