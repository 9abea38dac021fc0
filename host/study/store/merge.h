/* Putting the shards of a sweep together. */
#ifndef CLFIT_STUDY_RESULTS_MERGE_H
#define CLFIT_STUDY_RESULTS_MERGE_H

#include "clfit.h"

/* What a study holds after a merge. */
struct merge_report {
  uint64_t networks, wanted; /* stored, and configurations of the whole sweep */
  uint64_t added, known;     /* networks that were added, and that were there before with the same outcome */
  uint32_t shards;           /* number of shards of the sweep; 0: it is not divided into shards */
  uint64_t *missing;         /* [shards]: number of networks of shard i + 1 that are missing */
};

/*
 * Adds what the shards hold to a study, which is made if it is not there: all of it or, after a failure, nothing. Their
 * sweeps must be the same one; a network that is there already must have the same outcome. The parameters of the best
 * networks are kept, as the sweep's --keep says. Release the report with merge_report_clear. CLFIT_ERROR_ARGUMENT: the
 * sweeps differ, and in what.
 */
clfit_status results_merge(const char *path, size_t n, char *const *shards, struct merge_report *report,
                           clfit_error *error);

void merge_report_clear(struct merge_report *report);

#endif
