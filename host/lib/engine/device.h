/* What a clfit_device is made of: a description and, unless it is the reference, an OpenCL device. */
#ifndef CLFIT_HOST_DEVICE_H
#define CLFIT_HOST_DEVICE_H

#include "clfit.h"

struct opencl_device;

struct clfit_device {
  clfit_device_info info;
  struct opencl_device *opencl; /* NULL: the reference */
};

/* Of count > 0 devices, the one that is fastest for that many networks, provided that it passes its self-test; see
 * clfit_device_open_for. */
const clfit_device_info *clfit_device_prefer(const clfit_device_info *infos, size_t count, uint64_t networks);

#endif
