#include "engine/reference/reference.h"

#include "base/strict.h"
#include "config/record.h"
#include "engine/reference/clones.h"
#include "engine/reference/losses.h"
#include "numerics.h"

#include <assert.h>
#include <math.h>

/* ---- the network --------------------------------------------------------------------------------------------- */

/* The planes of one set of a record: neuron j is w1[j], b1[j], w2[j]. */
struct planes {
  float *w1, *b1, *w2, *b2;
};

static struct planes name_planes(uint32_t hidden, float *set)
{
  return (struct planes){.w1 = set + clfit_plane_begin(PLANE_W1, hidden),
                         .b1 = set + clfit_plane_begin(PLANE_B1, hidden),
                         .w2 = set + clfit_plane_begin(PLANE_W2, hidden),
                         .b2 = set + clfit_plane_begin(PLANE_B2, hidden)};
}

/* For each activation, two functions: a[j] = activation(w1[j] x + b1[j]), and its slope there. */
#define DEFINE_ACTIVATION(name)                                                                                        \
  WITH_FMA static void activate_all_##name(uint32_t hidden, const float *restrict w1, const float *restrict b1,        \
                                           float x, float *restrict a)                                                 \
  {                                                                                                                    \
    for (uint32_t j = 0; j < hidden; j++) a[j] = activate_##name(fmaf(w1[j], x, b1[j]));                               \
  }                                                                                                                    \
  WITH_FMA static void slope_all_##name(uint32_t hidden, const float *restrict w1, const float *restrict b1, float x,  \
                                        const float *restrict a, float *restrict slope)                                \
  {                                                                                                                    \
    for (uint32_t j = 0; j < hidden; j++) slope[j] = slope_##name(a[j], fmaf(w1[j], x, b1[j]));                        \
  }
CLFIT_ACTIVATIONS(DEFINE_ACTIVATION)

#define NAME_ACTIVATION(name) {activate_all_##name, slope_all_##name},
static const struct {
  void (*activate_all)(uint32_t hidden, const float *w1, const float *b1, float x, float *a);
  void (*slope_all)(uint32_t hidden, const float *w1, const float *b1, float x, const float *a, float *slope);
} activations[] = {CLFIT_ACTIVATIONS(NAME_ACTIVATION)};

/* z = W2 . a + B2 in the strict order: neuron j is added to partial sum j mod 32, then the partial sums are added as a
 * tree. */
WITH_FMA static float sum_output(uint32_t hidden, const float *restrict w2, const float *restrict a, float b2)
{
  float sums[CLFIT_PARTIAL_SUMS] = {0};
  for (uint32_t j = 0; j < hidden; j += CLFIT_PARTIAL_SUMS) {
    uint32_t count = hidden - j < CLFIT_PARTIAL_SUMS ? hidden - j : CLFIT_PARTIAL_SUMS;
    for (uint32_t i = 0; i < count; i++) sums[i] = fmaf(w2[j + i], a[j + i], sums[i]);
  }
  for (uint32_t stride = CLFIT_PARTIAL_SUMS / 2; stride > 0; stride /= 2)
    for (uint32_t i = 0; i < stride; i++) sums[i] = sums[i] + sums[i + stride];
  return sums[0] + b2;
}

float clfit_reference_forward(uint32_t hidden, clfit_activation activation, const float *parameters, float x, float *a)
{
  assert(activation < sizeof activations / sizeof *activations);
  const struct planes planes = name_planes(hidden, (float *)parameters);
  activations[activation].activate_all(hidden, planes.w1, planes.b1, x, a);
  return sum_output(hidden, planes.w2, a, *planes.b2);
}

void clfit_reference_slopes(uint32_t hidden, clfit_activation activation, const float *parameters, float x,
                            const float *a, float *slope)
{
  const struct planes planes = name_planes(hidden, (float *)parameters);
  activations[activation].slope_all(hidden, planes.w1, planes.b1, x, a, slope);
}

/* ---- plain gradient descent ---------------------------------------------------------------------------------- */

/* The gradient of 1/2 (z - y)^2 at a sample, with e = z - y: dW2 = e a, dB1 = e w2 slope, dW1 = dB1 x, dB2 = e, all
 * from the parameters before the step. */
