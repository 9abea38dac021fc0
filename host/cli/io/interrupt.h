/*
 * Ctrl-C. From interrupt_install on SIGINT, SIGTERM and SIGHUP (a terminal that is closed, a connection that is lost)
 * end the program with exit code 130: at once, or, after interrupt_defer, by a flag that the command asks for. A second
 * signal a moment later ends it at once. The end at once removes files that are not complete.
 */
#ifndef CLFIT_CLI_INTERRUPT_H
#define CLFIT_CLI_INTERRUPT_H

#include <stdbool.h>

/* Before anything makes threads. */
void interrupt_install(void);

/* From now on a first signal only sets the flag. */
void interrupt_defer(void);

/* True once a signal has come. */
bool interrupt_pending(void);

#endif
