/*
 * A schedule says which networks a sweep trains, and hands them out as jobs: all of a grid, of random draws or of a
 * shard (grid.c), or the best of them further than the others (halving_schedule.c). Only a schedule makes
 * configurations from ids; a job carries its own.
 *
 * One thread at a time calls. The coordinator that has the store asks for jobs and says which have ended; other ranks
 * have a schedule of the same sweep for what it says before anything is trained (total, work, largest, sample).
 *
 * A search that decides as it goes is one more kind. It works in rounds: `next` hands the jobs of a round out and then
 * answers SCHEDULE_WAIT; `ended` counts the rows that are in the store and, at the last one of the round (the barrier),
 * reads the round's rows from the store in id order, decides from them and from nothing else which jobs come next,
 * gives them the next ids and raises total and work; without further jobs `next` answers SCHEDULE_OVER. `begin` makes
 * the same decisions from the rows that a study holds already, so that devices, interruptions and resuming change none
 * of them.
 */
#ifndef CLFIT_STUDY_SCHEDULE_H
#define CLFIT_STUDY_SCHEDULE_H

#include "study/plan/sweep.h"

/* A network to train. */
struct job {
  uint64_t id;
  clfit_network configuration;
  uint32_t epochs;  /* to train to for now: the configuration's, or fewer when the network may go on later */
  size_t size;      /* bytes of the checkpoint */
  void *checkpoint; /* to go on from; NULL: from the start. Free it */
};

enum schedule_answer {
  SCHEDULE_JOB,  /* there is one */
  SCHEDULE_WAIT, /* none before networks that are in training end: ask again */
  SCHEDULE_OVER  /* none any more */
};

/* What a study holds. */
struct schedule_counts {
  uint64_t ended;    /* networks that will not be trained further */
  uint64_t diverged; /* of those */
  double work;       /* of the schedule's work, what all rows stand for */
};

struct schedule {
  const struct schedule_kind *kind;
  uint64_t total; /* networks; may grow until it is over */
  double work;    /* sum of hidden*samples*epochs to train; where that is not known, what is expected */
  /* Of each member that is a whole number the largest value that any job has; the others are such that no job has a
   * larger clfit_record_count. */
  clfit_network largest;

  /* From `begin` on: */
  struct schedule_counts counts; /* `work`: when it began */
  bool begun;                    /* jobs to come may have a checkpoint in the store */
};

struct schedule_kind {
  /* A network may come several times, each time to be trained further: its row then replaces the one before, and its
   * steps say how far it came. */
  bool in_stages;

  /* Fills *network with the i-th of n configurations that stand for all that are trained, n at most total. */
  void (*sample)(const struct schedule *schedule, uint64_t i, uint64_t n, clfit_network *network);

  /* What sweep prints of the schedule before it starts: a line without its end, or "" if there is nothing to say. */
  void (*describe)(const struct schedule *schedule, char *text, size_t size);

  /* Whether what a study holds can be of this schedule. CLFIT_ERROR_FORMAT: what cannot. */
  clfit_status (*check)(const struct schedule *schedule, struct store *store, clfit_error *error);

  /* Counts what a study of this schedule holds. */
  clfit_status (*count)(const struct schedule *schedule, struct store *store, struct schedule_counts *counts,
                        clfit_error *error);

  /* Before the first job: the store, which is the caller's and which stays; fresh: no network is in it. */
  clfit_status (*begin)(struct schedule *schedule, struct store *store, bool fresh, clfit_error *error);

  /* Fills *job if the answer is SCHEDULE_JOB; its checkpoint is left to the caller. */
  clfit_status (*next)(struct schedule *schedule, struct job *job, enum schedule_answer *answer, clfit_error *error);

  /* Rows of n jobs are in the store, committed. */
  clfit_status (*ended)(struct schedule *schedule, size_t n, const struct study_row *rows, clfit_error *error);

  void (*free)(struct schedule *schedule);
};

/* Room for what `describe` says. */
#define SCHEDULE_TEXT_SIZE 800

/* The schedule of a sweep; keeps the sweep's axes and rank. Release with schedule_free. */
clfit_status schedule_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error);

/* NULL does nothing. */
void schedule_free(struct schedule *schedule);

#endif
