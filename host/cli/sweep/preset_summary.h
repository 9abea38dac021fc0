/* A summary of the networks of one row of a preset. */
#ifndef CLFIT_CLI_PRESET_SUMMARY_H
#define CLFIT_CLI_PRESET_SUMMARY_H

#include "clfit.h"
#include "study/plan/preset.h"

#include <sqlite3.h>

#define PRESET_TEXT_SIZE 32

struct preset_summary {
  char label[16];  /* the row's number in the study: those of version 0.1.0 count from 1 */
  double *figures; /* [preset->n_figures]; NaN if no network has a value */
};

/* Reads the view results of a study with that preset. Release with preset_summary_clear, also after a failure. */
clfit_status preset_summarize(sqlite3 *study, const struct preset *preset, size_t row, struct preset_summary *summary,
                              clfit_error *error);
void preset_summary_clear(struct preset_summary *summary);

/* A figure as text, "-" for a NaN; its width is that of its title, or larger. */
void preset_print_figure(const struct preset_format *format, double value, char text[PRESET_TEXT_SIZE]);
int preset_width(const struct preset_format *format);

#endif
