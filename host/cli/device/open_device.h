/* Opening devices that survive a probe. */
#ifndef CLFIT_CLI_OPEN_DEVICE_H
#define CLFIT_CLI_OPEN_DEVICE_H

#include "cli/device/probe.h"
#include "cli/options/options.h"

struct device_choice {
  const char *selector; /* as for clfit_device_open; NULL: the fastest for that many networks */
  uint64_t networks;
  struct probe probe;
};

/* The choice that the options of a command with one device make; kind: what the command is going to build. */
struct device_choice device_choice_of(const struct options *options, enum probe_kind kind);

/* Opens a device like clfit_device_open and clfit_device_open_for, but passes over devices that do not survive a probe,
 * which is said on stderr. If the selector leaves no other, CLFIT_ERROR_OPENCL names the device and the reason. Release
 * with clfit_device_close. */
clfit_status device_open(const struct device_choice *choice, clfit_device **device, clfit_error *error);

/* Whether a device survives a probe; says on stderr that it is left out if not, unless probe->quiet. */
bool device_survives(const struct probe *probe, const clfit_device_info *info);

#endif
