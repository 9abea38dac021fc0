/*
 * Allows one writer per study: a lock on the file STUDY-lock, which the system releases when the process ends, however
 * it ends. The study file itself is not locked, because closing any descriptor of it would release SQLite's POSIX
 * locks.
 */
#ifndef CLFIT_STUDY_LOCK_H
#define CLFIT_STUDY_LOCK_H

#include "clfit.h"

struct lock {
  int descriptor; /* -1: none */
  char *path;
};

void lock_init(struct lock *lock);

/* CLFIT_ERROR_FILE: another process has it, or the file cannot be made; CLFIT_ERROR_FORMAT: the user has a file of that
 * name. */
clfit_status lock_take(struct lock *lock, const char *study, clfit_error *error);

/* Removes the file, too, unless somebody wrote to it or put another in its place. */
void lock_release(struct lock *lock);

/* Whether a path lies on a network file system. */
bool lock_is_remote(const char *path);

#endif
