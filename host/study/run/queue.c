#include "study/run/queue.h"

#include "study/base/fail.h"
#include "study/store/rungs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW (1u << 24)
/* Eighths of an octave; hidden*samples*epochs is below 2^(13+28+31). */
#define CLASSES (8 * 72)

void queue_init(struct queue *queue, const struct axes *axes, const clfit_network *base, struct store *store,
                uint32_t shard, uint32_t shards)
{
  *queue = (struct queue){.axes = axes, .base = *base, .store = store, .shard = shard, .shards = shards};
}

void queue_clear(struct queue *queue)
{
  free(queue->order);
  queue->order = NULL;
}

void queue_restart(struct queue *queue, struct store *store, uint32_t rung, uint32_t rung_epochs)
{
  queue->store = store;
  queue->rung = rung;
  queue->rung_epochs = rung_epochs;
  queue->window = queue->window_end = 0;
  queue->count = queue->next = 0;
}

/* 0 for the longest. */
static uint16_t class_of(const struct queue *queue, uint64_t id)
{
  int exponent;
  clfit_network configuration = queue->base;
  axes_configuration(queue->axes, id, &configuration);
  const clfit_network *network = &configuration;
  double fraction = frexp((double)network->hidden * network->samples * network->epochs, &exponent); /* 0.5 <= < 1 */
  return (uint16_t)(CLASSES - 1 - (8 * (exponent - 1) + (int)(16 * fraction - 8)));
}

/* A counting sort of the ids from window on, by class; those with class ENDED are left out. */
#define ENDED UINT16_MAX

static void sort_window(struct queue *queue, const uint16_t *classes, size_t size)
{
  size_t starts[CLASSES + 1] = {0};
  for (size_t i = 0; i < size; i++)
    if (classes[i] != ENDED) starts[classes[i] + 1]++;
  for (size_t k = 0; k < CLASSES; k++) starts[k + 1] += starts[k];
  queue->count = starts[CLASSES];
  for (size_t i = 0; i < size; i++)
    if (classes[i] != ENDED) queue->order[starts[classes[i]]++] = (uint32_t)i;
}

struct marking {
  const struct queue *queue;
  uint16_t *classes; /* [size], of the ids from first on */
  uint64_t first;
  size_t size;
  bool outside; /* an id was none of them: the study's pages contradict each other */
};

static void mark(struct marking *marking, uint64_t id, uint16_t class)
{
  if (id >= marking->first && id - marking->first < marking->size)
    marking->classes[id - marking->first] = class;
  else
    marking->outside = true;
}

static void mark_ended(void *context, uint64_t id)
{
  mark(context, id, ENDED);
}

static void mark_waiting(void *context, uint64_t id)
{
  const struct marking *marking = context;
  mark(context, id, id < marking->queue->axes->count ? class_of(marking->queue, id) : ENDED);
}

/* The classes of the ids from queue->window on. */
static clfit_status classify(const struct queue *queue, uint16_t *classes, size_t size, clfit_error *error)
{
  struct marking marking = {queue, classes, queue->window, size, false};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < size; i++) {
    uint64_t id = queue->window + i;
    bool ours = queue->rung == 0 && id % queue->shards == queue->shard;
    classes[i] = ours ? class_of(queue, id) : ENDED;
  }
  if (queue->rung > 0)
    status = rungs_each_waiting(queue->store, queue->rung, queue->rung_epochs, queue->window, queue->window_end,
                                mark_waiting, &marking, error);
  else if (queue->store)
    status = store_each_ended(queue->store, queue->window, queue->window_end, mark_ended, &marking, error);
  if (!status && marking.outside)
    status = store_refuse(queue->store, error, "a network's id is not what its place in the file says");
  return status;
}

static clfit_status fill_window(struct queue *queue, clfit_error *error)
{
  uint64_t left = queue->axes->count - queue->window_end;
  size_t size = left < WINDOW ? (size_t)left : WINDOW;
  uint16_t *classes = malloc(size * sizeof *classes);
  uint32_t *order = realloc(queue->order, size * sizeof *order);
  clfit_status status;
  if (order) queue->order = order;
  if (!classes || !order) {
    free(classes);
    return clfit_fail_memory(error);
  }
  queue->window = queue->window_end;
  queue->window_end += size;
  queue->next = queue->count = 0;
  status = classify(queue, classes, size, error);
  if (!status) sort_window(queue, classes, size);
  free(classes);
  return status;
}

clfit_status queue_next(struct queue *queue, uint64_t *id, bool *there, clfit_error *error)
{
  while (queue->next == queue->count && queue->window_end < queue->axes->count) {
    clfit_status status = fill_window(queue, error);
    if (status) return status;
  }
  *there = queue->next < queue->count;
  if (*there) *id = queue->window + queue->order[queue->next++];
  return CLFIT_OK;
}
