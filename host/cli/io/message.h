/* What the program says on stderr, and its exit codes. */
#ifndef CLFIT_CLI_MESSAGE_H
#define CLFIT_CLI_MESSAGE_H

#include "clfit.h"
#include "study/base/fail.h"

/* Exit codes of every command. */
#define EXIT_DONE        0
#define EXIT_UNMET       1   /* a goal or a verification is not met, or a training diverged */
#define EXIT_USAGE       2   /* bad usage or input */
#define EXIT_OPENCL      3   /* OpenCL trouble */
#define EXIT_INTERRUPTED 130 /* as shells count it: 128 + SIGINT */

/* Prints "clfit: " and one line on stderr. Control characters are replaced by '?', so that a file name with a line feed
 * cannot make one message look like two. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints an error, and the log of a failed build after it, and returns the exit code that it calls for. */
int report_error(const clfit_error *error);

#endif
