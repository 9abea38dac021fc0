/*
 * The file of a search (clfit search --db): its definition as texts, and the bytes of each finished round, so that a
 * search that was killed at any time can go on. A SQLite database; each round is a transaction. Like a study it may
 * come from somebody else, and is opened and checked as one (database.h); values are checked where they are used.
 */
#ifndef CLFIT_STUDY_ROUNDS_H
#define CLFIT_STUDY_ROUNDS_H

#include "clfit.h"

struct rounds;

/* Opens or makes the file and locks it against other writers. CLFIT_ERROR_FORMAT: it is no undamaged file of a search,
 * or a journal of another file lies beside it. Release with rounds_close. */
clfit_status rounds_open(const char *path, struct rounds **rounds, clfit_error *error);
void rounds_close(struct rounds *rounds);

/* Whether it has no definition yet. */
bool rounds_are_fresh(const struct rounds *rounds);

/* Whether there is something at a path. */
bool rounds_exist(const char *path);

/* Sets all texts of the definition at once; NULL values are left out. */
clfit_status rounds_define(struct rounds *rounds, size_t count, const char *const *names, const char *const *texts,
                           clfit_error *error);

/* Sets a text of the definition, which has been set before or not. */
clfit_status rounds_set_text(struct rounds *rounds, const char *name, const char *text, clfit_error *error);

/* The text of a name, made by malloc; NULL: there is none. */
clfit_status rounds_text(struct rounds *rounds, const char *name, char **text, clfit_error *error);

/* As load and save of clfit_search_options have them; context is the struct rounds. */
clfit_status rounds_load(void *context, uint64_t round, unsigned char **bytes, size_t *count, clfit_error *error);
clfit_status rounds_save(void *context, uint64_t round, const unsigned char *bytes, size_t count, clfit_error *error);

#endif
