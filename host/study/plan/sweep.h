/*
 * What a sweep is: its configurations, its samples, what is stored of its networks, and the devices it has. The driver
 * (run/driver.h) runs it.
 */
#ifndef CLFIT_STUDY_SWEEP_H
#define CLFIT_STUDY_SWEEP_H

#include "study/plan/axes.h"
#include "study/plan/halving.h"
#include "study/plan/ranking.h"
#include "study/store/store.h"

struct schedule;

struct sweep_progress {
  uint64_t total, ended, diverged, running;
  /* sums of hidden samples epochs: of the whole sweep, and of what has been trained in this run and before */
  double work, work_done;
  double steps; /* of this run */
  bool any;
  double best; /* the best value of the ranking's metric, if any */
  uint64_t best_id;
};

struct sweep {
  const struct axes *axes;
  clfit_network base;     /* what is no axis */
  clfit_source source;    /* where the samples come from */
  const clfit_data *data; /* those of a file; NULL: they are drawn from the source's target */
  uint32_t shard, shards;
  const struct column *ranking;
  struct halving halving;
  struct schedule *schedule; /* of all of the above: schedule_create */
  uint32_t keep;             /* number of best networks whose parameters are stored; 0: none, KEEP_ALL: all */
  clfit_mode mode;

  struct store *store; /* defined */
  bool fresh;          /* the study is new: it has no networks yet */
  /* the study is a file that remains: checkpoints of networks in training are stored from time to time */
  bool checkpoints;
  clfit_device **devices; /* [device_count] */
  size_t device_count;
  const char *mapping; /* NULL: the population's choice */

  /* Called by one thread at a time, after every launch. */
  void (*report)(void *context, const struct sweep_progress *progress);
  /* Whether to stop: what is in training is stored, then sweep_run returns. */
  bool (*interrupted)(void *context);
  void *context;
};

#endif
