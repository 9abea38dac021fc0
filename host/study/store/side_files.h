/* The files that SQLite keeps beside a database, STUDY-journal, STUDY-wal and STUDY-shm, looked at before it does. */
#ifndef CLFIT_STUDY_SIDE_FILES_H
#define CLFIT_STUDY_SIDE_FILES_H

#include "clfit.h"

/* Whether there is a file of that ending. */
bool side_file_exists(const char *path, const char *ending);

/* Whether SQLite would take the journal beside a study, if there is one, for one that has to be undone. */
bool side_files_have_hot_journal(const char *path);

/*
 * Refuses side files that are no plain files: SQLite truncates and removes them, and a link's target would go with it.
 * The path has no symbolic links, as SQLite uses the names beside the file that they lead to.
 */
clfit_status side_files_check(const char *path, clfit_error *error);

/*
 * The same for one who writes, and also refuses a rollback journal that is not plainly the study's own.
 *
 * A sweep that is killed while it writes to a network file system leaves such a journal, and SQLite makes the study
 * whole again by undoing what the journal says. But a journal can also name another file (a super-journal, of
 * transactions over several databases), which SQLite removes: a sweep never has more than one database in a
 * transaction, so one that names any is refused. One that names none can change nothing but the study, and removes
 * itself. It counts as the study's own if its header is whole, its pages are of the study's size, it undoes to no more
 * pages than the study has (a sweep never makes its file smaller), and study and journal have the same owner. That the
 * writer that left it is gone the caller knows, who holds the study's lock.
 *
 * A write-ahead log can bring other content of the study's own pages, which is looked at like all that is read from it;
 * it names no other file. CLFIT_ERROR_FORMAT: a side file is refused; the message says which and what to do.
 */
clfit_status side_files_check_writing(const char *path, clfit_error *error);

#endif
