/*
 * Successive halving: all networks train min_epochs epochs, the best 1/eta of them go on to eta times as many, the best
 * 1/eta of those to eta^2 times as many, and so on to each network's own epochs. (Jamieson and Talwalkar,
 * Non-stochastic Best Arm Identification and Hyperparameter Optimization, 2016.) A round of it is called a rung.
 *
 * At the end of a rung all networks that trained in it are ranked, including those whose training ended in it. Diverged
 * networks rank last; of equal ones, the one with the lower id ranks first. At least one network goes on.
 */
#ifndef CLFIT_STUDY_HALVING_H
#define CLFIT_STUDY_HALVING_H

#include "study/plan/axes.h"

struct halving {
  uint32_t eta;        /* at least 2; 0: no halving, one rung with all epochs */
  uint32_t min_epochs; /* at least 1 */
};

/* Epochs that networks have trained at the end of a rung (from 0), unless their own are fewer. */
uint32_t halving_epochs(const struct halving *halving, uint32_t rung);

/* The largest number of a rung if networks have at most most_epochs epochs: one more than the number of the rung that
 * trains them to their end, because an empty rung follows it. */
uint32_t halving_last(const struct halving *halving, uint32_t most_epochs);

/* Number of the n networks of a rung that go on to the next: n / eta, rounded up. Those of them that have no epochs
 * left do not train further. */
uint64_t halving_survivors(const struct halving *halving, uint64_t n);

/* Estimate of the sum of hidden * samples * epochs that will be trained, assuming that no network ends early and that
 * ranks are independent of the epochs. */
double halving_work(const struct halving *halving, const struct axes *axes, const clfit_network *base);

#endif
