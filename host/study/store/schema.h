/* The tables and views of a study, and the tables of a search: made, and compared with those of a file. */
#ifndef CLFIT_STUDY_SCHEMA_H
#define CLFIT_STUDY_SCHEMA_H

#include "study/store/columns.h"

#include <sqlite3.h>

/* The parts of a study that depend on its sweep, and on its user. */
struct schema_parts {
  bool halving;                /* the table rungs and its index */
  bool samples;                /* the table kept_samples */
  const struct preset *preset; /* the table preset_rows; the view results then has its columns, too. NULL: none */
  bool others;                 /* tables of the user's, of any definition */
};

/* The table of the samples; studies have it if they keep samples. */
#define SCHEMA_SAMPLES "CREATE TABLE kept_samples (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT"

/* Creates the tables, indices and views; the table networks gets the given columns. Returns an SQLite result code. */
int schema_make(sqlite3 *database, struct schema_parts parts, const struct columns *columns);

/*
 * Checks that a study has the tables, the index and the view that this version of clfit, or an earlier version with
 * fewer columns, makes: the text of each definition must be the same. A trigger, a virtual table or an index of one of
 * these tables that clfit does not make is refused. Other views and tables belong to the user: clfit never reads them.
 * *parts receives which optional parts the study has. CLFIT_ERROR_FORMAT: the message says what differs. path is used
 * in messages.
 */
clfit_status schema_check(sqlite3 *database, const char *path, struct schema_parts *parts, clfit_error *error);

/* The same with the tables of a search (rounds.h), which are always these; no others belong to it. */
int schema_make_search(sqlite3 *database);
clfit_status schema_check_search(sqlite3 *database, const char *path, clfit_error *error);

/* The next table of clfit's in a study with these parts, after the one at *place, which begins at 0; NULL: no more. */
const char *schema_next_table(struct schema_parts parts, int *place);

/* Checks that the rows of the table preset_rows, if the study has one, are those of its preset: the view results joins
 * them to each network. CLFIT_ERROR_FORMAT: they are others. */
clfit_status schema_check_preset(sqlite3 *database, const char *path, struct schema_parts parts, clfit_error *error);

/* The names of the columns of the view `results`, "id, hidden, ...", of a study without a preset. Free it; NULL: no
 * memory. */
char *schema_print_results(void);

#endif
