/* Says on a terminal that a build takes long. */
#ifndef CLFIT_CLI_COMPILE_NOTICE_H
#define CLFIT_CLI_COMPILE_NOTICE_H

#include "clfit.h"

#define COMPILE_NOTICE_SECONDS 3.0

/* "compiling for DEVICE ...", if standard error is a terminal. Takes the place of a line of progress there. */
void compile_notice(const clfit_device_info *info);

#endif
