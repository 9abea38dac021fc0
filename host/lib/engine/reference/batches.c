#include "engine/reference/batches.h"

#include "config/record.h"
#include "engine/reference/clones.h"
#include "engine/reference/losses.h"
#include "engine/reference/reference.h"
#include "numerics.h"
#include "permutation.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A training at hand. */
struct training {
  const struct network_task *task;
  clfit_activation activation;
  clfit_optimizer optimizer;
  bool plain_steps; /* those of plain gradient descent */
  struct network_progress *at;
  struct batch_record record;
  size_t count; /* parameters */
  const float *x, *y;
  float rate; /* of the epoch */
  struct permutation order;
};

/* Where the planes begin in a set. */
struct places {
  size_t w1, b1, w2, b2;
};

static struct places places_of(uint32_t hidden)
{
  return (struct places){clfit_plane_begin(PLANE_W1, hidden), clfit_plane_begin(PLANE_B1, hidden),
                         clfit_plane_begin(PLANE_W2, hidden), clfit_plane_begin(PLANE_B2, hidden)};
}

struct batch_record clfit_reference_batch_record(const struct network_task *task, clfit_optimizer optimizer,
                                                 float *record)
{
  const size_t size = clfit_sets_size(1, task->hidden);
  const struct record_sets sets = clfit_task_sets(optimizer, &task->batches);
  return (struct batch_record){.value = record,
                               .first = sets.own > 1 ? record + size : NULL,
                               .second = sets.own > 2 ? record + 2 * size : NULL,
                               .gradient = sets.gradient < 0 ? NULL : record + (size_t)sets.gradient * size,
                               .kept = sets.kept < 0 ? NULL : record + (size_t)sets.kept * size};
}

/* ---- the rate and the order ---------------------------------------------------------------------------------- */

/* sin(pi/2 w) for w in [0, 1]. */
static float quarter_sine(float w)
{
  const float square = w * w;
  float sine = fmaf(0x1.3e1420p-13f, square, -0x1.32531ep-8f);
  sine = fmaf(sine, square, 0x1.4668f0p-4f);
  sine = fmaf(sine, square, -0x1.4abbc4p-1f);
  sine = fmaf(sine, square, 0x1.921fb6p+0f);
  return sine * w;
}

static float rate_factor(const struct network_task *task, const struct network_progress *at)
{
  const struct batch_task *batches = &task->batches;
  if (batches->schedule == CLFIT_SCHEDULE_COSINE) {
    const float sine = quarter_sine(fmaf(-(float)at->epoch, reciprocal((float)task->epochs), 1.0f));
    return sine * sine;
  }
  if (batches->schedule == CLFIT_SCHEDULE_WARMUP) {
    const float factor = ((float)at->epoch + 1.0f) * reciprocal((float)batches->schedule_epochs);
    return factor < 1.0f ? factor : 1.0f;
  }
  return at->epoch > 0 ? at->batches.factor : 1.0f;
}

static void begin_epoch(struct training *training)
{
  const struct network_task *task = training->task;
  const bool once = task->batches.shuffle == CLFIT_SHUFFLE_ONCE;
  const struct philox keys = permutation_keys(task->batches.seed, once ? CLFIT_PERMUTATION_ONCE : training->at->epoch);
  training->rate = task->rate * rate_factor(task, training->at);
  training->order = (struct permutation){.keys = {keys.word0, keys.word1, keys.word2, keys.word3},
                                         .width = permutation_width(task->samples),
                                         .count = task->samples};
}

/* ---- gradients ----------------------------------------------------------------------------------------------- */

WITH_FMA static void add_gradient(uint32_t hidden, const float *restrict w2, const float *restrict a,
                                  const float *restrict slope, float x, float e, float *restrict gradient)
{
  const struct places at = places_of(hidden);
  const float e_x = e * x;
  for (uint32_t j = 0; j < hidden; j++) {
    const float g = slope[j] * w2[j];
    gradient[at.w1 + j] = fmaf(e_x, g, gradient[at.w1 + j]);
    gradient[at.b1 + j] = fmaf(e, g, gradient[at.b1 + j]);
    gradient[at.w2 + j] = fmaf(e, a[j], gradient[at.w2 + j]);
  }
  gradient[at.b2] += e;
}

