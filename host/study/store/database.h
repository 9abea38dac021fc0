/*
 * Opens the database of a study: for a sweep that writes it, for commands that read it, and for the sources and the
 * destination of a merge. And the file of a search, in the same way; all that is said here of studies is true of it.
 *
 * A study, and the journal files beside it, may come from somebody else and may be malicious. Therefore names to which
 * SQLite gives a special meaning are refused; reading a study never changes or removes a file; a sweep lets SQLite roll
 * back or complete only transactions that a sweep left unfinished (side_files.h); and nothing is read from a study
 * before its schema has been found equal to clfit's (schema.h) and its tables have passed SQLite's quick_check. The
 * values may nevertheless be out of range and must be checked where they are used.
 */
#ifndef CLFIT_STUDY_DATABASE_H
#define CLFIT_STUDY_DATABASE_H

#include "clfit.h"

#include <sqlite3.h>
#include <sys/stat.h>

#define STORE_APPLICATION 0x636c6674 /* "clft" */
#define STORE_VERSION     1

#define SEARCH_APPLICATION 0x636c6673 /* "clfs" */
#define SEARCH_VERSION     1

/* Largest size of a text, a blob and a row in bytes. The largest in a study is an axis of 2^20 points as text, 25 MB; a
 * checkpoint of 4096 neurons has 50 KB. */
#define DATABASE_LENGTH_MAX (64 << 20)

/* The attributes that a file had when it was opened, if it is read without SQLite's locks. */
struct database_mark {
  bool taken; /* false: SQLite's locks are in use */
  char *path; /* NULL unless taken */
  struct stat info;
};

/* Refuses names that SQLite does not take for the path of a file: "", ":memory:", "file:...". */
clfit_status database_check_name(const char *path, clfit_error *error);

/* Restrictions for every connection, because the file may be malicious. Returns SQLite's code. */
int database_harden(sqlite3 *database);

/* Opens an empty temporary database, which is deleted when it is closed. SQLite moves it to disk if it becomes
 * large. */
clfit_status database_open_temporary(sqlite3 **database, clfit_error *error);

/*
 * Opens a study for writing, or creates the file; the caller holds its lock (lock.h). *fresh: it has no tables yet.
 * CLFIT_ERROR_FILE: it cannot be written; CLFIT_ERROR_FORMAT: the file is damaged or no study, or there is a journal
 * beside it that belongs to another file. *database is NULL after a failure; release with sqlite3_close.
 */
clfit_status database_open_writing(const char *path, sqlite3 **database, bool *fresh, clfit_error *error);

/* The same with the file of a search, which may also be one that cannot be written: a search that has ended only reads
 * it. */
clfit_status database_open_search(const char *path, sqlite3 **database, bool *fresh, clfit_error *error);

/*
 * Opens an existing study for reading only; a sweep may be writing it. A study that no sweep is writing is read without
 * a lock, because SQLite would create files beside it for locking. A sweep that starts later may then change it, which
 * database_check_unchanged detects with *mark. Errors as above. Release with sqlite3_close and database_mark_clear.
 */
clfit_status database_open_reading(const char *path, sqlite3 **database, struct database_mark *mark,
                                   clfit_error *error);

/* CLFIT_ERROR_FILE: the file has changed since it was opened, so what was read may be inconsistent. */
clfit_status database_check_unchanged(const struct database_mark *mark, clfit_error *error);
void database_mark_clear(struct database_mark *mark);

/* Fills *error with SQLite's last failure and returns error->code. path names the study in the message; NULL: a
 * temporary database. */
clfit_status database_fail(sqlite3 *database, const char *path, clfit_error *error);

#endif
