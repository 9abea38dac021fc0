/* What every layer of the OpenCL loader answers (ocl-icd's OPENCL_LAYERS). */
#ifndef CLFIT_TESTS_LAYER_H
#define CLFIT_TESTS_LAYER_H

#include <CL/cl_layer.h>
#include <string.h>

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *value, size_t *used)
{
  const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
  if (name != CL_LAYER_API_VERSION || (value && size < sizeof version)) return CL_INVALID_VALUE;
  if (value) memcpy(value, &version, sizeof version);
  if (used) *used = sizeof version;
  return CL_SUCCESS;
}

#endif