/* The Euclidean norm; neuron j belongs to partial sum j mod 32. */
WITH_FMA static float norm_of(uint32_t hidden, const float *gradient)
{
  const struct places at = places_of(hidden);
  float sums[CLFIT_PARTIAL_SUMS] = {0};
  for (uint32_t j = 0; j < hidden; j++) {
    float *sum = &sums[j % CLFIT_PARTIAL_SUMS];
    *sum = fmaf(gradient[at.w1 + j], gradient[at.w1 + j], *sum);
    *sum = fmaf(gradient[at.b1 + j], gradient[at.b1 + j], *sum);
    *sum = fmaf(gradient[at.w2 + j], gradient[at.w2 + j], *sum);
  }
  for (uint32_t stride = CLFIT_PARTIAL_SUMS / 2; stride > 0; stride /= 2)
    for (uint32_t i = 0; i < stride; i++) sums[i] = sums[i] + sums[i + stride];
  return square_root(fmaf(gradient[at.b2], gradient[at.b2], sums[0]));
}

static float denominator(float value)
{
  return value < CLFIT_DENOMINATOR_MOST ? value : CLFIT_DENOMINATOR_MOST;
}

/* The gradient of a batch: the mean of `size` samples, shortened to the clip. */
static void finish_gradient(const struct training *training, uint32_t size, float *gradient)
{
  const float share = reciprocal((float)size), clip = training->task->batches.clip;
  for (size_t i = 0; i < training->count; i++) gradient[i] = gradient[i] * share;
  if (!(clip > 0)) return;
  const float norm = norm_of(training->task->hidden, gradient);
  if (!(norm > clip)) return;
  const float factor = clip * reciprocal(denominator(norm));
  for (size_t i = 0; i < training->count; i++) gradient[i] = gradient[i] * factor;
}

/* ---- rules --------------------------------------------------------------------------------------------------- */

static float without_tiny(float moment)
{
  return fabsf(moment) < CLFIT_MOMENT_LEAST ? 0.0f : moment;
}

static float new_square(const struct batch_task *by, float square, float gradient)
{
  const float rest = 1.0f - by->beta2;
  return without_tiny(fmaf(rest * gradient, gradient, by->beta2 * square));
}

static float new_moment(const struct batch_task *by, float moment, float gradient)
{
  const float rest = 1.0f - by->beta1;
  return without_tiny(fmaf(by->beta1, moment, rest * gradient));
}

static float quotient(float moment, float square, float root_factor, float eps)
{
  return moment * reciprocal(denominator(fmaf(square_root(square), root_factor, eps)));
}

WITH_FMA static void take_sgd(struct training *training, const float *gradient)
{
  const struct batch_task *by = &training->task->batches;
  float *value = training->record.value;
  for (size_t i = 0; i < training->count; i++)
    value[i] = fmaf(-training->rate, fmaf(by->weight_decay, value[i], gradient[i]), value[i]);
}

WITH_FMA static void take_momentum(struct training *training, const float *gradient)
{
  const struct batch_task *by = &training->task->batches;
  float *value = training->record.value, *moment = training->record.first;
  for (size_t i = 0; i < training->count; i++) {
    const float slope = fmaf(by->weight_decay, value[i], gradient[i]);
    moment[i] = without_tiny(fmaf(by->momentum, moment[i], slope));
    value[i] = fmaf(-training->rate, moment[i], value[i]);
  }
}

WITH_FMA static void take_nesterov(struct training *training, const float *gradient)
{
  const struct batch_task *by = &training->task->batches;
  float *value = training->record.value, *moment = training->record.first;
  for (size_t i = 0; i < training->count; i++) {
    const float slope = fmaf(by->weight_decay, value[i], gradient[i]);
    moment[i] = without_tiny(fmaf(by->momentum, moment[i], slope));
    value[i] = fmaf(-training->rate, fmaf(by->momentum, moment[i], slope), value[i]);
  }
}

