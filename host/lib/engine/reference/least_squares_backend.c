/* The backend that trains by least squares with the reference, one network after the other. */
#include "base/error.h"
#include "config/record.h"
#include "engine/backend.h"
#include "engine/binary64.h"
#include "engine/lm_record.h"
#include "engine/reference/reference.h"
#include "engine/round_network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct held_network {
  struct network_task task;
  clfit_activation activation;
  bool pauses;
  struct weighted_samples samples;
  struct network_progress progress;
  struct least_squares fit; /* memory NULL: the slot is free, or its training had ended when it was taken */
  float *record;            /* [P], of an ended training; while it goes on, the parameters rounded; NULL: free */
  float *losses;            /* pairs, as many as loss_capacity; NULL if none are kept */
};

struct reference_lm {
  uint32_t losses_kept;          /* CLFIT_LOSSES_... */
  size_t loss_capacity;          /* pairs a network */
  struct held_network *networks; /* [count], by slot */
  size_t count;
};

clfit_status clfit_reference_lm_create(uint32_t losses_kept, void **self, clfit_error *error)
{
  clfit_status status = clfit_binary64_check(error);
  if (status) return status;
  struct reference_lm *reference = calloc(1, sizeof *reference);
  if (!reference) return clfit_fail_memory(error);
  reference->losses_kept = losses_kept;
  if (losses_kept == CLFIT_LOSSES_EVERY) reference->loss_capacity = CLFIT_EVERY_CAPACITY;
  if (losses_kept == CLFIT_LOSSES_MILESTONES) reference->loss_capacity = CLFIT_MILESTONE_CAPACITY;
  *self = reference;
  return CLFIT_OK;
}

/* Each network knows its samples. */
static clfit_status add_data(void *self, const struct samples_added *added, clfit_error *error)
{
  (void)self, (void)added, (void)error;
  return CLFIT_OK;
}

static clfit_status reserve_slots(struct reference_lm *reference, size_t count, clfit_error *error)
{
  if (count <= reference->count) return CLFIT_OK;
  struct held_network *networks = realloc(reference->networks, count * sizeof *networks);
  if (!networks) return clfit_fail_memory(error);
  memset(networks + reference->count, 0, (count - reference->count) * sizeof *networks);
  reference->networks = networks;
  reference->count = count;
  return CLFIT_OK;
}

static void clear_network(struct held_network *network)
{
  clfit_least_squares_free(&network->fit);
  free(network->record);
  free(network->losses);
  *network = (struct held_network){0};
}

static struct lm_values values_of(struct least_squares *fit)
{
  return (struct lm_values){.value = fit->value,
                            .base = fit->base,
                            .diagonal = fit->diagonal,
                            .damping = &fit->damping,
                            .projection = &fit->projection,
                            .small = &fit->small,
                            .stride = 1};
}

static clfit_status hold_network(struct reference_lm *reference, const struct incoming *incoming, clfit_error *error)
{
  struct held_network *network = &reference->networks[incoming->slot];
  const uint32_t hidden = incoming->task.hidden;
  assert(!network->record);
  *network = (struct held_network){.task = incoming->task,
                                   .activation = incoming->activation,
                                   .pauses = incoming->pauses,
                                   .samples = incoming->samples,
                                   .progress = incoming->progress};
  const size_t count = clfit_parameter_count(hidden);
  network->record = malloc(count * sizeof *network->record);
  if (reference->loss_capacity) network->losses = malloc(2 * reference->loss_capacity * sizeof(float));
  clfit_status status = clfit_least_squares_create(hidden, &network->fit, error);
  if (!status && (!network->record || (reference->loss_capacity && !network->losses)))
    status = clfit_fail_memory(error);
  if (status) {
    clear_network(network);
    return status;
  }
  memcpy(network->record, incoming->record, count * sizeof *network->record);
  const struct lm_values values = values_of(&network->fit);
  clfit_lm_begin(hidden, incoming->record, incoming->precise, &values);
  /* A training under way that is taken with no more epochs than it has had ends here. */
  if (incoming->precise && incoming->progress.status == CLFIT_DONE)
    status = clfit_lm_end(&incoming->task, incoming->activation, &incoming->samples, &incoming->progress,
                          incoming->pauses, incoming->precise, network->record, error);
  if (status) clear_network(network);
  return status;
}

