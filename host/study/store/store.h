/*
 * A study: one SQLite file with the definition of a sweep, the result of each network, the parameters of the kept
 * networks, and checkpoints of the networks in training. One process may write it while any number of processes read
 * it.
 *
 * The file is recognised by its application_id; user_version is STORE_VERSION; tables are STRICT. Everything that
 * defines the sweep is written with the tables in one transaction, so that a file either has no tables or is a study.
 */
#ifndef CLFIT_STUDY_STORE_H
#define CLFIT_STUDY_STORE_H

#include "study/plan/axes.h"
#include "study/store/columns.h"
#include "study/store/database.h"
#include "study/store/row.h"

/* Largest number of shards of a sweep (--shard I/N). A larger number would be a mistake, and merging needs memory for
 * each. */
#define STORE_SHARDS_MAX (1u << 20)

struct store;

/* Whether there is something at the path that is not an empty file. */
bool store_exists(const char *path);

/*
 * Opens a study for writing, or makes one; *fresh: it has no tables yet; store_define creates them. path NULL: a
 * temporary study, deleted by store_close; SQLite moves it to disk if it becomes large. CLFIT_ERROR_FILE: another
 * process writes it, or it cannot be written; CLFIT_ERROR_FORMAT: it is something else. Release with store_close.
 */
clfit_status store_open(const char *path, struct store **opened, bool *fresh, clfit_error *error);

/* Opens an existing study for reading only. Release with store_close. */
clfit_status store_open_reading(const char *path, struct store **opened, clfit_error *error);

/* NULL does nothing. What has not been committed is lost. */
void store_close(struct store *store);

/* Moves what SQLite's log has into the study, unless somebody reads it meanwhile. The study is whole without it, too,
 * but only together with the log. */
void store_empty_log(struct store *store);

sqlite3 *store_handle(struct store *store);

/* The columns of the study's table networks. */
const struct columns *store_columns(const struct store *store);

/* Fills *error with SQLite's last message about the study and returns CLFIT_ERROR_FILE or CLFIT_ERROR_MEMORY. */
clfit_status store_fail(struct store *store, clfit_error *error);

/* The same for what cannot be in a study: CLFIT_ERROR_FORMAT, "STUDY is damaged: ...". */
clfit_status store_refuse(struct store *store, clfit_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The text of a result column; "" for NULL, which a damaged file may have in any column. */
const char *store_text(sqlite3_stmt *row, int column);

/* Runs SQL that gives no rows. */
clfit_status store_run(struct store *store, const char *text, clfit_error *error);

/* Runs a query whose result is one number. numbers: its two parameters; NULL: it has none. */
clfit_status store_read_number(struct store *store, const char *text, const uint64_t numbers[2], uint64_t *number,
                               clfit_error *error);

/* Calls back for each id that a query returns. numbers: its parameters, of which it may use fewer than four. */
clfit_status store_each_id(struct store *store, const char *text, const uint64_t numbers[4],
                           void (*call)(void *context, uint64_t id), void *context, clfit_error *error);

/* Makes the tables and writes what defines the sweep: keys[i] = values[i], those with a NULL value left out. If there
 * is a key "preset", the table of the preset's rows is created as well; with a key "halving", the table of rungs.
 * samples: to be kept (kept_samples.h); NULL: none. */
clfit_status store_define(struct store *store, size_t n, const char *const *keys, char *const *values,
                          const clfit_data *samples, clfit_error *error);

/* A sweep that gets more configurations: its networks get new ids, and its definition changes. */
struct store_growth {
  uint64_t count;                                      /* configurations so far; ids are below */
  uint32_t shard, shards;                              /* as in store_check_grid */
  uint64_t (*place)(const void *context, uint64_t id); /* the new id; NULL: ids stay */
  const void *context;
  size_t n;
  const char *const *keys; /* [n] of the table meta */
  char *const *values;     /* [n]; NULL: the key is deleted */
};

/* Does all of it in one transaction. CLFIT_ERROR_FORMAT: the study has other networks. */
clfit_status store_grow(struct store *store, const struct store_growth *growth, clfit_error *error);

/* Reads a value of the table meta. *value is NULL if the key does not exist; free it. */
clfit_status store_read_meta(struct store *store, const char *key, char **value, clfit_error *error);
clfit_status store_write_meta(struct store *store, const char *key, const char *value, clfit_error *error);
clfit_status store_delete_meta(struct store *store, const char *key, clfit_error *error);

/* Begins a transaction: everything up to store_commit is stored, or nothing of it. */
clfit_status store_begin(struct store *store, clfit_error *error);
clfit_status store_begin_reading(struct store *store, clfit_error *error); /* a transaction that only reads */
clfit_status store_commit(struct store *store, clfit_error *error);
void store_roll_back(struct store *store);

/* Adds the row of a network that has none yet, and deletes the network's checkpoint. */
clfit_status store_add(struct store *store, const struct study_row *row, clfit_error *error);

/* The same, but a row of an earlier stage of the training, if there is one, is replaced. */
clfit_status store_replace(struct store *store, const struct study_row *row, clfit_error *error);
clfit_status store_keep(struct store *store, uint64_t id, size_t n, const float *parameters, clfit_error *error);
clfit_status store_forget(struct store *store, uint64_t id, clfit_error *error); /* deletes the parameters */

/* How many networks have a row, how many of them diverged, and the sum of their hidden*samples*epochs. */
clfit_status store_count(struct store *store, uint64_t *networks, uint64_t *diverged, double *work, clfit_error *error);

/* The same numbers, from a query whose result columns they are. */
clfit_status store_read_counts(struct store *store, const char *text, uint64_t *networks, uint64_t *diverged,
                               double *work, clfit_error *error);

/* Checks the ids of all rows. CLFIT_ERROR_FORMAT: one is not below count, or belongs to another shard (shards count
 * from 0). */
const char *store_work(const struct store *store);
clfit_status store_check_grid(struct store *store, uint64_t count, uint32_t shard, uint32_t shards, clfit_error *error);

/* Calls back for every network with first <= id < end that has a row. */
clfit_status store_each_ended(struct store *store, uint64_t first, uint64_t end,
                              void (*call)(void *context, uint64_t id), void *context, clfit_error *error);

/* Calls back for every network whose parameters are kept, with its value of a metric (the name of its column). */
clfit_status store_each_kept(struct store *store, const char *metric,
                             clfit_status (*call)(void *context, uint64_t id, double value, clfit_error *error),
                             void *context, clfit_error *error);

/* ---- networks in training ---- */

clfit_status store_checkpoint(struct store *store, uint64_t id, size_t size, const void *bytes, clfit_error *error);

/* *bytes is NULL if the network has no checkpoint; free it. */
clfit_status store_read_checkpoint(struct store *store, uint64_t id, size_t *size, void **bytes, clfit_error *error);
bool store_has_checkpoints(const struct store *store);

/* ---- histories ---- */

/* Fills `epochs` with the milestones (1, 2, 3, 4, 6, 8, 12, 16 ...) up to last_epoch; returns their number. */
uint32_t store_milestones(uint32_t last_epoch, uint32_t epochs[CLFIT_MILESTONES_MAX]);

/* The epochs of the losses of a history: the milestones up to last_epoch, and last_epoch itself. */
uint32_t store_history_epochs(uint32_t last_epoch, uint32_t epochs[STORE_HISTORY_MAX]);

#endif
