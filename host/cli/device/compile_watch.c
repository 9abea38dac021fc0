#include "cli/device/compile_watch.h"

#include "cli/device/driver_end.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/io/progress.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTICE_SECONDS 3.0

/* After a signal that is not to lose results, compilations may go on for so long: those that the kernel cache has are
 * over by then, and the training ends as if it had begun. The program is to end within a second. */
#define GRACE_SECONDS 0.4

static atomic_bool left;

/* Takes the place of a line of progress, which is drawn again later. */
static void give_notice(const clfit_device_info *info)
{
  if (!isatty(STDERR_FILENO)) return;
  if (progress_overwrites()) fputs("\r\033[K", stderr);
  note("compiling for %s %s ...", info->id, info->name);
}

bool compile_goes_on(const clfit_device_info *info, double seconds, bool quiet)
{
  static _Thread_local double last, signalled; /* signalled: when this thread first saw a signal; 0: not yet */
  if (!quiet && seconds >= NOTICE_SECONDS && (last < NOTICE_SECONDS || last > seconds)) give_notice(info);
  last = seconds;
  if (!interrupt_pending()) return true;
  if (signalled == 0) signalled = clfit_clock();
  return clfit_clock() - signalled < GRACE_SECONDS;
}

static const bool quiet_values[] = {false, true};

static bool ask(void *quiet, const clfit_device_info *info, double seconds)
{
  const bool goes_on = compile_goes_on(info, seconds, *(const bool *)quiet);
  driver_end_watch_again();
  if (!goes_on) left = true;
  return goes_on;
}

void compile_watch(clfit_device *device, bool quiet)
{
  const char *watches = getenv(COMPILE_WATCH_VARIABLE);
  driver_end_watch_again();
  if (watches && strcmp(watches, "0") == 0) return;
  clfit_device_watch_builds(device, ask, (void *)&quiet_values[quiet]);
}

bool compile_was_left(void)
{
  return left;
}
