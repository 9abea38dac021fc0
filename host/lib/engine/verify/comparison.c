#include "engine/verify/comparison.h"

#include <stdio.h>
#include <string.h>

/* A network of a plan whose results are compared. */
struct comparison {
  clfit_verification *result;
  const char *mapping;
  const struct plan *plan;
  uint32_t number; /* of the network */
};

/* ---- values -------------------------------------------------------------------------------------------------- */

/* Appends the options of the network that are no defaults, or always written. */
static void describe_network(const struct comparison *comparison, char text[CLFIT_MESSAGE_SIZE])
{
  const clfit_network *network = &comparison->plan->networks[comparison->number];
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    char value[CLFIT_FIELD_TEXT_SIZE];
    const size_t length = strlen(text);
    if (!clfit_field_applies(field, network, false)) continue;
    if (!field->always && clfit_field_is_default(field, network)) continue;
    clfit_field_print(field, network, value);
    snprintf(text + length, CLFIT_MESSAGE_SIZE - length, ", %s %s", field->name, value);
  }
}

/* The value first, because a long description is cut. */
static void describe_difference(const struct comparison *comparison, const char *what, size_t index, uint32_t one,
                                uint32_t other)
{
  char *text = comparison->result->first_difference;
  const struct plan *plan = comparison->plan;
  if (text[0]) return;
  snprintf(text, CLFIT_MESSAGE_SIZE, "mapping %s: %s[%zu] is 0x%08x, not 0x%08x, of network %u, samples %u",
           comparison->mapping, what, index, one, other, comparison->number, plan->data[comparison->number]);
  const size_t length = strlen(text);
  if (plan->seed)
    snprintf(text + length, CLFIT_MESSAGE_SIZE - length, ", %u steps, plan %llu", plan->steps,
             (unsigned long long)plan->seed);
  describe_network(comparison, text);
}

static uint32_t pattern_of(const void *value)
{
  uint32_t pattern;
  memcpy(&pattern, value, sizeof pattern);
  return pattern;
}

/* Compares 4-byte values; what: their name in the report. */
static void compare_values(const struct comparison *comparison, const char *what, size_t count, const void *got,
                           const void *want)
{
  for (size_t i = 0; i < count; i++) {
    uint32_t one = pattern_of((const char *)got + 4 * i), other = pattern_of((const char *)want + 4 * i);
    uint32_t difference = one ^ other;
    if (difference) describe_difference(comparison, what, i, one, other);
    for (; difference; difference &= difference - 1) comparison->result->differing_bits++;
  }
  comparison->result->values_compared += count;
}

/* ---- results of a network ------------------------------------------------------------------------------------ */

static void compare_progress(const struct comparison *comparison, const clfit_progress *got, const clfit_progress *want)
{
  const uint32_t got_counts[] = {(uint32_t)got->status, got->epoch, got->sample, (uint32_t)got->stopped_by};
  const uint32_t want_counts[] = {(uint32_t)want->status, want->epoch, want->sample, (uint32_t)want->stopped_by};
  const float got_losses[] = {got->block_loss, got->loss_high, got->loss_low, got->last_loss_high, got->last_loss_low};
  const float want_losses[] = {want->block_loss, want->loss_high, want->loss_low, want->last_loss_high,
                               want->last_loss_low};
  compare_values(comparison, "progress", 4, got_counts, want_counts);
  compare_values(comparison, "loss", 5, got_losses, want_losses);
}

static void compare_histories(const struct comparison *comparison, const double *got, const double *want,
                              uint32_t completed)
{
  const clfit_network *network = &comparison->plan->networks[comparison->number];
  const uint32_t all = network->epochs;
  if (!got || !want) return;
  compare_values(comparison, "history", 2 * (size_t)completed, got, want);
  if (clfit_network_held_out(network))
    compare_values(comparison, "held history", 2 * (size_t)completed, got + all, want + all);
}

/* A network that was given back in between has only those since it was taken again. */
static void compare_milestones(const struct comparison *comparison, const clfit_milestones *got,
                               const clfit_milestones *want)
{
  for (uint32_t i = 0, k = 0; i < got->count && k < want->count; k++) {
    if (want->epochs[k] < got->epochs[i]) continue;
    compare_values(comparison, "milestone's epoch", 1, &got->epochs[i], &want->epochs[k]);
    compare_values(comparison, "milestone", 2, &got->losses[i], &want->losses[k]);
    compare_values(comparison, "held milestone", 2, &got->held[i], &want->held[k]);
    i++;
  }
}

/* Predictions of a network whose last parameters are not finite may be asked for before it is known as diverged. */
static void compare_network(const struct comparison *comparison, const struct outcome *got, const struct outcome *want)
{
  const uint32_t i = comparison->number;
  const clfit_state *one = &got->states[i], *other = &want->states[i];
  const bool diverged = other->progress.status == CLFIT_TRAINING_DIVERGED;
  const uint32_t status[] = {(uint32_t)one->progress.status, (uint32_t)other->progress.status};
  compare_values(comparison, "status", 1, &status[0], &status[1]);
  if (status[0] != status[1] || (diverged && got->paused[i])) return;
  compare_progress(comparison, &one->progress, &other->progress);
  compare_values(comparison, "parameter", clfit_record_count(&other->network), one->parameters, other->parameters);
  compare_histories(comparison, got->histories[i], want->histories[i], other->progress.epoch);
  compare_milestones(comparison, &got->milestones[i], &want->milestones[i]);
  if (diverged) return;
  compare_values(comparison, "prediction", TRIAL_POINTS, got->predictions + i * TRIAL_POINTS,
                 want->predictions + i * TRIAL_POINTS);
}

void clfit_outcome_compare(clfit_verification *result, const char *mapping, const struct plan *plan,
                           const struct outcome *got, const struct outcome *want)
{
  for (uint32_t i = 0; i < plan->count; i++) {
    const struct comparison comparison = {.result = result, .mapping = mapping, .plan = plan, .number = i};
    compare_network(&comparison, got, want);
  }
  result->configurations += plan->count;
}
