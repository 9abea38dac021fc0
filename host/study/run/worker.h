/*
 * A worker trains networks on one device. It repeats: fill (take new networks into the population), advance (one
 * launch), collect (send ended networks to the coordinator), and from time to time checkpoint.
 */
#ifndef CLFIT_STUDY_WORKER_H
#define CLFIT_STUDY_WORKER_H

#include "study/run/coordinator.h"

/* Trains until there are no more jobs or the coordinator sets *stop; all networks are stored then. Blocks. */
clfit_status worker_run(const struct sweep *sweep, struct coordinator *coordinator, clfit_device *device,
                        clfit_error *error);

#endif
