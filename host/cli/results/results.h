/* What clfit results prints, and the files it writes. */
#ifndef CLFIT_CLI_RESULTS_H
#define CLFIT_CLI_RESULTS_H

#include "cli/io/samples.h"
#include "cli/options/options.h"
#include "study/plan/axes.h"
#include "study/store/read.h"

/* The best networks as a table for people. */
clfit_status results_print_table(struct results *results, const struct options *options, clfit_error *error);

/* The same without its summary, of all networks of a sweep with these axes; limit 0: every one of them. */
clfit_status results_print_best(struct results *results, const struct axes *axes, const char *rank_by, uint32_t limit,
                                clfit_error *error);

/* Which columns of the view a table shows: *shown[*n] are their indexes, free them. */
clfit_status results_choose_columns(struct results *results, const struct options *options, const char *rank_by,
                                    int **shown, int *n, clfit_error *error);

#define CELL_SIZE 64

/* A value as text for people: fields with all digits, metrics rounded, '-' for NULL. */
void results_print_cell(char cell[CELL_SIZE], const char *name, sqlite3_stmt *statement, int column);

/* The same of a whole number. That of a field may stand for a word: batch 0 for all. */
void results_print_whole(char cell[CELL_SIZE], const char *name, int64_t value);

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

/* Where the samples of a study came from. Release with clfit_source_clear, also a zeroed struct. */
clfit_status results_source(struct results *results, clfit_source *source, clfit_error *error);

/* The samples of a network. Release with samples_close. */
clfit_status results_open_samples(const clfit_source *source, const struct results_network *network,
                                  struct samples *samples, clfit_error *error);

/* The state of a network after its training: from its stored parameters, or by training it again, which must give the
 * digest in its row (in fast mode another digest is allowed, and a message says so). whole: the state must allow
 * continuing the training with the same bits, as a model file of clfit train does. Release with clfit_state_clear.
 * CLFIT_ERROR_ARGUMENT: it diverged, or is not trained yet. */
clfit_status results_restore(const struct results_network *network, const struct samples *samples, bool whole,
                             bool quiet, clfit_state *state, clfit_error *error);

#endif
