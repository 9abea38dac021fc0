/*
 * Opening a study's database, for all who do: the writer, readers, the sources and the target of a merge.
 *
 * A study may come from a stranger, with whatever lies beside it. So nothing is opened by a name that SQLite takes
 * specially, no reader changes or removes any file, a writer lets SQLite undo or finish only what a sweep left
 * (side_files.h), and nothing is read from a study before its schema is the one that clfit makes (schema.h) and its
 * pages and values pass SQLite's quick_check. Still, no value that is read may be trusted to be in its range.
 */
#ifndef CLFIT_STUDY_DATABASE_H
#define CLFIT_STUDY_DATABASE_H

#include "clfit.h"

#include <sqlite3.h>
#include <sys/stat.h>

#define STORE_APPLICATION 0x636c6674 /* "clft" */
#define STORE_VERSION     1

/* Longest text or blob, and row, in bytes. The longest that a study has is an axis of 2^20 points as text, 25 MB; a
 * checkpoint of 4096 neurons has 50 KB. */
#define DATABASE_LENGTH_MAX (64 << 20)

/* A file that is read without SQLite's locks, as it was when it was opened. */
struct database_mark {
  bool taken; /* false: SQLite's locks are in use */
  char *path; /* NULL unless taken */
  struct stat info;
};

/* Refuses what SQLite would not take for the path of a file: nothing, ":memory:", "file:...". */
clfit_status database_check_name(const char *path, clfit_error *error);

/* An empty database of its own that ends with the connection; it may grow beyond memory. */
clfit_status database_open_temporary(sqlite3 **database, clfit_error *error);

/*
 * Opens a study for writing, or makes the file; the caller holds its lock (lock.h). *fresh: it has no tables yet.
 * CLFIT_ERROR_FILE: it cannot be written; CLFIT_ERROR_FORMAT: it is something else or damaged, or a journal beside it
 * is not the study's own. *database is NULL after a failure; release with sqlite3_close.
 */
clfit_status database_open_writing(const char *path, sqlite3 **database, bool *fresh, clfit_error *error);

/*
 * Opens a study that is there for reading alone, also while a sweep writes it. *mark says how: a study that nobody
 * writes is read without a lock, as SQLite would make files beside it for one, so that a writer that comes later may
 * change it: see database_check_unchanged. Errors as above. Release with sqlite3_close and database_mark_clear.
 */
clfit_status database_open_reading(const char *path, sqlite3 **database, struct database_mark *mark,
                                   clfit_error *error);

/* CLFIT_ERROR_FILE: what was read since the mark was taken may be of two times. */
clfit_status database_check_unchanged(const struct database_mark *mark, clfit_error *error);
void database_mark_clear(struct database_mark *mark);

/* Fills *error with SQLite's last failure and returns its code. path is what the message calls the study; NULL: the
 * database is a temporary one. */
clfit_status database_fail(sqlite3 *database, const char *path, clfit_error *error);

#endif