/* adam and adamw; the latter's decay is a factor of the parameters, and 1 in the former. */
WITH_FMA static void take_adaptive(struct training *training, const float *gradient, bool decoupled)
{
  const struct batch_task *by = &training->task->batches;
  struct batch_progress *at = &training->at->batches;
  float *value = training->record.value, *moment = training->record.first, *square = training->record.second;
  at->bias1 = fmaf(by->beta1, at->bias1, 1.0f - by->beta1);
  at->bias2 = fmaf(by->beta2, at->bias2, 1.0f - by->beta2);
  const float step = training->rate * reciprocal(at->bias1), root_factor = reciprocal(square_root(at->bias2));
  const float keep = fmaf(-training->rate, by->weight_decay, 1.0f);
  for (size_t i = 0; i < training->count; i++) {
    const float slope = decoupled ? gradient[i] : fmaf(by->weight_decay, value[i], gradient[i]);
    const float kept = decoupled ? without_tiny(value[i] * keep) : value[i];
    moment[i] = new_moment(by, moment[i], slope);
    square[i] = new_square(by, square[i], slope);
    value[i] = fmaf(-step, quotient(moment[i], square[i], root_factor, by->eps), kept);
  }
}

static void take_adam(struct training *training, const float *gradient)
{
  take_adaptive(training, gradient, false);
}

static void take_adamw(struct training *training, const float *gradient)
{
  take_adaptive(training, gradient, true);
}

WITH_FMA static void take_rmsprop(struct training *training, const float *gradient)
{
  const struct batch_task *by = &training->task->batches;
  float *value = training->record.value, *square = training->record.first;
  for (size_t i = 0; i < training->count; i++) {
    const float slope = fmaf(by->weight_decay, value[i], gradient[i]);
    square[i] = new_square(by, square[i], slope);
    value[i] = fmaf(-training->rate, quotient(slope, square[i], 1.0f, by->eps), value[i]);
  }
}

#define NAME_RULE(name, constant) [constant] = take_##name,
static void (*const rules[])(struct training *, const float *) = {CLFIT_RULES(NAME_RULE)};

/* ---- a step -------------------------------------------------------------------------------------------------- */

/* Adds a sample's gradient to the batch's and, after the last one, takes the step. */
static void descend(struct training *training, const float *a, const float *slope, float x, float e)
{
  const struct network_task *task = training->task;
  float single[3 * CLFIT_HIDDEN_MAX + 1];
  float *gradient = training->record.gradient ? training->record.gradient : single;
  const float *w2 = training->record.value + places_of(task->hidden).w2;
  const uint32_t position = training->at->sample; /* of this sample */
  if (gradient == single) memset(single, 0, training->count * sizeof *single);
  add_gradient(task->hidden, w2, a, slope, x, e, gradient);
  const uint32_t taken = position % task->batches.batch + 1;
  if (taken < task->batches.batch && position + 1 < task->samples) return;
  finish_gradient(training, taken, gradient);
  rules[training->optimizer](training, gradient);
  if (gradient != single) memset(gradient, 0, training->count * sizeof *gradient);
}

/* Trains on one sample unless its error is not finite; returns the error. */
static float train_step(struct training *training)
{
  const struct network_task *task = training->task;
  const uint32_t hidden = task->hidden, position = training->at->sample;
  const uint32_t sample = task->batches.shuffle == CLFIT_SHUFFLE_NONE ? position : permute(training->order, position);
  const float x = training->x[sample], y = training->y[sample];
  float a[CLFIT_HIDDEN_MAX], slope[CLFIT_HIDDEN_MAX];
  const float e = clfit_reference_forward(hidden, training->activation, training->record.value, x, a) - y;
  if (!isfinite(e)) return e;
  clfit_reference_slopes(hidden, training->activation, training->record.value, x, a, slope);
  if (training->plain_steps)
    clfit_reference_plain_step(hidden, training->rate, training->record.value, a, slope, x, e);
  else
    descend(training, a, slope, x, e);
  return e;
}

