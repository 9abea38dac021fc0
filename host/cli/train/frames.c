#include "cli/train/frames.h"

#include <math.h>
#include <stdlib.h>

#define LAUNCH_SECONDS 0.05
#define FIRST_WORK     1e6 /* neuron updates of the first launch: 10 ms on the slowest device seen */
#define GROWTH         8.0 /* a launch takes at most so many times as many steps as the last one's pace would have */

void frames_clear(struct frames *frames)
{
  free(frames->z);
  *frames = (struct frames){.wanted = false};
}

clfit_status frames_open(struct frames *frames, clfit_error *error)
{
  *frames = (struct frames){.z = malloc(CLFIT_FRAMES_MAX * LINE_POINTS * sizeof *frames->z)};
  frames->wanted = frames->z != NULL;
  return frames->wanted ? CLFIT_OK : clfit_fail_memory(error);
}

/* Samples gone through; with least squares, iterations. */
static uint64_t steps_of(const clfit_network *network, const clfit_progress *progress)
{
  return clfit_progress_steps(progress, network->optimizer == CLFIT_LM ? 1 : clfit_network_trained(network));
}

/* The first of 1, 2, 3, 4, 6, 8, 12, 16 ... after an epoch. */
static uint64_t next_shown(uint32_t epoch)
{
  uint64_t power = 1;
  while (2 * power <= epoch) power *= 2;
  if (power > epoch) return power;
  return power > 1 && power / 2 * 3 > epoch ? power / 2 * 3 : 2 * power;
}

static bool is_shown(const clfit_progress *progress)
{
  return progress->sample == 0 && (progress->epoch == 0 || next_shown(progress->epoch - 1) == progress->epoch);
}

double *frames_next(struct frames *frames, const clfit_network *network, const clfit_progress *progress, bool last)
{
  uint64_t steps = steps_of(network, progress);
  bool first = frames->count == 0;
  if (!frames->wanted || progress->status == CLFIT_TRAINING_DIVERGED) return NULL;
  if (!first && (steps == frames->steps || !(last || is_shown(progress)))) return NULL;
  if (frames->count == CLFIT_FRAMES_MAX) return NULL;
  double *z = frames->z + LINE_POINTS * frames->count;
  frames->items[frames->count++] =
      (clfit_frame){.epoch = progress->epoch,
                    .loss = clfit_progress_train_loss(progress, clfit_network_trained(network)),
                    .held_loss = NAN,
                    .z = z};
  frames->steps = steps;
  return z;
}

void frames_go_back(struct frames *frames, uint32_t best_epoch)
{
  if (frames->count == 0 || best_epoch == 0) return;
  clfit_frame *last = &frames->items[frames->count - 1];
  if (last->epoch == best_epoch) return;
  last->epoch = best_epoch;
  last->loss = NAN;
  last->best = true;
}

void frames_take_losses(struct frames *frames, const struct history *history)
{
  const struct history_curve *curve = &history->curve;
  for (size_t i = 0; i < frames->count && curve->count > 0; i++) {
    clfit_frame *frame = &frames->items[i];
    const size_t at = (frame->epoch - curve->first_epoch) / curve->step;
    const bool kept = frame->epoch >= curve->first_epoch && at < curve->count &&
                      (frame->epoch - curve->first_epoch) % curve->step == 0;
    if (!kept) continue;
    if (isnan(frame->loss)) frame->loss = curve->losses[at];
    if (history->has_held) frame->held_loss = curve->held[at];
  }
}

/* Measures the launch that has just ended. */
static void measure(struct frames *frames, uint64_t steps)
{
  double now = clfit_clock(), seconds = now - frames->clock;
  if (frames->clock > 0 && steps > frames->done && seconds > 0) {
    double pace = (double)(steps - frames->done) / seconds;
    frames->pace = frames->pace > 0 ? fmin(pace, GROWTH * frames->pace) : pace;
  }
  frames->clock = now;
  frames->done = steps;
}

uint32_t frames_limit(struct frames *frames, const clfit_network *network, const clfit_progress *progress,
                      uint32_t launch_steps)
{
  bool iterations = network->optimizer == CLFIT_LM;
  uint64_t steps = steps_of(network, progress);
  uint64_t left = next_shown(progress->epoch) * (iterations ? 1 : clfit_network_trained(network)) - steps;
  double work = clfit_network_work(network) * (iterations ? clfit_network_trained(network) : 1);
  if (!frames->wanted) return launch_steps;
  measure(frames, steps);
  double paced = launch_steps ? launch_steps : frames->pace > 0 ? frames->pace * LAUNCH_SECONDS : FIRST_WORK / work;
  paced = fmin(fmax(paced, 1), UINT32_MAX);
  return (double)left < paced ? (uint32_t)left : (uint32_t)paced;
}
