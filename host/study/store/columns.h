/*
 * The columns of a study's table `networks`. Each is defined once: its type, how it is written and read, and what the
 * view `results` shows of it. The first column is the id; then there is one for each row of the table of fields
 * (clfit_field); the others are outcomes of the training.
 *
 * A study has the columns of the version of clfit that made it. Columns are therefore found by their names, and a field
 * for which a study has no column has its default value in all networks of that study.
 */
#ifndef CLFIT_STUDY_COLUMNS_H
#define CLFIT_STUDY_COLUMNS_H

#include "study/plan/preset.h"
#include "study/store/row.h"

#include <sqlite3.h>

struct column {
  const char *name;
  const char *type;         /* in SQL, "INTEGER NOT NULL" */
  const char *view;         /* what the view `results` selects for it, NULL: nothing */
  bool shown;               /* `view` is NULL, but that of another column has it */
  const clfit_field *field; /* the column holds a part of the configuration; NULL: the id or an outcome */
  bool optional;            /* studies made before the column was added have none */
  bool decides;             /* an outcome in which two trainings of one configuration must agree */
  bool is_figure;           /* a metric, by which networks can be ranked: a double of struct study_row at `member` */
  bool larger_is_better;
  size_t member; /* offset in struct study_row of a number that bind and read use; else 0 */
  /* Binds the row's value to a statement's parameter; leaves the parameter NULL where there is no value. Returns
   * SQLite's code: a text and a history are copied, for which memory can run out. */
  int (*bind)(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter);
  /* Copies a result column of a query into the row. Returns a text that says what is wrong with the value, or NULL. */
  const char *(*read)(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row);
};

struct columns {
  struct column *items; /* [n] */
  size_t n;
};

/* The columns of the studies that this version of clfit makes, in their order. Release with columns_clear, which also
 * accepts a zeroed struct. */
clfit_status columns_make(struct columns *columns, clfit_error *error);

/* The columns that a study has, in its order. CLFIT_ERROR_FORMAT: one is unknown, or missing and not optional. path is
 * what messages call the study; NULL: the database is a temporary one. */
clfit_status columns_read(sqlite3 *database, const char *path, struct columns *columns, clfit_error *error);
void columns_clear(struct columns *columns);

/* The column of that name, or NULL. */
const struct column *columns_find(const struct columns *columns, const char *name);

/* Whether the view `results` of any study shows a column of networks. */
bool columns_is_shown(const char *name);

/* The metric of that name, or NULL; and the metric after another one (NULL: the first one), or NULL after the last. The
 * columns returned are constants. */
const struct column *columns_find_figure(const char *name);
const struct column *columns_next_figure(const struct column *before);

/* SQL that creates the table networks, the table of a preset's rows, and the view results; with a preset (or NULL) the
 * view joins the table of its rows. Free them with sqlite3_free; NULL: no memory. */
char *columns_print_table(const struct columns *columns);
char *columns_print_preset_rows(const struct preset *preset);
char *columns_print_view(const struct columns *columns, const struct preset *preset);

/* "id, hidden, ...". Free it with sqlite3_free; NULL: no memory. */
char *columns_print_names(const struct columns *columns);

/* SQL for clfit_network_work of a row of networks. */
const char *columns_work(const struct columns *columns);

/* SQL for clfit_network_trained of a row of networks. */
const char *columns_trained(const struct columns *columns);

/* Binds a whole row to the parameters 1, 2 ... of a statement, in the order of the columns. Returns SQLite's code. */
int columns_bind(const struct columns *columns, const struct study_row *row, sqlite3_stmt *statement);

/* Fills a row from the first result columns of a query, in the order of `columns`. Returns a text that says what is
 * wrong, or NULL. */
const char *columns_read_row(const struct columns *columns, sqlite3_stmt *query, struct study_row *row);

#endif
