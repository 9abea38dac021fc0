/*
 * Reads a study, the SQLite file in which a sweep stores its networks, and never changes it. A condition typed by the
 * user (--where) can read only the view `results`, whose columns are those of the CSV.
 */
#ifndef CLFIT_STUDY_RESULTS_H
#define CLFIT_STUDY_RESULTS_H

#include "study/store/store.h"

struct results {
  sqlite3 *database;
  const char *path; /* the caller's */
  char **columns;   /* [n_columns], of the view: letters, digits and '_' only */
  int n_columns;
  struct database_mark mark;
  /* the database handle belongs to a running sweep's store and is not closed here */
  bool borrowed;
  bool formula_compared; /* what the formula gives here has been compared with the study's digest */
  /* set while a --where text is compiled: the authorizer then allows only the view results */
  bool guarded;
  double filter_limit, filter_seconds; /* seconds that SQLite may spend on a user's --where (0: none), and has spent */
  double filter_start;                 /* time when the present step of it began; 0: none is running */
};

/* Selects rows and their order. */
struct results_query {
  const char *where;    /* a user's condition on the columns, or NULL: all */
  const char *ids;      /* these networks alone, "3,14", or NULL: ours, never a user's text */
  const char *also;     /* a further condition, ours as well, or NULL */
  const char *rank_by;  /* a column; the best first, diverged networks last, ties by id; NULL: by id */
  uint32_t limit;       /* 0: no limit */
  const char *distinct; /* a column: select only its distinct values, rising; NULL: select rows */
  const char *order;    /* columns in SQL to sort by, instead of rank_by */
};

/* Counts of a study, or of the networks that a condition selects. */
struct results_counts {
  uint64_t all, done, stopped, pruned, diverged;
};

/* Opens a study and reads it as it is now: rows that a running sweep adds later are not seen. Release with
 * results_close, which also accepts a zeroed struct. */
clfit_status results_open(struct results *results, const char *path, clfit_error *error);
void results_close(struct results *results);

/* Opens the study that a sweep has open, which must outlive it; path is what messages call it. */
clfit_status results_borrow(struct results *results, struct store *store, const char *path, clfit_error *error);

/* CLFIT_ERROR_ARGUMENT: the view has no such column; the message lists its columns. */
clfit_status results_check_column(const struct results *results, const char *name, const char *option,
                                  clfit_error *error);

/* The column that networks are ranked by unless another is asked for: what the sweep ranked by, else test_mse where
 * there is one, else train_loss. It belongs to the struct, or is a constant. */
clfit_status results_default_ranking(struct results *results, const char **column, clfit_error *error);

/* Whether a larger value of a column is the better one. */
bool results_larger_is_better(const char *column);

/* Whether a column is a result of the training, not part of the configuration. */
bool results_is_outcome(const char *column);

/* Selects rows with all columns of the view, or with those of `expressions` (a list in SQL, ours, not the user's).
 * CLFIT_ERROR_ARGUMENT: what is wrong with query->where. Release with sqlite3_finalize. */
clfit_status results_select(struct results *results, const char *expressions, const struct results_query *query,
                            sqlite3_stmt **statement, clfit_error *error);

/* The next row; *more is false after the last. CLFIT_ERROR_FILE: also if the file has changed while it was read;
 * CLFIT_ERROR_ARGUMENT: the user's filter takes too long, or too much memory. */
clfit_status results_next(struct results *results, sqlite3_stmt *statement, bool *more, clfit_error *error);

clfit_status results_count(struct results *results, const char *where, struct results_counts *counts,
                           clfit_error *error);

/* A text of the study's table meta, "target" for one; NULL if it has none. Free it with free. */
clfit_status results_meta(struct results *results, const char *key, char **value, clfit_error *error);

/* The preset that was swept, whose rows the study has; NULL if it has none. */
clfit_status results_preset(struct results *results, const struct preset **preset, clfit_error *error);

/* One network of a study. */
struct results_network {
  uint64_t id;
  clfit_network network;
  clfit_mode mode; /* of the study */
  uint32_t sample_seed;
  bool drawn; /* the samples were drawn from a target, with sample_seed; false: they came from a file */
  clfit_training status;
  uint32_t diverged_epoch; /* from 1 */
  uint64_t steps;
  clfit_stop stopped_by;               /* as in clfit_progress */
  double train_loss;                   /* NaN after a divergence */
  float last_loss_high, last_loss_low; /* as in clfit_progress; both NaN: not known */
  char digest[CLFIT_DIGEST_SIZE];      /* "" after a divergence */
  float *parameters;                   /* [clfit_parameter_count(hidden)]; NULL where they are not kept */
  uint32_t history_count;
  uint32_t history_epochs[STORE_HISTORY_MAX]; /* [history_count], rising */
  double history[STORE_HISTORY_MAX];          /* [history_count], train losses */
};

/* Reads one network. CLFIT_ERROR_ARGUMENT: the study has none of that id; CLFIT_ERROR_FORMAT: its row is inconsistent.
 * Release with results_network_clear, also a zeroed struct. */
clfit_status results_read_network(struct results *results, uint64_t id, struct results_network *network,
                                  clfit_error *error);
void results_network_clear(struct results_network *network);

/* Whether a kept network is a whole state: its parameters and progress, all that further training depends on. What an
 * optimizer keeps beside the parameters is not stored, nor is, in a study of clfit 0.1.0, the pair of floats that the
 * last loss is the sum of, which a tol asks for. */
bool results_is_whole(const struct results_network *network);

/* Makes the state of a network whose parameters are kept; the values that an optimiser keeps beside the parameters are
 * set to +0. Release with clfit_state_clear. */
clfit_status results_make_state(const struct results_network *network, clfit_state *state, clfit_error *error);

/* The failure of an SQLite call on the study. */
clfit_status results_fail_sqlite(const struct results *results, clfit_error *error);

#endif
