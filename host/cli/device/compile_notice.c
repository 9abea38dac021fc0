#include "cli/device/compile_notice.h"

#include "cli/io/message.h"
#include "cli/io/progress.h"

#include <stdio.h>
#include <unistd.h>

void compile_notice(const clfit_device_info *info)
{
  if (!isatty(STDERR_FILENO)) return;
  if (progress_overwrites()) fputs("\r\033[K", stderr);
  note("compiling for %s %s ...", info->id, info->name);
}
