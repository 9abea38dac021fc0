/*
 * The schedule that trains each configuration of a sweep's axes (or of a shard) once, with all its epochs; and
 * successive halving, which uses its functions.
 */
#ifndef CLFIT_STUDY_GRID_H
#define CLFIT_STUDY_GRID_H

#include "study/plan/queue.h"
#include "study/plan/schedule.h"

struct grid {
  struct schedule base;
  struct store *store; /* set by begin */
  bool fresh;          /* no network had a row at the beginning */
  struct queue queue;
  uint32_t shard, shards; /* ids with id % shards == shard */
};

clfit_status grid_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error);
clfit_status halving_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error);

/* ---- for other schedules over a grid ---- */

/* Fills *grid; its queue gets the function grid_choose with the grid as context. */
void grid_init(struct grid *grid, const struct schedule_kind *kind, const struct sweep *sweep);
void grid_clear(struct grid *grid);

/* Marks the networks of the shard that have no row. */
clfit_status grid_choose(void *context, struct queue_window *window, clfit_error *error);

/* The job of an id, with all its epochs. */
void grid_fill_job(const struct grid *grid, uint64_t id, struct job *job);

/* As in struct schedule_kind. */
clfit_status grid_check(const struct schedule *schedule, struct store *store, clfit_error *error);
void grid_sample(const struct schedule *schedule, uint64_t i, uint64_t n, clfit_network *network);

#endif
