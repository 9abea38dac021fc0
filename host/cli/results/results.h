/* What clfit results prints, and the files it writes. */
#ifndef CLFIT_CLI_RESULTS_H
#define CLFIT_CLI_RESULTS_H

#include "cli/options/options.h"
#include "cli/train/train.h"
#include "study/store/read.h"

/* The best networks as a table for people. */
clfit_status results_print_table(struct results *results, const struct options *options, clfit_error *error);

/* The same without its summary, of all networks; limit 0: every one of them. */
clfit_status results_print_best(struct results *results, const char *rank_by, uint32_t limit, clfit_error *error);

/* Which columns of the view a table shows: *shown[*n] are their indexes, free them. */
clfit_status results_choose_columns(struct results *results, const struct options *options, const char *rank_by,
                                    const struct results_counts *counts, int **shown, int *n, clfit_error *error);

#define CELL_SIZE 64

/* A value as people read it: what they typed as they typed it, figures rounded, '-' for none. */
void results_print_cell(char cell[CELL_SIZE], const char *name, sqlite3_stmt *statement, int column);

/* Every network, as CSV to --csv and as one JSON object to standard output: in the order of their ids unless --rank-by
 * is given, all unless --limit is. */
clfit_status results_write_csv(struct results *results, const struct options *options, clfit_error *error);
clfit_status results_print_json(struct results *results, const struct options *options, clfit_error *error);

/* Writes the page --report. */
clfit_status results_write_report(struct results *results, const struct options *options, clfit_error *error);

/* Writes the network --model to --out. */
clfit_status results_save_model(struct results *results, const struct options *options, clfit_error *error);

/* Puts the studies --merge into the operand. */
clfit_status results_merge_shards(const struct options *options, clfit_error *error);

/* Where the samples of a study came from: a target or a file, the other one is NULL. */
struct results_origin {
  char *target, *data, *x_column, *y_column;
  char *data_digest; /* clfit_data_digest of all of the file's samples, or NULL */
  struct range domain;
};

/* Release with results_origin_close, also a zeroed struct. */
clfit_status results_origin_open(struct results *results, struct results_origin *origin, clfit_error *error);
void results_origin_close(struct results_origin *origin);

/* The samples of a network. Release with source_close. */
clfit_status results_source_open(const struct results_origin *origin, const struct results_network *network,
                                 struct source *source, clfit_error *error);

/* A network as it was after its training: from its kept parameters, or trained again, which must give its digest (in
 * fast mode it may have another one then, and a message says so).
 * whole: as clfit train would have saved it, to train it on. Release with clfit_state_clear. CLFIT_ERROR_ARGUMENT: it
 * diverged, or is not trained yet. */
clfit_status results_restore(const struct results_network *network, const struct source *source, bool whole, bool quiet,
                             clfit_state *state, clfit_error *error);

#endif
