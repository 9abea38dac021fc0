/*
 * A probe: a device's programs are built and run in a process of their own, because a driver that aborts or hangs there
 * would take the program with it. The result is remembered in a file, until the device, its driver or clfit changes.
 */
#ifndef CLFIT_CLI_PROBE_H
#define CLFIT_CLI_PROBE_H

#include "clfit.h"

/* The first argument of the process that probes. Not a command for users: --help does not list it. */
#define PROBE_COMMAND "probe-device"

/* The first line that the process writes on standard error. Without it something else was started, such as the loader
 * or the emulator through which clfit runs, and nothing is known of the device. */
#define PROBE_MARK "clfit tries a device\n"

/* The exit code of a process that came to its end. A driver that calls exit is not likely to choose it. */
#define EXIT_SURVIVED 83

/* Environment: the seconds that a probe may take; 0: devices are used without one. */
#define PROBE_LIMIT_VARIABLE "CLFIT_PROBE_SECONDS"

/* What a probe builds and runs: most of what a driver's compiler can fail at. Programs of other activations, and those
 * that train through gradients (batch.cl), are built in the program itself. */
enum probe_kind {
  PROBE_DEFAULT,       /* a training in the device's default mapping */
  PROBE_ALL,           /* the self-test of every mapping */
  PROBE_LEAST_SQUARES, /* a training by least squares */
  PROBE_ALL_AND_LEAST_SQUARES,
  PROBE_COUNT
};

#define PROBE_REASON_SIZE 256

struct probe {
  enum probe_kind kind;
  bool again; /* try a device again that did not survive before */
  bool quiet; /* do not say that it takes long */
};

/* CLFIT_OK: the device survives a probe, or no process can be started for it. CLFIT_ERROR_OPENCL: it does not; reason
 * says why, as in "its driver ended the trial by signal 6 (Aborted)". CLFIT_ERROR_INTERRUPTED: a signal has come. */
clfit_status probe_device(const struct probe *probe, const clfit_device_info *info, char reason[PROBE_REASON_SIZE]);

/* The process that probes: arguments are the device's id and the name of the kind. Returns the exit code if they are
 * wrong; else it ends the process itself, so that no exit handler of a driver changes the result. */
int probe_run(int count, const char **arguments);

/* The name of a kind, and what PROBE_LIMIT_VARIABLE says. */
const char *probe_kind_name(enum probe_kind kind);
uint32_t probe_limit(void);

#endif
