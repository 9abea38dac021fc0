/* Checks the files STUDY-journal, STUDY-wal and STUDY-shm that SQLite uses beside a database, before SQLite opens
 * them. */
#ifndef CLFIT_STUDY_SIDE_FILES_H
#define CLFIT_STUDY_SIDE_FILES_H

#include "clfit.h"

/* Of the header of a database (https://www.sqlite.org/fileformat.html): the bytes that say how it is written and read,
 * and their value where that is with a write-ahead log. */
enum { HEADER_WRITE_VERSION = 18, HEADER_READ_VERSION = 19, HEADER_LOG = 2 };

/* Whether a file PATH + ENDING exists. */
bool side_file_exists(const char *path, const char *ending);

/* Whether there is a rollback journal that SQLite would roll back. */
bool side_files_have_hot_journal(const char *path);

/*
 * Refuses side files that are not regular files, or have several links: SQLite truncates and removes side files, and
 * would change what a link leads to. The path must have no symbolic links, because SQLite resolves them first.
 */
clfit_status side_files_check(const char *path, clfit_error *error);

/*
 * The same before writing; it also refuses a rollback journal that was not clearly made for this study.
 *
 * A sweep that is killed while it writes to a network file system leaves such a journal, and SQLite restores the study
 * from it. A journal can also name another file, a super-journal, which belongs to a transaction over several databases
 * and which SQLite removes. A sweep has only one database in a transaction, so a journal with such a name is refused.
 * Any other journal can change only the study. It is accepted if its header is complete, its page size is the study's,
 * it restores no more pages than the study has (a sweep never makes the file smaller), nor fewer than one of clfit's
 * transactions can begin with, and study and journal have the same owner. The caller holds the study's lock, so the
 * sweep that left the journal has ended.
 *
 * A write-ahead log can only replace pages of the study, which are checked when they are read; it names no other file.
 * CLFIT_ERROR_FORMAT: a side file is refused; the message names it and says what to do.
 */
clfit_status side_files_check_writing(const char *path, clfit_error *error);

#endif
