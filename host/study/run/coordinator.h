/*
 * Whom the workers of a sweep ask for networks and bring them back to. One of a sweep has the queue and the store; on
 * other machines a coordinator passes all of it on to that one. Any thread may call.
 */
#ifndef CLFIT_STUDY_COORDINATOR_H
#define CLFIT_STUDY_COORDINATOR_H

#include "study/run/flight.h"
#include "study/run/sweep.h"

/* Jobs at once. */
#define JOBS_MAX 1024u

/* A network to train. */
struct job {
  uint64_t id;
  uint32_t epochs;  /* to train to for now, unless its own are fewer: the end of a rung of successive halving */
  size_t size;      /* of the checkpoint, flight_read takes it */
  void *checkpoint; /* NULL: from the start; free it */
};

struct coordinator {
  bool checkpoints; /* wanted: the study outlives the process */
  size_t workers;   /* that share out the networks */

  /* Fills *count jobs, at most `most`, which is at most JOBS_MAX. None and not *over: ask again, others still train what the next ones hang on. */
  clfit_status (*next)(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                       clfit_error *error);

  /* n networks that are at their end, or at that of a rung, get there as a whole or not at all. */
  clfit_status (*add)(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                      const struct flight *flights, const clfit_state *states, clfit_error *error);

  /* Stores n networks in training, those that have trained at all, for the case that all ends here. */
  clfit_status (*checkpoint)(struct coordinator *coordinator, size_t n, const struct flight *flights,
                             const clfit_state *states, clfit_error *error);

  /* After a launch: hidden*steps and steps behind it, how many more networks (or fewer) are in training. *stop: give back
   * what is in training and end. */
  clfit_status (*report)(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                         clfit_error *error);
};

/* The one that has the store: made for a sweep, workers of them; it may be resumed. Release with coordinator_free. */
clfit_status coordinator_create(const struct sweep *sweep, size_t workers, struct coordinator **coordinator,
                                clfit_error *error);
void coordinator_free(struct coordinator *coordinator);

/* Makes every report say stop. */
void coordinator_stop(struct coordinator *coordinator);

void coordinator_progress(struct coordinator *coordinator, struct sweep_progress *progress);

#endif