WITH_FMA static void descend(uint32_t hidden, float *restrict w1, float *restrict b1, float *restrict w2,
                             const float *restrict a, const float *restrict slope, float s, float sx)
{
  for (uint32_t j = 0; j < hidden; j++) {
    float g = slope[j] * w2[j];
    w2[j] = fmaf(-s, a[j], w2[j]);
    b1[j] = fmaf(-s, g, b1[j]);
    w1[j] = fmaf(-sx, g, w1[j]);
  }
}

void clfit_reference_plain_step(uint32_t hidden, float rate, float *parameters, const float *a, const float *slope,
                                float x, float e)
{
  struct planes planes = name_planes(hidden, parameters);
  float s = rate * e;
  float sx = s * x;
  descend(hidden, planes.w1, planes.b1, planes.w2, a, slope, s, sx);
  *planes.b2 = fmaf(-rate, e, *planes.b2);
}

/* Trains on one sample unless its error is not finite; returns the error. */
static float train_step(const struct network_task *task, clfit_activation activation, float *record, float x, float y)
{
  float a[CLFIT_HIDDEN_MAX], slope[CLFIT_HIDDEN_MAX];
  float e = clfit_reference_forward(task->hidden, activation, record, x, a) - y;
  if (!isfinite(e)) return e;
  clfit_reference_slopes(task->hidden, activation, record, x, a, slope);
  clfit_reference_plain_step(task->hidden, task->rate, record, a, slope, x, e);
  return e;
}

/* ---- progress and losses ------------------------------------------------------------------------------------- */

/* Moves the block's loss into the pair (high, low): high + low + block is kept exactly but for one rounding of low
 * (TwoSum, Knuth, The Art of Computer Programming, 4.2.2). */
static void end_block(struct network_progress *at)
{
  float high = at->loss_high, block = at->block_loss;
  float sum = high + block;
  float block_part = sum - high;
  float high_part = sum - block_part;
  at->loss_high = sum;
  at->loss_low += (high - high_part) + (block - block_part);
  at->block_loss = 0.0f;
}

static void end_epoch(const struct network_task *task, struct network_progress *at)
{
  float change = (at->loss_high - at->last_loss_high) + (at->loss_low - at->last_loss_low);
  at->last_loss_high = at->loss_high;
  at->last_loss_low = at->loss_low;
  at->loss_high = at->loss_low = 0.0f;
  at->sample = 0;
  at->epoch++;
  if (at->epoch > 1 && fabsf(change) < task->loss_tolerance)
    at->status = CLFIT_STOPPED;
  else if (at->epoch == task->epochs)
    at->status = CLFIT_DONE;
}

/* Index of the sample that a network takes next. */
static uint32_t next_sample(const struct network_progress *at)
{
  return at->sample;
}

void clfit_reference_train(const struct network_task *task, clfit_activation activation,
                           struct network_progress *progress, float *record, const float *x, const float *y,
                           uint32_t steps, uint32_t losses_kept, float *losses)
{
  struct network_progress *at = progress;
  const uint32_t first_epoch = at->epoch;
  for (; steps > 0 && at->status == CLFIT_TRAINING; steps--) {
    const uint32_t sample = next_sample(at);
    float e = train_step(task, activation, record, x[sample], y[sample]);
    if (!isfinite(e)) {
      at->status = CLFIT_DIVERGED;
      return;
    }
    at->block_loss = fmaf(e, e, at->block_loss);
    at->sample++;
    if (at->sample % CLFIT_LOSS_BLOCK == 0 || at->sample == task->samples) end_block(at);
    if (at->sample < task->samples) continue;
    end_epoch(task, at);
    clfit_keep_loss(at, losses_kept, first_epoch, losses);
  }
}

void clfit_reference_evaluate(uint32_t hidden, clfit_activation activation, const float *parameters, size_t n,
                              const float *x, float *z)
{
  float a[CLFIT_HIDDEN_MAX];
  for (size_t k = 0; k < n; k++) z[k] = clfit_reference_forward(hidden, activation, parameters, x[k], a);
}

void clfit_state_evaluate(const clfit_state *state, size_t n, const double *x, float *z)
{
  for (size_t k = 0; k < n; k++) {
    float rounded = (float)x[k];
    clfit_reference_evaluate(state->network.hidden, state->network.activation, state->parameters, 1, &rounded, &z[k]);
    if (state->progress.status == CLFIT_TRAINING_DIVERGED || isnan(z[k])) z[k] = NAN; /* one for all */
  }
}
