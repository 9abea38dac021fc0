/*
 * The order in which a sweep's configurations start: long trainings first, so that none is left running alone at the
 * end; of about equal ones (an eighth of an octave) the lower id. Ids go through a window of 2^24 at a time, which
 * bounds the memory (64 MiB) whatever their number.
 */
#ifndef CLFIT_STUDY_QUEUE_H
#define CLFIT_STUDY_QUEUE_H

#include "study/plan/axes.h"
#include "study/store/store.h"

struct queue {
  const struct axes *axes;
  clfit_network base;          /* what is no axis */
  struct store *store;         /* whose networks that have a row are passed over; NULL: there are none */
  uint32_t rung, rung_epochs;  /* from 1 on: the networks of that rung of the store, alone, up to that many epochs */
  uint32_t shard, shards;      /* ids with id % shards == shard */
  uint64_t window, window_end; /* ids window <= id < window_end */
  uint32_t *order;             /* [count], ids less window */
  size_t count, next;
};

/* Of all networks; the store may be NULL: none has a row. */
void queue_init(struct queue *queue, const struct axes *axes, const clfit_network *base, struct store *store,
                uint32_t shard, uint32_t shards);
void queue_clear(struct queue *queue);

/* Begins anew with the networks of a rung. */
void queue_restart(struct queue *queue, struct store *store, uint32_t rung, uint32_t rung_epochs);

/* *there is false at the end. */
clfit_status queue_next(struct queue *queue, uint64_t *id, bool *there, clfit_error *error);

#endif
