#include "cli/device/device_check.h"

#include "cli/io/message.h"

#include <string.h>

clfit_status check_single_device(const struct options *options, clfit_error *error)
{
  const char *command = commands[options->command].name;
  if (options->devices.count > 1)
    return refuse(error, "clfit %s uses one device, and --device names %zu", command, options->devices.count);
  if (options->devices.count && strcmp(options->devices.items[0], "all") == 0)
    return refuse(error, "clfit %s uses one device: --device all cannot be used with it", command);
  return CLFIT_OK;
}

clfit_status check_mapping(const clfit_device *device, const char *mapping, clfit_error *error)
{
  const char *const *names = clfit_device_mappings(device);
  if (!mapping) return CLFIT_OK;
  for (size_t i = 0; names[i]; i++)
    if (strcmp(names[i], mapping) == 0) return CLFIT_OK;
  return refuse(error, "device %s has no mapping \"%.120s\"", clfit_device_describe(device)->id, mapping);
}

void device_note_float64(const clfit_device *device)
{
  const clfit_device_info *info = clfit_device_describe(device);
  if (!info->float64)
    note("device %s has no float64 arithmetic, so the reference trains by least squares in its place", info->id);
}
