/* One run of clfit sweep, from options to what is printed. */
#ifndef CLFIT_CLI_SWEEP_H
#define CLFIT_CLI_SWEEP_H

#include "cli/io/progress.h"
#include "cli/io/samples.h"
#include "cli/options/options.h"
#include "study/plan/schedule.h"

/* What a study holds of its sweep as text: rows of its table meta. */
struct definition_row {
  char key[48];             /* "axis.hidden", "rank_by", "typed.hidden" */
  char *value;              /* NULL: does not apply, or is the default of the axis */
  bool compared;            /* it must be equal to go on with a study */
  const clfit_field *field; /* of an axis: a study that does not name it has the field's default; else NULL */
};

struct definition {
  struct definition_row *rows; /* [n] */
  size_t n;
};

struct sweep_command {
  struct options options; /* the command line's, or the study's when it brings them */
  struct axes axes;
  struct sweep sweep;
  struct definition definition;
  const struct preset *preset; /* or NULL */
  clfit_data *data;
  clfit_device **devices; /* [sweep.device_count] */
  struct store *store;
  bool fresh; /* the study is not defined yet */
  struct progress_line line;
  double pace_start, pace_work; /* when the first launch was over, 0 before; and the work behind by then */
  struct sweep_progress result;
  double seconds;
};

/* ---- definition.c: what is swept, and whether a study is of the same */

/* Whether an option that defines a sweep is on the command line: the first, or OPTION_NONE. */
enum option_id definition_given(const struct options *options);

/* Axes, samples, ranks and shard of the options. */
clfit_status definition_make(struct sweep_command *command, clfit_error *error);

/* Takes the options from the study. */
clfit_status definition_restore(struct sweep_command *command, clfit_error *error);

/* Gives the options of rank 0 to the other ranks. All call it. */
clfit_status definition_share(struct sweep_command *command, clfit_error *error);

/* CLFIT_ERROR_ARGUMENT names the first difference between the study and this sweep. */
clfit_status definition_compare(struct sweep_command *command, clfit_error *error);
clfit_status definition_store(struct sweep_command *command, clfit_error *error);
void definition_clear(struct definition *definition);

/* ---- sweep_report.c: what is printed */

void report_axes(const struct sweep_command *command);
void report_devices(const struct sweep_command *command);
clfit_status report_estimate(const struct sweep_command *command, clfit_error *error);
void report_progress(void *command, const struct sweep_progress *progress);
clfit_status report_end(struct sweep_command *command, clfit_error *error);

#endif
