/* How many steps a launch takes: so many that it lasts about as long as it should, at the speed of the one before. */
#ifndef CLFIT_HOST_PACE_H
#define CLFIT_HOST_PACE_H

#include "clfit.h"

struct pace {
  double speed;       /* neuron updates a second in the last launch; before the first one lower than any device's */
  size_t taken_since; /* networks taken after it */
  /* The networks in training: */
  size_t count;
  double work;        /* neuron updates that a step of all of them is */
  bool least_squares; /* one of them is trained so */
};

void clfit_pace_begin(struct pace *pace);

/* Neuron updates of a network's step; one of least squares goes through all samples. */
double clfit_pace_work(const clfit_network *network);

/* Begins to count the networks in training, and counts one. */
void clfit_pace_count_none(struct pace *pace);
void clfit_pace_count(struct pace *pace, const clfit_network *network);

/* Steps of the next launch, at least 1. At least one network is counted. */
uint32_t clfit_pace_steps(const struct pace *pace);

/* The last launch took so many seconds for so many neuron updates. */
void clfit_pace_measured(struct pace *pace, double updates, double seconds);

#endif
