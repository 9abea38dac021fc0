/* Trials: training a plan on one side, the device or the reference. */
#ifndef CLFIT_HOST_VERIFY_TRIAL_H
#define CLFIT_HOST_VERIFY_TRIAL_H

#include "engine/verify/plan.h"

/* Points at which each network is evaluated. */
#define TRIAL_POINTS 33u

/* Everything one side hands back of a plan. */
struct outcome {
  unsigned char poison; /* what results are filled with before; differs between the sides, so that a value that was not
                           written is found */
  clfit_state states[PLAN_CAPACITY];
  float predictions[PLAN_CAPACITY * TRIAL_POINTS];
  /* with a history: losses of each epoch of the samples trained on, then of those held out, [2][epochs] */
  double *histories[PLAN_CAPACITY];
  clfit_milestones milestones[PLAN_CAPACITY]; /* without: since the network was last taken */
  bool paused[PLAN_CAPACITY]; /* it had fewer epochs at first: if it diverges, it may do so earlier (see give) */
};

/* How a plan is trained. */
struct side {
  clfit_population *populations[2]; /* the second may be NULL; they have the same data */
  bool history;                     /* their option of that name; else they have milestones */
  /* state of the generator by which launches have random lengths and networks pause and move between the populations;
   * 0: one launch of all steps */
  uint64_t random;
  bool moves; /* networks are given back and taken again */
};

/* Trains all networks of a plan by plan->steps steps. outcome is zeroed but for its poison; release it with
 * clfit_outcome_clear, also after a failure. */
clfit_status clfit_trial_train(struct side *side, const struct plan *plan, struct outcome *outcome, clfit_error *error);
void clfit_outcome_clear(struct outcome *outcome);

#endif
