/* Other programs that draw: where they are, and their start. */
#ifndef CLFIT_HOST_PROGRAM_H
#define CLFIT_HOST_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#define PROGRAM_PATH_SIZE 4096 /* PATH_MAX of Linux */

/* The first executable of that name in the directories of PATH, an empty one of which is the current one. */
bool clfit_program_find(const char *name, char path[PROGRAM_PATH_SIZE]);

/* Starts a program, without a shell, whose standard input, output and error are the three descriptors. Returns 0 or an
 * errno. */
int clfit_program_start(const char *path, char *const arguments[], const int descriptors[3], pid_t *child);

#endif
