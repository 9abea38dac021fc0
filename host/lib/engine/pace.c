#include "engine/pace.h"
#include "config/record.h"
#include "engine/handover.h"

#include <math.h>

/* Target duration of a launch: long compared with its overhead (about 10 us), short enough for showing progress,
 * reacting to Ctrl-C and not triggering the watchdog of a GPU that drives a display. */
#define LAUNCH_SECONDS 0.05
/* The same with least squares: each launch copies every network into a lane and back, and the host rounds its
 * parameters afterwards, which takes as long as a tenth of a step. */
#define LM_LAUNCH_SECONDS 0.2
/* With many networks longer, because after each launch the host goes through all of them, in about 50 ns each; up to
 * this. Not if most of them are new: their speed is not known yet, and may be far lower. */
#define LAUNCH_SECONDS_A_NETWORK 4e-6
#define LAUNCH_SECONDS_MOST      0.5
#define LAUNCH_STEPS_MAX         (1u << 30)
/* assumed speed before the first measurement, in neuron updates per second: lower than that of any device */
#define FIRST_SPEED 1e8

void clfit_pace_begin(struct pace *pace)
{
  *pace = (struct pace){.speed = FIRST_SPEED};
}

double clfit_pace_work(const clfit_network *network)
{
  const uint32_t samples = clfit_trainer_of(network) == TRAINER_GRADIENT ? 1 : clfit_network_trained(network);
  return samples * clfit_network_work(network);
}

void clfit_pace_count_none(struct pace *pace)
{
  pace->count = 0;
  pace->work = 0;
  pace->least_squares = false;
}

void clfit_pace_count(struct pace *pace, const clfit_network *network)
{
  pace->count++;
  pace->work += clfit_pace_work(network);
  pace->least_squares = pace->least_squares || clfit_trainer_of(network) == TRAINER_LEAST_SQUARES;
}

uint32_t clfit_pace_steps(const struct pace *pace)
{
  const double least = pace->least_squares ? LM_LAUNCH_SECONDS : LAUNCH_SECONDS;
  const double longer = fmin(LAUNCH_SECONDS_A_NETWORK * (double)pace->count, LAUNCH_SECONDS_MOST);
  const double seconds = 2 * pace->taken_since <= pace->count ? fmax(least, longer) : least;
  return (uint32_t)fmin(fmax(seconds * pace->speed / pace->work, 1.0), LAUNCH_STEPS_MAX);
}

/* The measured speed is inaccurate if most networks ended early in the launch, so it may grow by at most a factor of 4
 * per launch. */
void clfit_pace_measured(struct pace *pace, double updates, double seconds)
{
  pace->speed = fmin(fmax(updates / fmax(seconds, 1e-6), FIRST_SPEED / 1e3), 4.0 * pace->speed);
  pace->taken_since = 0;
}
