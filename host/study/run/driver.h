/*
 * The driver of a sweep: streams what the schedule hands out through populations, one a device, and stores what comes
 * of it. However a sweep is cut, interrupted and resumed, a network's row is the same (but for its seconds).
 */
#ifndef CLFIT_STUDY_DRIVER_H
#define CLFIT_STUDY_DRIVER_H

#include "study/plan/sweep.h"

/* *progress gets what came out; ended < total: it was interrupted. Of several ranks (ranks.h) all call it, with the
 * same sweep; those from 1 on have no store, one device, and get nothing. */
clfit_status sweep_run(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error);

#endif
