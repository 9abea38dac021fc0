#include "cli/device/driver_end.h"

#include "cli/io/message.h"
#include "cli/io/output.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An assertion of clfit's own ends here, too; the C library prints it before. */
#define ADVICE                                                                                                         \
  ", probably an OpenCL driver; OCL_ICD_VENDORS chooses which drivers are loaded, and --device reference needs none\n"

static volatile sig_atomic_t watching;

static void end(const char *text)
{
  const ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
  _exit(EXIT_OPENCL);
}

/* Calls only what a signal handler may call, which leaves files that are not complete. */
static void on_abort(int signal_number)
{
  (void)signal_number;
  end("clfit: something has aborted the program" ADVICE);
}

static void on_exit_of_others(void)
{
  if (!watching) return;
  fflush(stdout);
  output_discard_all();
  end("clfit: something has ended the program" ADVICE);
}

void driver_end_watch(void)
{
  watching = true;
  signal(SIGABRT, on_abort);
  atexit(on_exit_of_others);
}

void driver_end_watch_again(void)
{
  if (watching) signal(SIGABRT, on_abort);
}

void driver_end_expected(void)
{
  watching = false;
  signal(SIGABRT, SIG_DFL);
}
