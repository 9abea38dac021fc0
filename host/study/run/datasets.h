/* The data sets that have been added to a population: the file's, or one for each sample seed used so far. A data
 * set has the largest number of samples in the sweep; networks with fewer samples use its first ones. If samples
 * are scaled, fewer of them have another scaling: then there is a data set for each number of samples; and so there
 * is where some are held out, for each holdout, too. Data sets cannot be removed from a population, so their number
 * is limited. */
#ifndef CLFIT_STUDY_DATASETS_H
#define CLFIT_STUDY_DATASETS_H

#include "study/plan/sweep.h"

#define DATASETS_MAX 4096u

/* What tells the data sets of a sweep apart. */
struct dataset_key {
  uint32_t seed, samples, held;
  double noise;
};

struct datasets {
  const struct sweep *sweep;
  clfit_target *target; /* parsed again for each worker, because two threads must not evaluate one target */
  uint32_t samples;     /* of the largest */
  clfit_data *drawn;    /* the last one drawn, before some are held out, with its key, or NULL */
  struct dataset_key drawn_key;
  struct dataset_key keys[DATASETS_MAX]; /* [count], by index in the population */
  clfit_scaling scalings[DATASETS_MAX];  /* [count] */
  clfit_data *splits[DATASETS_MAX];      /* [count], where some of the samples are held out; else NULL */
  uint32_t count;
  uint64_t samples_held;            /* samples of those in the population */
  uint16_t table[2 * DATASETS_MAX]; /* hashed by key: index + 1, or 0 */
};

clfit_status datasets_init(struct datasets *datasets, const struct sweep *sweep, uint32_t samples, clfit_error *error);
void datasets_clear(struct datasets *datasets);

/* To be called when the population has been replaced by a new, empty one. */
void datasets_forget(struct datasets *datasets);

/* Finds the index of a network's data set in the population, and adds the data set if necessary. *found is false if the
 * population cannot hold another data set. */
clfit_status datasets_find(struct datasets *datasets, clfit_population *population, const clfit_network *network,
                           uint32_t *index, bool *found, clfit_error *error);

/* The samples of a data set in the population that is read from a file, or of which some are held out; else NULL. */
const clfit_data *datasets_samples(const struct datasets *datasets, uint32_t index);

/* The range of x of a network's data set, as clfit_data_range has it. */
clfit_status datasets_range(struct datasets *datasets, const clfit_network *network, double *low, double *high,
                            clfit_error *error);

#endif
