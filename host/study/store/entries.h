/* Entries of a study's table meta that several places know. */
#ifndef CLFIT_STUDY_ENTRIES_H
#define CLFIT_STUDY_ENTRIES_H

#include "clfit.h"

/* clfit_source_formula_digest of the study's formula. */
#define ENTRY_FORMULA_DIGEST "formula_digest"

/* Whether studies of earlier versions lack an entry: one without it is equal to one that has it. */
bool entry_is_added(const char *key);

/* What a model of a kept network needs to know of the samples of a file, when neither the study nor the file has them
 * any more. An entry for each number. */
struct learnt {
  clfit_scaling scaling;
  double x_low, x_high; /* clfit_data_span */
};

/* The key of entry i, NULL beyond the last, and the number that it holds. */
const char *learnt_key(size_t i);
double *learnt_number(struct learnt *learnt, size_t i);

/* Whether an entry is one of these. They follow from the samples, whose digest is compared. */
bool learnt_has(const char *key);

#endif
