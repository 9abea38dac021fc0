/*
 * Runs a sweep: trains the jobs of its schedule in one population for each device and stores the results. A network's
 * row does not depend on devices, shards, interruptions and resuming, except for its seconds.
 */
#ifndef CLFIT_STUDY_DRIVER_H
#define CLFIT_STUDY_DRIVER_H

#include "study/plan/sweep.h"

/* *progress receives the final progress; ended < total means that the sweep was interrupted. With several MPI ranks
 * (ranks.h) all call it with the same sweep; ranks other than 0 have no store and one device, and *progress is not
 * changed there. */
clfit_status sweep_run(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error);

#endif
