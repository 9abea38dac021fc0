/* Starts the process that probes a device, and waits for it. */
#ifndef CLFIT_CLI_PROBE_PROCESS_H
#define CLFIT_CLI_PROBE_PROCESS_H

#include "cli/device/probe.h"

enum probe_end {
  PROBE_NOT_RUN,   /* it could not be started */
  PROBE_SURVIVED,  /* it ended as it should */
  PROBE_DIED,      /* its driver ended it, or it took too long */
  PROBE_LEFT,      /* a signal has come to the program, or to both, as from a terminal */
  PROBE_ENDED_ELSE /* what drivers do not do ended it: a limit of the process, or somebody; it says nothing about the
                    * next time */
};

struct probe_process {
  const clfit_device_info *info;
  const char *kind; /* the second argument of the process */
  uint32_t limit;   /* seconds */
  bool quiet;
};

/* reason: see probe_device. */
enum probe_end probe_process_run(const struct probe_process *process, char reason[PROBE_REASON_SIZE]);

#endif
