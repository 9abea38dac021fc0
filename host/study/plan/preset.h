/* Sweeps with a name: rows of settings that belong together, each over all axes. */
#ifndef CLFIT_STUDY_PRESET_H
#define CLFIT_STUDY_PRESET_H

#include <stddef.h>
#include <stdint.h>

struct preset_row {
  const char *label; /* "1" */
  uint32_t hidden, samples, epochs;
  double rate;
  double rating; /* the chapter's, 0 to 5; NaN: none */
};

struct preset {
  const char *name, *sample_seeds; /* the axis of the sample seeds */
  const struct preset_row *rows;   /* [n] */
  size_t n;
};

/* By name, or NULL. */
const struct preset *preset_find(const char *name);

/* SQL that fills a study's table preset_rows. Free it; NULL: no memory. */
char *preset_inserts(const struct preset *preset);

#endif
