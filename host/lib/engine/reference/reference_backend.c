/* A population on the host: the reference behind the backend's verbs, one network after the other. */
#include "base/error.h"
#include "config/record.h"
#include "engine/backend.h"
#include "engine/reference/reference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct place {
  struct network_task task;
  clfit_activation activation;
  clfit_optimizer optimizer;
  struct network_progress progress;
  float *record; /* canonical; NULL: free */
  float *losses; /* pairs, as many as reference->loss_room; NULL if none are kept */
};

struct reference {
  uint32_t keep;        /* CLFIT_KEEP_... */
  size_t loss_room;     /* pairs a network */
  struct place *places; /* [count], by slot */
  size_t count;
  float *x, *y; /* [samples], all data one after the other */
  size_t samples;
};

clfit_status clfit_reference_create(uint32_t keep, void **self, clfit_error *error)
{
  struct reference *reference = calloc(1, sizeof *reference);
  if (!reference) return clfit_fail_memory(error);
  reference->keep = keep;
  if (keep == CLFIT_KEEP_EVERY) reference->loss_room = CLFIT_EVERY_CAPACITY;
  if (keep == CLFIT_KEEP_MILESTONES) reference->loss_room = CLFIT_MILESTONE_CAPACITY;
  *self = reference;
  return CLFIT_OK;
}

static clfit_status add_data(void *self, size_t n, const float *x, const float *y, clfit_error *error)
{
  struct reference *reference = self;
  size_t total = reference->samples + n;
  float *all_x = realloc(reference->x, total * sizeof *all_x);
  if (!all_x) return clfit_fail_memory(error);
  reference->x = all_x;
  float *all_y = realloc(reference->y, total * sizeof *all_y);
  if (!all_y) return clfit_fail_memory(error);
  reference->y = all_y;
  memcpy(all_x + reference->samples, x, n * sizeof *x);
  memcpy(all_y + reference->samples, y, n * sizeof *y);
  reference->samples = total;
  return CLFIT_OK;
}

static clfit_status make_room(struct reference *reference, size_t count, clfit_error *error)
{
  if (count <= reference->count) return CLFIT_OK;
  struct place *places = realloc(reference->places, count * sizeof *places);
  if (!places) return clfit_fail_memory(error);
  memset(places + reference->count, 0, (count - reference->count) * sizeof *places);
  reference->places = places;
  reference->count = count;
  return CLFIT_OK;
}

static void clear_place(struct place *place)
{
  free(place->record);
  free(place->losses);
  *place = (struct place){0};
}

static size_t record_bytes(const struct place *place)
{
  return clfit_sets_size(clfit_optimizer_get(place->optimizer)->sets, place->task.hidden) * sizeof(float);
}

static clfit_status fill_place(struct reference *reference, const struct newcomer *newcomer, clfit_error *error)
{
  struct place *place = &reference->places[newcomer->slot];
  assert(!place->record);
  *place = (struct place){.task = newcomer->task,
                          .activation = newcomer->activation,
                          .optimizer = newcomer->optimizer,
                          .progress = newcomer->progress};
  const size_t bytes = record_bytes(place);
  place->record = malloc(bytes);
  if (reference->loss_room) place->losses = malloc(2 * reference->loss_room * sizeof(float));
  if (!place->record || (reference->loss_room && !place->losses)) {
    clear_place(place);
    return clfit_fail_memory(error);
  }
  memcpy(place->record, newcomer->record, bytes);
  return CLFIT_OK;
}

static clfit_status take(void *self, size_t n, const struct newcomer *newcomers, clfit_error *error)
{
  struct reference *reference = self;
  for (size_t i = 0; i < n; i++) {
    clfit_status status = make_room(reference, (size_t)newcomers[i].slot + 1, error);
    if (!status) status = fill_place(reference, &newcomers[i], error);
    if (status) {
      while (i-- > 0) clear_place(&reference->places[newcomers[i].slot]);
      return status;
    }
  }
  return CLFIT_OK;
}

static clfit_status advance(void *self, uint32_t steps, clfit_error *error)
{
  struct reference *reference = self;
  (void)error;
  for (struct place *place = reference->places; place < reference->places + reference->count; place++) {
    if (!place->record) continue;
    clfit_reference_train(&place->task, place->activation, place->optimizer, &place->progress, place->record,
                          reference->x + place->task.first, reference->y + place->task.first, steps, reference->keep,
                          place->losses);
  }
  return CLFIT_OK;
}

static clfit_status evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                             clfit_error *error)
{
  const struct reference *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    const struct place *place = &reference->places[slots[i]];
    clfit_reference_evaluate(place->task.hidden, place->activation, place->record, n_x, x, z + i * n_x);
  }
  return CLFIT_OK;
}

static clfit_status give(void *self, size_t n, const uint32_t *slots, float *const *records, clfit_error *error)
{
  struct reference *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    struct place *place = &reference->places[slots[i]];
    memcpy(records[i], place->record, record_bytes(place));
    clear_place(place);
  }
  return CLFIT_OK;
}

static const struct network_progress *progress(const void *self, uint32_t slot)
{
  return &((const struct reference *)self)->places[slot].progress;
}

static const float *losses(const void *self, uint32_t slot)
{
  return ((const struct reference *)self)->places[slot].losses;
}

static clfit_status milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  const struct reference *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++)
    memcpy(pairs + i * 2 * CLFIT_MILESTONE_CAPACITY, reference->places[slots[i]].losses,
           2 * CLFIT_MILESTONE_CAPACITY * sizeof *pairs);
  return CLFIT_OK;
}

static void free_reference(void *self)
{
  struct reference *reference = self;
  if (!reference) return;
  for (size_t slot = 0; slot < reference->count; slot++) clear_place(&reference->places[slot]);
  free(reference->places);
  free(reference->x);
  free(reference->y);
  free(reference);
}

const struct backend clfit_reference_backend = {.add_data = add_data,
                                                .take = take,
                                                .advance = advance,
                                                .evaluate = evaluate,
                                                .give = give,
                                                .progress = progress,
                                                .losses = losses,
                                                .milestones = milestones,
                                                .free = free_reference};
