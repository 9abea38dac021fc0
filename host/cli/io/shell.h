/* Building command lines that the user can copy into a shell. */
#ifndef CLFIT_CLI_SHELL_H
#define CLFIT_CLI_SHELL_H

#include <stddef.h>

/* Appends " --NAME TEXT", the text quoted for a shell where it needs to be. NULL is no text; what does not fit is left out. */
void shell_append(char *command, size_t size, const char *name, const char *text);

#endif
