#include "base/digest.h"
#include "base/error.h"
#include "base/strict.h"
#include "config/init.h"
#include "config/record.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static clfit_status check_size(const char *name, size_t size, size_t expected, clfit_error *error)
{
  if (size == expected) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the size of a %s is %zu; this library has %zu", name, size, expected);
}

static clfit_status check_range(double low, double high, clfit_error *error)
{
  if (isfinite(low) && isfinite(high) && low <= high) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the range of x is %g to %g; it must be finite", low, high);
}

static void draw(const clfit_network *network, double low, double high, float *parameters)
{
  uint32_t hidden = network->hidden;
  const struct init *init = clfit_init_get(network->init);
  struct drawing drawing = {.hidden = hidden,
                            .scale = network->init_scale > 0 ? network->init_scale : init->scale,
                            .low = low,
                            .high = high,
                            .w1 = parameters + clfit_plane_begin(PLANE_W1, hidden),
                            .b1 = parameters + clfit_plane_begin(PLANE_B1, hidden),
                            .w2 = parameters + clfit_plane_begin(PLANE_W2, hidden)};
  clfit_mt19937_seed(&drawing.stream, network->seed);
  init->draw(&drawing);
}

clfit_status clfit_state_init_over(clfit_state *state, const clfit_network *network, double low, double high,
                                   clfit_error *error)
{
  assert(state && network); /* which may be &state->network */
  float *parameters = NULL;
  clfit_status status = clfit_network_check(network, error);
  if (!status) status = check_range(low, high, error);
  if (!status) {
    parameters = calloc(clfit_record_count(network), sizeof *parameters); /* all bits 0: +0 */
    if (!parameters) status = clfit_fail_memory(error);
  }
  if (status) {
    memset(state, 0, sizeof *state);
    return status;
  }
  draw(network, low, high, parameters);
  *state = (clfit_state){.size = sizeof *state, .network = *network, .parameters = parameters};
  return CLFIT_OK;
}

clfit_status clfit_state_init(clfit_state *state, const clfit_network *network, clfit_error *error)
{
  return clfit_state_init_over(state, network, -1, 1, error);
}

clfit_status clfit_state_copy(clfit_state *copy, const clfit_state *state, clfit_error *error)
{
  assert(copy && state && copy != state);
  memset(copy, 0, sizeof *copy);
  clfit_status status = check_size("clfit_state", state->size, sizeof *state, error);
  if (!status) status = clfit_network_check(&state->network, error);
  if (status) return status;
  assert(state->parameters);
  const size_t bytes = clfit_record_count(&state->network) * sizeof *state->parameters;
  const size_t precise_bytes = state->precise ? clfit_precise_count(&state->network) * sizeof *state->precise : 0;
  float *parameters = malloc(bytes);
  double *precise = precise_bytes ? malloc(precise_bytes) : NULL;
  if (!parameters || (precise_bytes && !precise)) {
    free(parameters);
    free(precise);
    return clfit_fail_memory(error);
  }
  memcpy(parameters, state->parameters, bytes);
  if (precise) memcpy(precise, state->precise, precise_bytes);
  *copy = *state;
  copy->parameters = parameters;
  copy->precise = precise;
  return CLFIT_OK;
}

void clfit_state_clear(clfit_state *state)
{
  if (!state) return;
  free(state->parameters);
  free(state->precise);
  memset(state, 0, sizeof *state);
}

void clfit_state_extend(clfit_state *state, uint32_t epochs)
{
  clfit_progress *at = &state->progress;
  assert(epochs >= at->epoch && !(epochs == at->epoch && at->sample));
  state->network.epochs = epochs;
  const bool goes_on = at->status == CLFIT_TRAINING_DONE && epochs > at->epoch;
  const bool ends = at->status == CLFIT_TRAINING_RUNNING && epochs == at->epoch;
  if (!goes_on && !ends) return;
  if (clfit_state_best_epoch(state) > 0) clfit_record_exchange(&state->network, state->parameters);
  at->status = goes_on ? CLFIT_TRAINING_RUNNING : CLFIT_TRAINING_DONE;
}

const char *clfit_stop_name(clfit_stop stop)
{
  static const char *const names[] = {
      [CLFIT_STOP_TOL] = "tol",       [CLFIT_STOP_CONVERGED] = "converged", [CLFIT_STOP_FLAT] = "flat",
      [CLFIT_STOP_DAMPED] = "damped", [CLFIT_STOP_LOSS] = "loss",           [CLFIT_STOP_PATIENCE] = "patience"};
  return (size_t)stop < sizeof names / sizeof *names ? names[stop] : NULL;
}

uint64_t clfit_progress_steps(const clfit_progress *progress, uint32_t samples)
{
  return (uint64_t)progress->epoch * samples + progress->sample;
}

double clfit_progress_train_loss(const clfit_progress *progress, uint32_t samples)
{
  if (progress->epoch == 0 || progress->status == CLFIT_TRAINING_DIVERGED) return NAN;
  return 0.5 * ((double)progress->last_loss_high + (double)progress->last_loss_low) / samples;
}

void clfit_state_digest(const clfit_state *state, char digest[CLFIT_DIGEST_SIZE])
{
  assert(state && state->parameters);
  struct sha256_ctx hash;
  sha256_init(&hash);
  clfit_digest_floats(&hash, clfit_parameter_count(state->network.hidden), state->parameters);
  clfit_digest_finish(&hash, digest);
}
