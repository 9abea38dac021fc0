/* Watches compilations: says on a terminal that one takes long, and has it left after a signal. */
#ifndef CLFIT_CLI_COMPILE_WATCH_H
#define CLFIT_CLI_COMPILE_WATCH_H

#include "clfit.h"

/* To be asked again and again while something is compiled for a device, with the seconds since that began. False: a
 * signal has come, and it is to be left. After 3 s "compiling for DEVICE ..." is shown, once, if standard error is a
 * terminal, unless quiet. Each thread watches one compilation at a time. */
bool compile_goes_on(const clfit_device_info *info, double seconds, bool quiet);

/* Environment; 0: builds are not watched, and take the thread that uses the device, for drivers that keep values for
 * each thread, as Oclgrind does. */
#define COMPILE_WATCH_VARIABLE "CLFIT_WATCH_BUILDS"

/* Watches what is built for a device from now on. */
void compile_watch(clfit_device *device, bool quiet);

/* Whether a build was left: its driver may still be compiling, and the process must end by _exit. */
bool compile_was_left(void);

#endif
