#include "study/plan/grid.h"

#include <stdlib.h>

static struct grid *grid_of(struct schedule *schedule)
{
  return (struct grid *)schedule;
}

/* ---- shared with other schedules over a grid --------------------------------------------------------------------- */

/* Number of configurations of a shard. */
static uint64_t count_shard(const struct sweep *sweep)
{
  uint64_t count = sweep->axes->count;
  return count / sweep->shards + (sweep->shard < count % sweep->shards);
}

/* Sets the field of an axis of names to the name with which clfit_network_bytes is largest. */
static void choose_name(const struct axis *axis, clfit_network *largest)
{
  clfit_network other = *largest;
  for (uint64_t i = 0; i < axis->count; i++) {
    clfit_field_set(axis->field, axis_value(axis, i), &other);
    if (i == 0 || clfit_network_bytes(&other) > clfit_network_bytes(largest)) *largest = other;
  }
}

static clfit_network find_largest(const struct sweep *sweep)
{
  const struct axes *axes = sweep->axes;
  clfit_network largest = sweep->base;
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    if (field->kind != CLFIT_FIELD_COUNT) continue;
    uint32_t otherwise = (uint32_t)clfit_field_value(field, &sweep->base);
    clfit_field_set(field, axes_largest(axes, field->name, otherwise), &largest);
  }
  for (size_t i = 0; i < axes->n; i++)
    if (axes->axis[i].field->kind == CLFIT_FIELD_NAME) choose_name(&axes->axis[i], &largest);
  return largest;
}

void grid_init(struct grid *grid, const struct schedule_kind *kind, const struct sweep *sweep)
{
  const double share = (double)count_shard(sweep) / (double)sweep->axes->count;
  *grid = (struct grid){.shard = sweep->shard, .shards = sweep->shards};
  grid->base.kind = kind;
  grid->base.total = count_shard(sweep);
  grid->base.work = share * axes_work(sweep->axes, &sweep->base, CLFIT_EPOCHS_MAX);
  grid->base.largest = find_largest(sweep);
  queue_init(&grid->queue, sweep->axes, &sweep->base, grid_choose, grid);
}

void grid_clear(struct grid *grid)
{
  queue_clear(&grid->queue);
}

static void mark_ended(void *context, uint64_t id)
{
  queue_mark(context, id, false);
}

clfit_status grid_choose(void *context, struct queue_window *window, clfit_error *error)
{
  const struct grid *grid = context;
  uint64_t first = window->first + (grid->shards + grid->shard - window->first % grid->shards) % grid->shards;
  for (uint64_t id = first; id < window->end; id += grid->shards) queue_mark(window, id, true);
  if (grid->fresh) return CLFIT_OK;
  return store_each_ended(grid->store, window->first, window->end, mark_ended, window, error);
}

void grid_fill_job(const struct grid *grid, uint64_t id, struct job *job)
{
  *job = (struct job){.id = id};
  queue_configuration(&grid->queue, id, &job->configuration);
  job->epochs = job->configuration.epochs;
}

/* Ids at equal distances, also of other shards, because all shards have the same distribution. */
void grid_sample(const struct schedule *schedule, uint64_t i, uint64_t n, clfit_network *network)
{
  const struct queue *queue = &((const struct grid *)schedule)->queue;
  queue_configuration(queue, (uint64_t)((double)i / (double)n * (double)queue->axes->count), network);
}

clfit_status grid_check(const struct schedule *schedule, struct store *store, clfit_error *error)
{
  const struct grid *grid = (const struct grid *)schedule;
  return store_check_grid(store, grid->queue.axes->count, grid->shard, grid->shards, error);
}

/* ---- the schedule ------------------------------------------------------------------------------------------------ */

static void describe(const struct schedule *schedule, char *text, size_t size)
{
  (void)schedule;
  if (size > 0) *text = '\0';
}

/* A row represents the work of all epochs of its network, also if the training ended early. */
static clfit_status count(const struct schedule *schedule, struct store *store, struct schedule_counts *counts,
                          clfit_error *error)
{
  (void)schedule;
  return store_count(store, &counts->ended, &counts->diverged, &counts->work, error);
}

static clfit_status begin(struct schedule *schedule, struct store *store, bool fresh, clfit_error *error)
{
  struct grid *grid = grid_of(schedule);
  grid->store = store;
  grid->fresh = fresh;
  if (fresh) return CLFIT_OK;
  schedule->begun = store_has_checkpoints(store);
  return count(schedule, store, &schedule->counts, error);
}

static clfit_status next(struct schedule *schedule, struct job *job, enum schedule_answer *answer, clfit_error *error)
{
  struct grid *grid = grid_of(schedule);
  uint64_t id;
  bool found;
  clfit_status status = queue_next(&grid->queue, &id, &found, error);
  if (status) return status;
  *answer = found ? SCHEDULE_JOB : SCHEDULE_OVER;
  if (found) grid_fill_job(grid, id, job);
  return CLFIT_OK;
}

static clfit_status ended(struct schedule *schedule, size_t n, const struct study_row *rows, clfit_error *error)
{
  (void)error;
  schedule->counts.ended += n;
  for (size_t i = 0; i < n; i++) schedule->counts.diverged += rows[i].status == CLFIT_TRAINING_DIVERGED;
  return CLFIT_OK;
}

static void free_grid(struct schedule *schedule)
{
  grid_clear(grid_of(schedule));
  free(schedule);
}

static const struct schedule_kind kind = {.sample = grid_sample,
                                          .describe = describe,
                                          .check = grid_check,
                                          .count = count,
                                          .begin = begin,
                                          .next = next,
                                          .ended = ended,
                                          .free = free_grid};

clfit_status grid_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error)
{
  struct grid *grid = malloc(sizeof *grid);
  if (!grid) return clfit_fail_memory(error);
  grid_init(grid, &kind, sweep);
  *schedule = &grid->base;
  return CLFIT_OK;
}
