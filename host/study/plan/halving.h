/*
 * Successive halving: all networks train min_epochs epochs, the best 1/eta of them go on to eta times as many, the best
 * 1/eta of those to eta^2 times as many, and so on to each network's own epochs. (Jamieson and Talwalkar, Non-stochastic
 * Best Arm Identification and Hyperparameter Optimization, 2016.) A round of it is called a rung.
 *
 * A rung ranks all that trained in it, also those that came to their end there; what diverged comes last, and of equal
 * ones the lower id is better. At least one goes on.
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

/* The largest number that a rung can have if networks have up to so many epochs: one more than that of the rung that
 * trains them to their end, as that one is followed by one without networks. */
uint32_t halving_last(const struct halving *halving, uint32_t most_epochs);

/* How many of the n networks of a rung go on, as far as they have epochs left. */
uint64_t halving_survivors(const struct halving *halving, uint64_t n);

/* Sum over all networks of hidden*samples*epochs trained, if none ends early and ranks have nothing to do with epochs. */
double halving_work(const struct halving *halving, const struct axes *axes, const clfit_network *base);

#endif
