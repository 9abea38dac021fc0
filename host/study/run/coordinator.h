/*
 * Gives jobs to the workers of a sweep and stores their results. One coordinator of a sweep has the schedule and the
 * store; those of other MPI ranks forward all calls to it. Any thread may call.
 */
#ifndef CLFIT_STUDY_COORDINATOR_H
#define CLFIT_STUDY_COORDINATOR_H

#include "study/plan/schedule.h"
#include "study/run/checkpoint.h"

/* Largest number of jobs handed out in one call. */
#define JOBS_MAX 1024u

struct coordinator {
  bool checkpoints; /* whether checkpoints are stored: only in a study that remains after the process */
  size_t workers;   /* number of workers, on all ranks, among which the networks are divided */

  /* Fills *count jobs, at most `most`, which is at most JOBS_MAX. *count 0 without *over: ask again later, because
   * the next jobs depend on networks in training. */
  clfit_status (*next)(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                       clfit_error *error);

  /* Stores n networks whose training, or whose stage in the schedule, has ended: all of them or none. */
  clfit_status (*add)(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                      const struct training_job *jobs, const clfit_state *states, clfit_error *error);

  /* Stores checkpoints of those of n networks that have trained at least one step, so that the sweep can be resumed if
   * the process ends. */
  clfit_status (*checkpoint)(struct coordinator *coordinator, size_t n, const struct training_job *jobs,
                             const clfit_state *states, clfit_error *error);

  /* Reports a launch: work is the sum of hidden * steps in it, steps the sum of steps, running the change of the number
   * of networks in training. If *stop is set, the worker must store checkpoints of its networks and end. */
  clfit_status (*report)(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                         clfit_error *error);
};

/* Creates the coordinator that has the store. The study may have a part of the sweep's networks already. Release with
 * coordinator_free. */
clfit_status coordinator_create(const struct sweep *sweep, size_t workers, struct coordinator **coordinator,
                                clfit_error *error);
void coordinator_free(struct coordinator *coordinator);

/* From now on every report sets *stop. */
void coordinator_stop(struct coordinator *coordinator);

void coordinator_progress(struct coordinator *coordinator, struct sweep_progress *progress);

#endif
