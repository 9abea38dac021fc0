/* The tables and views of a study: made, and compared with those of a file. */
#ifndef CLFIT_STUDY_SCHEMA_H
#define CLFIT_STUDY_SCHEMA_H

#include "study/store/columns.h"

#include <sqlite3.h>

/* What a study may have besides the tables that each has. */
struct schema_parts {
  bool halving; /* rungs */
  bool preset;  /* a table of its rows, and a view results with two columns more */
};

/* Makes them, the table networks with these columns. An SQLite code. */
int schema_make(sqlite3 *database, struct schema_parts parts, const struct columns *columns);

/*
 * Whether a study has the tables, the index and the view that clfit, or one before it that knew fewer columns, makes, by
 * the very text of their definitions, and
 * no trigger, virtual table or further index. Other views and tables are the user's own: clfit never reads them.
 * *parts: what it has. CLFIT_ERROR_FORMAT: what is wrong. path is for messages.
 */
clfit_status schema_check(sqlite3 *database, const char *path, struct schema_parts *parts, clfit_error *error);

#endif
