/* The backend that trains with the reference, by gradient descent or by least squares, one network after the other. */
#include "base/error.h"
#include "config/record.h"
#include "engine/backend.h"
#include "engine/binary64.h"
#include "engine/lm_record.h"
#include "engine/reference/batches.h"
#include "engine/reference/reference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct held_network {
  struct network_task task;
  clfit_activation activation;
  clfit_optimizer optimizer;
  bool plain, plain_steps; /* as in struct incoming */
  size_t record_count;
  bool pauses;
  struct weighted_samples samples;
  struct network_progress progress;
  struct least_squares fit; /* of TRAINER_LEAST_SQUARES; else its memory is NULL */
  float *record;            /* canonical, of least squares rounded after each launch; NULL: free */
  float *losses;            /* pairs, twice reference->loss_capacity; NULL if none are kept */
};

struct reference {
  uint32_t losses_kept;          /* CLFIT_LOSSES_... */
  size_t loss_capacity;          /* pairs a network */
  struct held_network *networks; /* [count], by slot */
  size_t count;
};

clfit_status clfit_reference_create(uint32_t losses_kept, void **self, clfit_error *error)
{
  struct reference *reference = calloc(1, sizeof *reference);
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

static clfit_status reserve_slots(struct reference *reference, size_t count, clfit_error *error)
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

static size_t record_bytes(const struct held_network *network)
{
  return network->record_count * sizeof(float);
}

static bool is_least_squares(const struct held_network *network)
{
  return clfit_optimizer_get(network->optimizer)->trainer == TRAINER_LEAST_SQUARES;
}

static struct lm_values values_of(struct least_squares *fit)
{
  return (struct lm_values){.value = fit->value,
                            .base = fit->base,
                            .diagonal = fit->diagonal,
                            .damping = &fit->damping,
                            .projection = &fit->projection,
                            .small = &fit->small};
}

/* What least squares needs beside the record, which is filled. */
static clfit_status hold_fit(struct held_network *network, const struct incoming *incoming, clfit_error *error)
{
  clfit_status status = clfit_binary64_check(error);
  if (!status) status = clfit_least_squares_create(network->task.hidden, &network->fit, error);
  if (status) return status;
  const struct lm_values values = values_of(&network->fit);
  clfit_lm_begin(network->task.hidden, incoming->record, incoming->precise, &values);
  if (!incoming->precise || network->progress.status != CLFIT_DONE) return CLFIT_OK;
  /* A training under way that is taken with no more epochs than it has had ends here. */
  return clfit_lm_end(&network->task, network->activation, &network->samples, &network->progress, network->pauses,
                      network->fit.value, network->record, error);
}

static clfit_status hold_network(struct reference *reference, const struct incoming *incoming, clfit_error *error)
{
  struct held_network *network = &reference->networks[incoming->slot];
  assert(!network->record);
  *network = (struct held_network){.task = incoming->task,
                                   .activation = incoming->activation,
                                   .optimizer = incoming->optimizer,
                                   .plain = incoming->plain,
                                   .plain_steps = incoming->plain_steps,
                                   .record_count = incoming->record_count,
                                   .pauses = incoming->pauses,
                                   .samples = incoming->samples,
                                   .progress = incoming->progress};
  const size_t bytes = record_bytes(network);
  clfit_status status = CLFIT_OK;
  network->record = malloc(bytes);
  if (reference->loss_capacity) network->losses = malloc(4 * reference->loss_capacity * sizeof(float));
  if (!network->record || (reference->loss_capacity && !network->losses)) status = clfit_fail_memory(error);
  if (!status) memcpy(network->record, incoming->record, bytes);
  if (!status && is_least_squares(network)) status = hold_fit(network, incoming, error);
  if (status) clear_network(network);
  return status;
}

static clfit_status take(void *self, size_t n, const struct incoming *incoming, clfit_error *error)
{
  struct reference *reference = self;
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

static clfit_status advance_fit(const struct reference *reference, struct held_network *network, uint32_t steps,
                                clfit_error *error)
{
  if (network->progress.status != CLFIT_TRAINING) return CLFIT_OK;
  clfit_reference_least_squares(&network->task, network->activation, &network->progress, &network->fit,
                                &network->samples, steps, reference->losses_kept, network->losses);
  return clfit_lm_end(&network->task, network->activation, &network->samples, &network->progress, network->pauses,
                      network->fit.value, network->record, error);
}

static void advance_gradient(const struct reference *reference, struct held_network *network, uint32_t steps)
{
  const float *x = network->samples.x, *y = network->samples.y;
  if (network->plain)
    clfit_reference_train(&network->task, network->activation, &network->progress, network->record, x, y, steps,
                          reference->losses_kept, network->losses);
  else
    clfit_reference_train_batches(&network->task, network->activation, network->optimizer, network->plain_steps,
                                  &network->progress, network->record, x, y, steps, reference->losses_kept,
                                  network->losses);
}

static clfit_status advance(void *self, uint32_t steps, clfit_error *error)
{
  struct reference *reference = self;
  clfit_status status = CLFIT_OK;
  for (size_t slot = 0; slot < reference->count && !status; slot++) {
    struct held_network *network = &reference->networks[slot];
    if (!network->record) continue;
    if (is_least_squares(network))
      status = advance_fit(reference, network, steps, error);
    else
      advance_gradient(reference, network, steps);
  }
  return status;
}

static clfit_status evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                             clfit_error *error)
{
  const struct reference *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    const struct held_network *network = &reference->networks[slots[i]];
    clfit_reference_evaluate(network->task.hidden, network->activation, network->record, n_x, x, z + i * n_x);
  }
  return CLFIT_OK;
}

static void drop(void *self, size_t n, const uint32_t *slots)
{
  struct reference *reference = self;
  for (size_t i = 0; i < n; i++) clear_network(&reference->networks[slots[i]]);
}

static clfit_status give(void *self, size_t n, const uint32_t *slots, float *const *records, double *const *precise,
                         clfit_error *error)
{
  struct reference *reference = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    struct held_network *network = &reference->networks[slots[i]];
    memcpy(records[i], network->record, record_bytes(network));
    if (!precise[i]) continue;
    const struct lm_values values = values_of(&network->fit);
    clfit_lm_give(network->task.hidden, &values, precise[i]);
  }
  drop(self, n, slots);
  return CLFIT_OK;
}

static const struct network_progress *progress(const void *self, uint32_t slot)
{
  return &((const struct reference *)self)->networks[slot].progress;
}

static const float *losses(const void *self, uint32_t slot)
{
  return ((const struct reference *)self)->networks[slot].losses;
}

static clfit_status milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  const struct reference *reference = self;
  const size_t width = 4 * CLFIT_MILESTONE_CAPACITY;
  (void)error;
  for (size_t i = 0; i < n; i++) memcpy(pairs + i * width, reference->networks[slots[i]].losses, width * sizeof *pairs);
  return CLFIT_OK;
}

static void free_reference(void *self)
{
  struct reference *reference = self;
  if (!reference) return;
  for (size_t slot = 0; slot < reference->count; slot++) clear_network(&reference->networks[slot]);
  free(reference->networks);
  free(reference);
}

const struct backend clfit_reference_backend = {.add_data = add_data,
                                                .take = take,
                                                .advance = advance,
                                                .evaluate = evaluate,
                                                .give = give,
                                                .drop = drop,
                                                .progress = progress,
                                                .losses = losses,
                                                .milestones = milestones,
                                                .free = free_reference};
