/* Estimates, before a sweep runs, how long it will take and how large its study will be. */
#ifndef CLFIT_STUDY_ESTIMATE_H
#define CLFIT_STUDY_ESTIMATE_H

#include "study/plan/schedule.h"

struct estimate {
  double work;    /* of the schedule */
  double seconds; /* upper estimate: assumes that no network stops early */
  double bytes;   /* of the study's file */
};

/* Trains some of the configurations on each device for half a second. sweep->store is not used. */
clfit_status estimate_sweep(const struct sweep *sweep, struct estimate *estimate, clfit_error *error);

#endif
