/*
 * Ctrl-C. From interrupt_install on SIGINT and SIGTERM end the program with exit code 130: at once, or, while somebody
 * has asked to decide himself (interrupt_defer), by a flag. A second signal a moment later ends it at once.
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

/* Puts off the end while a file is being written, so that no half of one is left behind. */
void interrupt_block(void);
void interrupt_unblock(void);

#endif
