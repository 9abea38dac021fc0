/* One run of clfit sweep, from options to what is printed. */
#ifndef CLFIT_CLI_SWEEP_H
#define CLFIT_CLI_SWEEP_H

#include "cli/io/progress.h"
#include "cli/io/samples.h"
#include "cli/options/options.h"
#include "study/plan/growth.h"
#include "study/plan/schedule.h"

/* The definition of a sweep as texts: rows of the study's table meta. */
struct definition_row {
  char key[48];  /* "axis.hidden", "rank_by", "typed.hidden" */
  char *value;   /* NULL: does not apply, or is the default of the axis */
  bool compared; /* a sweep can only be resumed with an equal value */
  const clfit_field
      *field; /* if the row is an axis or field; a study without the row has the field's default; else NULL */
};

struct definition {
  struct definition_row *rows; /* [n] */
  size_t n;
};

struct sweep_command {
  struct options options; /* of the command line, or as stored in the study to be resumed */
  struct axes axes;
  struct sweep sweep;
  struct definition definition;
  const struct preset *preset;            /* or NULL */
  char formula_digest[CLFIT_DIGEST_SIZE]; /* clfit_source_formula_digest; "": none */
  clfit_data *data;
  clfit_data *of_rank_0;  /* on the other ranks: the rows of the files that rank 0 has read; or NULL */
  clfit_device **devices; /* [sweep.device_count] */
  struct store *store;
  bool restored;           /* the options are the study's, not of the command line */
  bool fresh;              /* the study is not defined yet */
  struct growth growth;    /* of the axes, if there is a study */
  bool grows;              /* the study has fewer configurations so far, and is going to get the others */
  uint64_t count_in_study; /* configurations so far */
  struct progress_line line;
  double pace_start, pace_work; /* time of the end of the first launch (0: not yet), and the work done by then */
  struct sweep_progress result;
  double seconds;
};

/* ---- definition.c: what is swept */

/* The first option on the command line that defines a sweep, or OPTION_NONE. */
enum option_id definition_given(const struct options *options);

/* Fills axes, samples, ranking and shard from the options. */
clfit_status definition_make(struct sweep_command *command, clfit_error *error);

/* ---- stored_definition.c: the same as a study has it */

/* Makes the rows of the definition, the last step of definition_make. */
clfit_status definition_fill(struct sweep_command *command, clfit_error *error);

/* Takes all options from the study. */
clfit_status definition_restore(struct sweep_command *command, clfit_error *error);

/* Sets options that were not given to their defaults beside those that were (context_apply); those of a study that has
 * begun are the study's, and so are all others if only axes, random draws or samples are given. */
clfit_status definition_complete(struct sweep_command *command, clfit_error *error);

/* Gives the options of rank 0 to the other ranks. All call it. */
clfit_status definition_share(struct sweep_command *command, clfit_error *error);

/* CLFIT_ERROR_ARGUMENT names the first difference between the study and this sweep. Axes that have all points of the
 * study's and more are no difference: the study is going to grow. */
clfit_status definition_compare(struct sweep_command *command, clfit_error *error);
clfit_status definition_store(struct sweep_command *command, clfit_error *error);
void definition_clear(struct definition *definition);

/* ---- combinations.c: what no network can be trained with */

/* Whether networks, all or at least one, have samples that are held out. */
bool sweep_holds_out(const struct sweep_command *command, bool all);

clfit_status sweep_check_axes(const struct sweep_command *command, clfit_error *error);

/* The same with the samples of a file, once they are read: their weights, and what is held out. */
clfit_status sweep_check_weights(const struct sweep_command *command, clfit_error *error);
clfit_status sweep_check_held_out(const struct sweep_command *command, clfit_error *error);

/* ---- sweep_rate.c */

/* The rate for all networks of a sweep over a file without --rate, as text: half of the lowest of their stability
 * limits, times 1 - momentum. "": the options decide. */
clfit_status sweep_rate(const struct sweep_command *command, char rate[CLFIT_NUMBER_SIZE], clfit_error *error);

/* ---- grow.c: more configurations for a study */

/* Compares the axes and the number of random draws with the study's; sets grows. */
clfit_status grow_find(struct sweep_command *command, clfit_error *error);

/* Whether a row of the definition may differ from the study's, because the study grows by it. */
bool grow_covers(const struct sweep_command *command, const struct definition_row *row);

/* Refuses what cannot grow, with the reason. */
clfit_status grow_check(const struct sweep_command *command, clfit_error *error);

/* Gives the networks of the study their new ids and stores the new axes. */
clfit_status grow_store(struct sweep_command *command, clfit_error *error);

/* ---- sweep_report.c: what is printed */

clfit_status report_axes(const struct sweep_command *command, clfit_error *error);
void report_devices(const struct sweep_command *command);
clfit_status report_estimate(const struct sweep_command *command, clfit_error *error);
void report_progress(void *context, const struct sweep_progress *progress);
clfit_status report_end(struct sweep_command *command, clfit_error *error);

/* ---- dry_run_json.c: what --dry-run --json prints */

clfit_status report_dry_run_json(const struct sweep_command *command, clfit_error *error);

#endif
