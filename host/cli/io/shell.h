/* Building command lines that the user can copy into a shell. */
#ifndef CLFIT_CLI_SHELL_H
#define CLFIT_CLI_SHELL_H

#include <stddef.h>

/* Appends " --NAME TEXT" to a command of at most size - 1 characters, with TEXT quoted for a shell where that is
 * needed. text NULL: appends " --NAME" alone. What does not fit is left out. */
void shell_append(char *command, size_t size, const char *name, const char *text);

#endif
