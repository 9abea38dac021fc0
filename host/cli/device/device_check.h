/* Checks of --device and --mapping. */
#ifndef CLFIT_CLI_DEVICE_CHECK_H
#define CLFIT_CLI_DEVICE_CHECK_H

#include "cli/options/options.h"

/* For commands that use one device. */
clfit_status check_single_device(const struct options *options, clfit_error *error);

/* mapping may be NULL. */
clfit_status check_mapping(const clfit_device *device, const char *mapping, clfit_error *error);

/* Says that a device leaves least squares to the reference, if it does. */
void device_note_float64(const clfit_device *device);

#endif
