#include "study/plan/queue.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW (1u << 24)
/* Length classes: eight per factor of 2 of clfit_network_work * samples * epochs, which is 1 or more and below
 * 2^(13+28+31). */
#define CLASSES (8 * 72)

void queue_init(struct queue *queue, const struct axes *axes, const clfit_network *base, queue_choose *choose,
                void *context)
{
  *queue = (struct queue){.axes = axes, .base = *base, .choose = choose, .context = context};
}

void queue_clear(struct queue *queue)
{
  free(queue->order);
  queue->order = NULL;
}

void queue_restart(struct queue *queue)
{
  queue->window = queue->window_end = 0;
  queue->count = queue->next = 0;
}

void queue_configuration(const struct queue *queue, uint64_t id, clfit_network *configuration)
{
  *configuration = queue->base;
  axes_configuration(queue->axes, id, configuration);
}

/* The length class of a configuration; 0 is the longest. */
static uint16_t class_of(const struct queue *queue, uint64_t id)
{
  int exponent;
  clfit_network network;
  queue_configuration(queue, id, &network);
  double fraction = frexp(clfit_network_work(&network) * network.samples * network.epochs, &exponent); /* 0.5 <= < 1 */
  return (uint16_t)(CLASSES - 1 - (8 * (exponent - 1) + (int)(16 * fraction - 8)));
}

/* Instead of a class: the id is not waiting, or it is and its class is not computed yet. */
#define ENDED UINT16_MAX
#define WAITS (UINT16_MAX - 1)

void queue_mark(struct queue_window *window, uint64_t id, bool waits)
{
  if (id >= window->first && id < window->end)
    window->classes[id - window->first] = waits ? WAITS : ENDED;
  else
    window->outside = true;
}

/* Sorts the ids of the window by class with a counting sort, without those of class ENDED. */
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

/* Fills the classes of the ids of the window that begins at queue->window. */
static clfit_status classify(const struct queue *queue, uint16_t *classes, size_t size, clfit_error *error)
{
  struct queue_window window = {queue->window, queue->window_end, classes, false};
  for (size_t i = 0; i < size; i++) classes[i] = ENDED;
  clfit_status status = queue->choose(queue->context, &window, error);
  if (status) return status;
  if (window.outside)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "the study is damaged: a network's id is not what its place says");
  for (size_t i = 0; i < size; i++)
    if (classes[i] == WAITS) classes[i] = class_of(queue, queue->window + i);
  return CLFIT_OK;
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

clfit_status queue_next(struct queue *queue, uint64_t *id, bool *found, clfit_error *error)
{
  while (queue->next == queue->count && queue->window_end < queue->axes->count) {
    clfit_status status = fill_window(queue, error);
    if (status) return status;
  }
  *found = queue->next < queue->count;
  if (*found) *id = queue->window + queue->order[queue->next++];
  return CLFIT_OK;
}
