/* OpenCL devices as the rest of the library sees them: without OpenCL's types. */
#ifndef CLFIT_OPENCL_DEVICE_H
#define CLFIT_OPENCL_DEVICE_H

#include "clfit.h"

struct opencl_device;

/* All devices of all platforms, in clinfo's order. CLFIT_ERROR_NO_DEVICE says what to install. Free with free(). */
clfit_status clfit_opencl_list(clfit_device_info **infos, size_t *count, clfit_error *error);

/* Opens the device with info->id: a context and a queue. Release with clfit_opencl_close. */
clfit_status clfit_opencl_open(const clfit_device_info *info, struct opencl_device **device, clfit_error *error);
void clfit_opencl_close(struct opencl_device *device);

/* See clfit_device_watch_builds. */
void clfit_opencl_watch_builds(struct opencl_device *device, clfit_build_watch *watch, void *context);

/* Self-test of every mapping; see clfit_device_check. */
clfit_status clfit_opencl_check(struct opencl_device *device, clfit_error *error);

/* See clfit_device_instructions. */
const char *clfit_opencl_instructions(const struct opencl_device *device);

/* See clfit_device_choose_mapping. */
const char *clfit_opencl_choose_mapping(const struct opencl_device *device, const char *mapping,
                                        const clfit_network *network, size_t count);

/* See clfit_device_ceiling. */
clfit_status clfit_opencl_ceiling(struct opencl_device *device, clfit_mode mode, clfit_activation activation,
                                  clfit_optimizer optimizer, clfit_ceiling *ceiling, clfit_error *error);

/* See clfit_device_mappings. */
const char *const *clfit_opencl_mappings(const struct opencl_device *device);

#endif