/* ---- the end of an epoch ------------------------------------------------------------------------------------- */

/* A sum of squared errors as an epoch adds them up. */
struct sum {
  float block, high, low;
};

/* TwoSum (Knuth, The Art of Computer Programming, 4.2.2). */
static void end_block(struct sum *sum)
{
  const float total = sum->high + sum->block;
  const float block_part = total - sum->high;
  const float high_part = total - block_part;
  sum->low += (sum->high - high_part) + (sum->block - block_part);
  sum->high = total;
  sum->block = 0.0f;
}

static struct sum sum_squares(const struct training *training, const float *x, const float *y, uint32_t count)
{
  float a[CLFIT_HIDDEN_MAX];
  struct sum sum = {0};
  for (uint32_t i = 0; i < count; i++) {
    const float difference =
        clfit_reference_forward(training->task->hidden, training->activation, training->record.value, x[i], a) - y[i];
    const float e = isfinite(difference) ? difference : INFINITY; /* a NaN counts as infinite, too */
    sum.block = fmaf(e, e, sum.block);
    if ((i + 1) % CLFIT_LOSS_BLOCK == 0 || i + 1 == count) end_block(&sum);
  }
  return sum;
}

static bool needs_all(const struct batch_task *batches)
{
  return (batches->stop_loss > 0 && batches->stop_on == CLFIT_FIGURE_ALL) ||
         (batches->patience > 0 && batches->patience_on == CLFIT_FIGURE_ALL);
}

static struct sum figure_of(const struct network_progress *at, uint32_t figure)
{
  if (figure == CLFIT_FIGURE_ALL) return (struct sum){.high = at->batches.all_high, .low = at->batches.all_low};
  if (figure == CLFIT_FIGURE_HELD) return (struct sum){.high = at->batches.held_high, .low = at->batches.held_low};
  return (struct sum){.high = at->last_loss_high, .low = at->last_loss_low};
}

static bool is_smaller(struct sum one, float high, float low)
{
  return (one.high - high) + (one.low - low) < 0.0f;
}

/* The running product that the next epoch has. */
static void multiply_rate(const struct batch_task *batches, struct network_progress *at)
{
  const bool step = batches->schedule == CLFIT_SCHEDULE_STEP && at->epoch % batches->schedule_epochs == 0;
  float product = at->epoch > 1 ? at->batches.factor : 1.0f;
  if (step || batches->schedule == CLFIT_SCHEDULE_GEOMETRIC) product = product * batches->schedule_factor;
  at->batches.factor = without_tiny(product);
}

/* Keeps the parameters if they have the smallest loss so far. */
static void watch_patience(struct training *training)
{
  struct network_progress *at = training->at;
  const struct sum loss = figure_of(at, training->task->batches.patience_on);
  if (training->task->batches.patience == 0) return;
  const bool first = at->batches.best_epoch == 0 && loss.high + loss.low < INFINITY;
  if (!first && !(at->batches.best_epoch > 0 && is_smaller(loss, at->batches.best_high, at->batches.best_low))) return;
  at->batches.best_high = loss.high;
  at->batches.best_low = loss.low;
  at->batches.best_epoch = at->epoch;
  memcpy(training->record.kept, training->record.value, training->count * sizeof(float));
}

static void stop(struct network_progress *at, uint32_t reason)
{
  at->status = CLFIT_STOPPED;
  at->sample = reason;
}

static void decide(const struct training *training, float change)
{
  const struct network_task *task = training->task;
  const struct batch_task *batches = &task->batches;
  struct network_progress *at = training->at;
  if (batches->stop_loss > 0 && is_smaller(figure_of(at, batches->stop_on), batches->stop_loss, 0.0f))
    stop(at, CLFIT_STOPPED_BY_LOSS);
  else if (at->epoch > 1 && fabsf(change) < task->loss_tolerance)
    stop(at, CLFIT_STOPPED_BY_TOLERANCE);
  else if (batches->patience > 0 && at->epoch - at->batches.best_epoch >= batches->patience)
    stop(at, CLFIT_STOPPED_BY_PATIENCE);
  else if (at->epoch == task->epochs)
    at->status = CLFIT_DONE;
}

