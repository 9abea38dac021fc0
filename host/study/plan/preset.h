/* Predefined sweeps (--preset): rows of fields that are combined with the points of the other axes, and what a summary
 * of each row's networks shows. */
#ifndef CLFIT_STUDY_PRESET_H
#define CLFIT_STUDY_PRESET_H

#include "clfit.h"

#define PRESET_FIELDS_MAX    8
#define PRESET_PUBLISHED_MAX 4

struct preset_row {
  const char *label;                      /* "0" */
  double values[PRESET_FIELDS_MAX];       /* of the preset's fields, as clfit_field_set takes them */
  double published[PRESET_PUBLISHED_MAX]; /* of the preset's published figures; NaN: none */
};

/* The value of a field in all rows. */
struct preset_setting {
  const char *field, *value; /* as clfit_field_read takes it */
};

/* How a figure of a row is shown in text. */
struct preset_format {
  const char *title;
  int width;  /* characters at least; the title may be longer */
  int digits; /* significant ones, or decimals */
  bool fixed; /* digits are decimals */
};

/* A figure that was published with a row. */
struct preset_published {
  const char *name; /* a column of the study's table preset_rows and of the view results */
  struct preset_format format;
};

/* The quartiles are interpolated between neighbours in order, as NumPy's percentile does it by default. */
enum preset_statistic {
  PRESET_LEAST,
  PRESET_QUARTILE_1,
  PRESET_MEDIAN,
  PRESET_QUARTILE_3,
  PRESET_LARGEST,
  PRESET_SUM,
  PRESET_STATISTICS
};

/* A statistic of the networks of a row. */
struct preset_figure {
  const char *name;       /* in JSON */
  const char *expression; /* SQL over the columns of the view results; networks with NULL are left out */
  enum preset_statistic statistic;
  struct preset_format format;
  const char *heading; /* in HTML */
};

struct preset {
  const char *name, *sample_seeds;                             /* the axis of the sample seeds */
  const char *fields[PRESET_FIELDS_MAX + 1];                   /* that its rows set, NULL after the last */
  const struct preset_setting *settings;                       /* [n_settings] */
  struct preset_published published[PRESET_PUBLISHED_MAX + 1]; /* name NULL after the last */
  const struct preset_row *rows;                               /* [n] */
  const struct preset_figure *figures;                         /* [n_figures] */
  size_t n_settings, n, n_figures;
  const char *note; /* HTML, below the table of the rows: what its figures are */
};

/* By name, or NULL. */
const struct preset *preset_find(const char *name);

/* NULL after the last. */
const struct preset *preset_get(size_t index);

/* The names of all presets as "a, b or c". Free it; NULL: no memory. */
char *preset_print_names(void);

/* Whether its rows or its settings set a field. */
bool preset_sets(const struct preset *preset, const clfit_field *field);

/* Whether its rows set the field of that name. */
bool preset_has_column(const struct preset *preset, const char *field);

/* Sets the fields of a row, and those that are the same in all rows, in a configuration. */
void preset_apply(const struct preset *preset, size_t row, clfit_network *network);

/* The values of a row as a condition in SQL, "hidden = 128 AND ...". Free it; NULL: no memory. */
char *preset_condition(const struct preset *preset, size_t row);

/* SQL that fills a study's table preset_rows. Free it; NULL: no memory. */
char *preset_inserts(const struct preset *preset);

#endif
