/*
 * The order in which a sweep's configurations are trained: long trainings first, so that at the end no long one is left
 * running alone. Trainings whose work differs by less than an eighth of a factor of 2 are in the order of their ids.
 * Ids go through a window of 2^24 at a time, which bounds the memory (64 MiB) whatever their number.
 */
#ifndef CLFIT_STUDY_QUEUE_H
#define CLFIT_STUDY_QUEUE_H

#include "study/plan/axes.h"

/* The ids first <= id < end. At first none of them is waiting to be trained; queue_mark changes that. */
struct queue_window {
  uint64_t first, end;
  uint16_t *classes; /* [end - first], belongs to the queue */
  bool outside;      /* an id outside of the window was marked */
};

/* Marks the ids of a window that are waiting to be trained, with queue_mark. */
typedef clfit_status queue_choose(void *context, struct queue_window *window, clfit_error *error);

struct queue {
  const struct axes *axes;
  clfit_network base; /* values of the fields that are no axes */
  queue_choose *choose;
  void *context;
  uint64_t window, window_end; /* ids window <= id < window_end */
  uint32_t *order;             /* [count], ids minus `window`, in the order of training */
  size_t count, next;
};

void queue_init(struct queue *queue, const struct axes *axes, const clfit_network *base, queue_choose *choose,
                void *context);
void queue_clear(struct queue *queue);

/* Starts again at id 0, after the set of waiting networks has changed. */
void queue_restart(struct queue *queue);

/* Sets whether an id is waiting. An id outside of the window, from a damaged study, makes queue_next fail. */
void queue_mark(struct queue_window *window, uint64_t id, bool waits);

/* *found is false at the end. CLFIT_ERROR_FORMAT: `choose` marked an id outside of its window. */
clfit_status queue_next(struct queue *queue, uint64_t *id, bool *found, clfit_error *error);

/* The configuration of an id. */
void queue_configuration(const struct queue *queue, uint64_t id, clfit_network *configuration);

#endif
