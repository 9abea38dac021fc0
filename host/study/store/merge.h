/* Putting the shards of a sweep together. */
#ifndef CLFIT_STUDY_RESULTS_MERGE_H
#define CLFIT_STUDY_RESULTS_MERGE_H

#include "clfit.h"

/* What a study holds after a merge. */
struct merge_report {
  uint64_t networks, wanted; /* stored, and configurations of the whole sweep */
  uint64_t added, known;     /* now, and before with the same outcome */
  uint32_t shards;           /* that the sweep was cut into; 0: it was not */
  uint64_t *missing;         /* [shards]: networks that lack of shard i + 1 */
};

/*
 * Adds what the shards hold to a study, which is made if it is not there: all of it or, after a failure, nothing. Their
 * sweeps must be the same one; a network that is there already must have the same outcome. Of the parameters the study
 * keeps those of the best, as the sweep was told to. Release the report with merge_report_clear.
 * CLFIT_ERROR_ARGUMENT: the sweeps differ, and in what.
 */
clfit_status results_merge(const char *path, size_t n, char *const *shards, struct merge_report *report,
                           clfit_error *error);

void merge_report_clear(struct merge_report *report);

#endif
