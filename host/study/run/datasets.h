/* The data sets that have been added to a population: the file's, or one for each sample seed used so far. A data set
 * has the largest number of samples in the sweep; networks with fewer samples use its first ones. Data sets cannot be
 * removed from a population, so their number is limited. */
#ifndef CLFIT_STUDY_DATASETS_H
#define CLFIT_STUDY_DATASETS_H

#include "study/plan/sweep.h"

#define DATASETS_MAX 4096u

struct datasets {
  const struct sweep *sweep;
  clfit_target *target;         /* parsed again for each worker, because two threads must not evaluate one target */
  uint32_t samples;             /* of each */
  uint32_t seeds[DATASETS_MAX]; /* [count], by index in the population */
  uint32_t count;
  uint16_t table[2 * DATASETS_MAX]; /* hashed by seed: index + 1, or 0 */
};

clfit_status datasets_init(struct datasets *datasets, const struct sweep *sweep, uint32_t samples, clfit_error *error);
void datasets_clear(struct datasets *datasets);

/* To be called when the population has been replaced by a new, empty one. */
void datasets_forget(struct datasets *datasets);

/* Finds the index of a seed's data set in the population, and adds the data set if necessary. *found is false if the
 * population cannot hold another data set. */
clfit_status datasets_find(struct datasets *datasets, clfit_population *population, uint32_t seed, uint32_t *index,
                           bool *found, clfit_error *error);

/* The range of x of every data set, as clfit_data_range has it. */
void datasets_range(const struct datasets *datasets, double *low, double *high);

#endif
