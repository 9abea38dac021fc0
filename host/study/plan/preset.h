/* Predefined sweeps (--preset): rows of hidden, samples, epochs and rate that are combined with the points of the other
 * axes. */
#ifndef CLFIT_STUDY_PRESET_H
#define CLFIT_STUDY_PRESET_H

#include "clfit.h"

#define PRESET_FIELDS_MAX 8

struct preset_row {
  const char *label;                /* "0" */
  double values[PRESET_FIELDS_MAX]; /* of the preset's fields, as clfit_field_set takes them */
  double rating;                    /* the chapter's, 0 to 5; NaN: none */
};

struct preset {
  const char *name, *sample_seeds;           /* the axis of the sample seeds */
  const char *fields[PRESET_FIELDS_MAX + 1]; /* names of the fields that its rows set, NULL after the last */
  const struct preset_row *rows;             /* [n] */
  size_t n;
};

/* By name, or NULL. */
const struct preset *preset_find(const char *name);

/* Whether the rows set a field. */
bool preset_sets(const struct preset *preset, const clfit_field *field);

/* Sets the fields of a row in a configuration. */
void preset_apply(const struct preset *preset, size_t row, clfit_network *network);

/* The values of a row as a condition in SQL, "hidden = 128 AND ...". Free it; NULL: no memory. */
char *preset_condition(const struct preset *preset, size_t row);

/* SQL that fills a study's table preset_rows, which has a column for each of the fields. Free it; NULL: no memory. */
char *preset_inserts(const struct preset *preset);

#endif
