/*
 * The driver of a sweep: streams configurations through populations, one a device, and stores what comes of them.
 * However it is cut, interrupted and resumed, a network's row is the same (but for its seconds).
 */
#ifndef CLFIT_STUDY_SWEEP_H
#define CLFIT_STUDY_SWEEP_H

#include "study/plan/halving.h"
#include "study/plan/rank.h"
#include "study/store/store.h"

struct sweep_progress {
  uint64_t total, ended, diverged, running;
  double work, work_done; /* hidden*samples*epochs to train, of all and of what is behind, this run and before */
  double work_before;     /* of it, not by this run */
  double steps;           /* of this run */
  bool any;
  double best; /* by rank, if any */
  uint64_t best_id;
};

struct sweep {
  const struct axes *axes;
  clfit_network base;     /* what is no axis */
  clfit_source source;    /* where the samples come from */
  const clfit_data *data; /* those of a file; NULL: they are drawn from the source's target */
  struct store *store;    /* defined */
  bool fresh;             /* nothing is in it */
  bool checkpoints;       /* it outlives the sweep: networks in training are stored now and then */
  uint32_t shard, shards;
  const struct column *rank;
  struct halving halving;
  uint32_t keep;          /* best so many, KEEP_ALL, 0 */
  clfit_device **devices; /* [device_count] */
  size_t device_count;
  const char *mapping; /* NULL: the population's choice */
  clfit_mode mode;

  /* Called by one thread at a time, after every launch. */
  void (*report)(void *context, const struct sweep_progress *progress);
  /* Whether to stop: what is in training is stored, then sweep_run returns. */
  bool (*interrupted)(void *context);
  void *context;
};

/* *progress gets what came out; ended < total: it was interrupted. Of several ranks (ranks.h) all call it, with the same
 * sweep; those from 1 on have no store, one device, and get nothing. */
clfit_status sweep_run(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error);

/* Whether what a study that is there holds can be of the sweep: networks of its grid and shard, rungs of its halving.
 * CLFIT_ERROR_FORMAT: what cannot. */
clfit_status sweep_check_study(const struct sweep *sweep, struct store *store, clfit_error *error);

/* Number of configurations of a shard. */
uint64_t sweep_total(uint64_t count, uint32_t shard, uint32_t shards);

/* Sum of hidden*samples*epochs over a sweep's shard, as far as they will be trained. */
double sweep_work(const struct sweep *sweep);

#endif
