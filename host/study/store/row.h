/* The configuration and the outcome of one network: a row of the table `networks` of a study. */
#ifndef CLFIT_STUDY_ROW_H
#define CLFIT_STUDY_ROW_H

#include "clfit.h"

/* Largest number of losses of a history: those of the milestones and of the last epoch. */
#define STORE_HISTORY_MAX (CLFIT_MILESTONES_MAX + 1)

/* A metric that does not apply is NaN; another number that does not apply is 0. */
struct study_row {
  uint64_t id;
  clfit_network configuration;
  bool drawn;              /* the samples were drawn from a target with sample_seed */
  clfit_training status;   /* CLFIT_TRAINING_RUNNING: at the end of a rung; stored as 'pruned' */
  uint32_t diverged_epoch; /* from 1 */
  uint32_t best_epoch;     /* from 1, of patience: figures and digest are those of its parameters; 0: none */
  uint64_t steps;
  clfit_stop stopped_by; /* as in clfit_progress */
  double train_loss;
  float last_loss_high,
      last_loss_low;              /* as in clfit_progress; both NaN: not known, the study has no columns for them */
  clfit_figures test, fit, held;  /* at test points, at the samples trained on, at those held out */
  char digest[CLFIT_DIGEST_SIZE]; /* "" after a divergence */
  double seconds;
  uint32_t history_count;
  double history[STORE_HISTORY_MAX]; /* [history_count], at the epochs of store_history_epochs */
};

#endif