static clfit_status take(void *self, size_t n, const struct incoming *incoming, clfit_error *error)
{
  struct reference_lm *reference = self;
  for (size_t i = 0; i < n; i++) {
    clfit_status status = reserve_slots(reference, (size_t)incoming[i].slot + 1, error);
    if (!status) status = hold_network(reference, &incoming[i], error);
    if (status) {
      while (i-- > 0) clear_network(&reference->networks[incoming[i].slot]);
      return status;
    }
  }
  return CLFIT_OK;
}

static clfit_status advance_network(const struct reference_lm *reference, struct held_network *network, uint32_t steps,
                                    clfit_error *error)
{
  clfit_reference_least_squares(&network->task, network->activation, &network->progress, &network->fit,
                                &network->samples, steps, reference->losses_kept, network->losses);
  return clfit_lm_end(&network->task, network->activation, &network->samples, &network->progress, network->pauses,
                      network->fit.value, network->record, error);
}

static clfit_status advance(void *self, uint32_t steps, clfit_error *error)
{
  struct reference_lm *reference = self;
  clfit_status status = CLFIT_OK;
  for (size_t slot = 0; slot < reference->count && !status; slot++) {
    struct held_network *network = &reference->networks[slot];
    if (network->record && network->progress.status == CLFIT_TRAINING)
      status = advance_network(reference, network, steps, error);
  }
  return status;
}

static clfit_status evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                             clfit_error *error)
{
  const struct reference_lm *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    const struct held_network *network = &reference->networks[slots[i]];
    clfit_reference_evaluate(network->task.hidden, network->activation, network->record, n_x, x, z + i * n_x);
  }
  return CLFIT_OK;
}

static void drop(void *self, size_t n, const uint32_t *slots)
{
  struct reference_lm *reference = self;
  for (size_t i = 0; i < n; i++) clear_network(&reference->networks[slots[i]]);
}

static clfit_status give(void *self, size_t n, const uint32_t *slots, float *const *records, double *const *precise,
                         clfit_error *error)
{
  struct reference_lm *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    struct held_network *network = &reference->networks[slots[i]];
    memcpy(records[i], network->record, clfit_parameter_count(network->task.hidden) * sizeof(float));
    const struct lm_values values = values_of(&network->fit);
    if (precise[i]) clfit_lm_give(network->task.hidden, &values, precise[i]);
  }
  drop(self, n, slots);
  return CLFIT_OK;
}

static const struct network_progress *progress(const void *self, uint32_t slot)
{
  return &((const struct reference_lm *)self)->networks[slot].progress;
}

static const float *losses(const void *self, uint32_t slot)
{
  return ((const struct reference_lm *)self)->networks[slot].losses;
}

static clfit_status milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  const struct reference_lm *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++)
    memcpy(pairs + i * 2 * CLFIT_MILESTONE_CAPACITY, reference->networks[slots[i]].losses,
           2 * CLFIT_MILESTONE_CAPACITY * sizeof *pairs);
  return CLFIT_OK;
}

static void free_reference(void *self)
{
  struct reference_lm *reference = self;
  if (!reference) return;
  for (size_t slot = 0; slot < reference->count; slot++) clear_network(&reference->networks[slot]);
  free(reference->networks);
  free(reference);
}

const struct backend clfit_reference_lm_backend = {.add_data = add_data,
                                                   .take = take,
                                                   .advance = advance,
                                                   .evaluate = evaluate,
                                                   .give = give,
                                                   .drop = drop,
                                                   .progress = progress,
                                                   .losses = losses,
                                                   .milestones = milestones,
                                                   .free = free_reference};