/* Exchanges the parameters with those that were kept. */
static void restore_best(struct training *training)
{
  for (size_t i = 0; i < training->count; i++) {
    const float value = training->record.value[i];
    training->record.value[i] = training->record.kept[i];
    training->record.kept[i] = value;
  }
}

static void end_epoch(struct training *training)
{
  const struct network_task *task = training->task;
  struct network_progress *at = training->at;
  const float change = (at->loss_high - at->last_loss_high) + (at->loss_low - at->last_loss_low);
  at->last_loss_high = at->loss_high;
  at->last_loss_low = at->loss_low;
  at->loss_high = at->loss_low = 0.0f;
  at->sample = 0;
  at->epoch++;
  if (needs_all(&task->batches)) {
    const struct sum all = sum_squares(training, training->x, training->y, task->samples);
    at->batches.all_high = all.high;
    at->batches.all_low = all.low;
  }
  if (task->batches.held > 0) {
    const struct sum held =
        sum_squares(training, training->x + task->samples, training->y + task->samples, task->batches.held);
    at->batches.held_high = held.high;
    at->batches.held_low = held.low;
  }
  multiply_rate(&task->batches, at);
  watch_patience(training);
  decide(training, change);
  if (at->status != CLFIT_TRAINING && at->batches.best_epoch > 0) restore_best(training);
}

static void keep_losses(const struct network_progress *at, uint32_t losses_kept, uint32_t first_epoch, float *losses)
{
  const size_t capacity = losses_kept == CLFIT_LOSSES_EVERY ? CLFIT_EVERY_CAPACITY : CLFIT_MILESTONE_CAPACITY;
  struct network_progress held = *at;
  held.last_loss_high = at->batches.held_high;
  held.last_loss_low = at->batches.held_low;
  clfit_keep_loss(at, losses_kept, first_epoch, losses);
  if (losses_kept != CLFIT_LOSSES_NONE) clfit_keep_loss(&held, losses_kept, first_epoch, losses + 2 * capacity);
}

void clfit_reference_train_batches(const struct network_task *task, clfit_activation activation,
                                   clfit_optimizer optimizer, bool plain_steps, struct network_progress *progress,
                                   float *record, const float *x, const float *y, uint32_t steps, uint32_t losses_kept,
                                   float *losses)
{
  struct network_progress *at = progress;
  struct training training = {.task = task,
                              .activation = activation,
                              .optimizer = optimizer,
                              .plain_steps = plain_steps,
                              .at = progress,
                              .record = clfit_reference_batch_record(task, optimizer, record),
                              .count = clfit_sets_size(1, task->hidden),
                              .x = x,
                              .y = y};
  const uint32_t first_epoch = at->epoch;
  assert(optimizer < sizeof rules / sizeof *rules && rules[optimizer]);
  begin_epoch(&training);
  for (; steps > 0 && at->status == CLFIT_TRAINING; steps--) {
    const float e = train_step(&training);
    if (!isfinite(e)) {
      at->status = CLFIT_DIVERGED;
      return;
    }
    at->block_loss = fmaf(e, e, at->block_loss);
    at->sample++;
    if (at->sample % CLFIT_LOSS_BLOCK == 0 || at->sample == task->samples) {
      struct sum sum = {at->block_loss, at->loss_high, at->loss_low};
      end_block(&sum);
      at->block_loss = sum.block;
      at->loss_high = sum.high;
      at->loss_low = sum.low;
    }
    if (at->sample < task->samples) continue;
    end_epoch(&training);
    keep_losses(at, losses_kept, first_epoch, losses);
    begin_epoch(&training);
  }
}
