/*
 * A schedule decides which configurations a sweep trains and in which order, and returns them as jobs. One kind trains
 * each configuration of a grid, of random draws or of a shard once (grid.c); another one is successive halving
 * (halving_schedule.c). Only schedules compute configurations from ids; a job contains its configuration.
 *
 * Only one thread at a time may call a schedule. The coordinator that owns the store asks for jobs and reports which
 * have ended. Other MPI ranks create a schedule of the same sweep only for total, work, largest and sample.
 *
 * A search that chooses configurations by earlier results can be added as another kind. It should work in rounds:
 * `next` returns the jobs of a round and then SCHEDULE_WAIT. `ended` counts the rows that have been stored. After the
 * last row of the round it reads all rows of the round from the store in the order of ids, chooses the next jobs from
 * these rows alone, gives them the next ids, and increases total and work. If there are no further jobs, `next` returns
 * SCHEDULE_OVER. `begin` makes the same choices from the rows that a study has already, so that the result depends
 * neither on devices nor on interruptions.
 */
#ifndef CLFIT_STUDY_SCHEDULE_H
#define CLFIT_STUDY_SCHEDULE_H

#include "study/plan/sweep.h"

/* A network to train. */
struct job {
  uint64_t id;
  clfit_network configuration;
  uint32_t epochs;  /* the epoch to train to: the configuration's last one, or an earlier one (the end of a rung) */
  size_t size;      /* bytes of the checkpoint */
  void *checkpoint; /* from which to continue; NULL: train from the start. Free it */
};

enum schedule_answer {
  SCHEDULE_JOB,  /* a job was returned */
  SCHEDULE_WAIT, /* the next job depends on networks in training: ask again later */
  SCHEDULE_OVER  /* there are no more jobs */
};

/* Counts of the rows of a study. */
struct schedule_counts {
  uint64_t ended;    /* networks that will not be trained further */
  uint64_t diverged; /* of those */
  double work;       /* the part of the schedule's work that the rows represent */
};

struct schedule {
  const struct schedule_kind *kind;
  uint64_t total; /* networks; may grow until it is over */
  double work;    /* sum of hidden*samples*epochs to train; an estimate if it is not known in advance */
  /* Each field of whole numbers has the largest value of any job; the other fields have values such that no job has a
   * larger clfit_network_bytes. */
  clfit_network largest;

  /* Set by `begin`: */
  struct schedule_counts counts; /* up to date; only `work` remains as it was at the beginning */
  bool begun;                    /* the store may have checkpoints of the next jobs */
};

struct schedule_kind {
  /* A network may be returned several times, each time to be trained further. Its new row then replaces the earlier
   * one; the steps of the row say how far it was trained. */
  bool in_stages;

  /* Fills *network with the i-th of n configurations that are representative of all jobs; n is at most total. */
  void (*sample)(const struct schedule *schedule, uint64_t i, uint64_t n, clfit_network *network);

  /* Writes a line about the schedule, without a line feed, that clfit sweep prints before it starts; "": no line. */
  void (*describe)(const struct schedule *schedule, char *text, size_t size);

  /* Checks that the rows of a study can come from this schedule. CLFIT_ERROR_FORMAT: the message says which cannot. */
  clfit_status (*check)(const struct schedule *schedule, struct store *store, clfit_error *error);

  /* Counts the rows of a study of this schedule. */
  clfit_status (*count)(const struct schedule *schedule, struct store *store, struct schedule_counts *counts,
                        clfit_error *error);

  /* To be called once, before the first job; also where no job is left. Ends a stage whose rows are all there, which
   * writes to the store. The store belongs to the caller and must outlive the schedule; fresh: it has no networks. */
  clfit_status (*begin)(struct schedule *schedule, struct store *store, bool fresh, clfit_error *error);

  /* Fills *job if *answer is SCHEDULE_JOB, except size and checkpoint, which the caller fills. */
  clfit_status (*next)(struct schedule *schedule, struct job *job, enum schedule_answer *answer, clfit_error *error);

  /* To be called after the rows of n jobs have been stored and committed. */
  clfit_status (*ended)(struct schedule *schedule, size_t n, const struct study_row *rows, clfit_error *error);

  void (*free)(struct schedule *schedule);
};

/* Size of a buffer for the text of `describe`. */
#define SCHEDULE_TEXT_SIZE 800

/* Creates the schedule of a sweep, whose axes and ranking must outlive it. Release with schedule_free. */
clfit_status schedule_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error);

/* NULL does nothing. */
void schedule_free(struct schedule *schedule);

#endif
