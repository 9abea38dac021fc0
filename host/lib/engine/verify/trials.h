/* Trials of whole lists of plans on a device and on the reference. */
#ifndef CLFIT_HOST_VERIFY_TRIALS_H
#define CLFIT_HOST_VERIFY_TRIALS_H

#include "engine/verify/plan.h"

/* Populations with the same data on both sides. */
struct trials {
  clfit_population *on_device, *elsewhere, *on_reference; /* elsewhere: in another mapping, or NULL */
  const char *mapping;
  bool history;
  clfit_verification *result;
  uint64_t random; /* of launches and moves; not 0 */
};

/* elsewhere: the name of another mapping, into which networks move in the middle of their trainings; NULL: none.
 * data: [count]. history: keep the loss of every epoch, else of some. Release with clfit_trials_end, also after a
 * failure. */
struct trial_setting {
  clfit_device *device, *reference;
  const char *mapping, *elsewhere;
  bool history;
  clfit_data *const *data;
  uint32_t data_count;
};
clfit_status clfit_trials_begin(struct trials *trials, const struct trial_setting *setting, clfit_verification *result,
                                clfit_error *error);
void clfit_trials_end(struct trials *trials);

/* Trains a plan on both sides and compares. On the reference it is one launch; on the device launches have random
 * lengths and, if `moves`, networks are given back in between and taken again. */
clfit_status clfit_trials_run(struct trials *trials, const struct plan *plan, bool moves, clfit_error *error);

#endif
