/*
 * Ctrl-C. From interrupt_install on SIGINT, SIGTERM and SIGHUP (a terminal that is closed, a connection that is lost)
 * end the program with exit code 130: immediately, or, after interrupt_defer, by a flag that the command reads, or,
 * after interrupt_limit, in a second at the latest. A second signal ends it immediately. Before the program ends
 * immediately, or because its time is over, files that are not complete are removed.
 */
#ifndef CLFIT_CLI_INTERRUPT_H
#define CLFIT_CLI_INTERRUPT_H

#include <stdbool.h>

/* To be called before any thread is created. */
void interrupt_install(void);

/* From now on a first signal only sets the flag. */
void interrupt_defer(void);

/* What must not be lost is saved, and printed: what is left to be done has a second from the first signal on, or from
 * now on if that has come. Does nothing if signals are not deferred. */
void interrupt_limit(void);

/* True once a signal has come. */
bool interrupt_pending(void);

#endif
