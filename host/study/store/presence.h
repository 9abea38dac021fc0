/* Whether the file that is being written is still the one at its path: SQLite goes on writing to a file that was
 * removed, and everything would be lost when it is closed. */
#ifndef CLFIT_STUDY_PRESENCE_H
#define CLFIT_STUDY_PRESENCE_H

#include "clfit.h"

#include <sys/stat.h>

struct presence {
  bool known;
  dev_t device;
  ino_t file;
};

/* Remembers the file at the path, if there is one. */
void presence_note(struct presence *presence, const char *path);

/* CLFIT_ERROR_FILE: there is no file at the path now, or another one. Nothing is checked before presence_note found
 * one. */
clfit_status presence_check(const struct presence *presence, const char *path, clfit_error *error);

#endif
