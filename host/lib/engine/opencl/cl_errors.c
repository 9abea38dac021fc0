#include "base/error.h"
#include "engine/opencl/opencl.h"

const char *clfit_cl_name(cl_int code)
{
#define ROW(name)                                                                                                      \
  {                                                                                                                    \
    name, #name                                                                                                        \
  }
  static const struct {
    cl_int code;
    const char *name;
  } rows[] = {
      /* clang-format off */
      ROW(CL_DEVICE_NOT_FOUND), ROW(CL_DEVICE_NOT_AVAILABLE), ROW(CL_COMPILER_NOT_AVAILABLE),
      ROW(CL_MEM_OBJECT_ALLOCATION_FAILURE), ROW(CL_OUT_OF_RESOURCES), ROW(CL_OUT_OF_HOST_MEMORY),
      ROW(CL_PROFILING_INFO_NOT_AVAILABLE), ROW(CL_MEM_COPY_OVERLAP), ROW(CL_IMAGE_FORMAT_MISMATCH),
      ROW(CL_IMAGE_FORMAT_NOT_SUPPORTED), ROW(CL_BUILD_PROGRAM_FAILURE), ROW(CL_MAP_FAILURE),
      ROW(CL_MISALIGNED_SUB_BUFFER_OFFSET), ROW(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST),
      ROW(CL_COMPILE_PROGRAM_FAILURE), ROW(CL_LINKER_NOT_AVAILABLE), ROW(CL_LINK_PROGRAM_FAILURE),
      ROW(CL_DEVICE_PARTITION_FAILED), ROW(CL_KERNEL_ARG_INFO_NOT_AVAILABLE), ROW(CL_INVALID_VALUE),
      ROW(CL_INVALID_DEVICE_TYPE), ROW(CL_INVALID_PLATFORM), ROW(CL_INVALID_DEVICE), ROW(CL_INVALID_CONTEXT),
      ROW(CL_INVALID_QUEUE_PROPERTIES), ROW(CL_INVALID_COMMAND_QUEUE), ROW(CL_INVALID_HOST_PTR),
      ROW(CL_INVALID_MEM_OBJECT), ROW(CL_INVALID_IMAGE_SIZE), ROW(CL_INVALID_SAMPLER), ROW(CL_INVALID_BINARY),
      ROW(CL_INVALID_BUILD_OPTIONS), ROW(CL_INVALID_PROGRAM), ROW(CL_INVALID_PROGRAM_EXECUTABLE),
      ROW(CL_INVALID_KERNEL_NAME), ROW(CL_INVALID_KERNEL_DEFINITION), ROW(CL_INVALID_KERNEL),
      ROW(CL_INVALID_ARG_INDEX), ROW(CL_INVALID_ARG_VALUE), ROW(CL_INVALID_ARG_SIZE), ROW(CL_INVALID_KERNEL_ARGS),
      ROW(CL_INVALID_WORK_DIMENSION), ROW(CL_INVALID_WORK_GROUP_SIZE), ROW(CL_INVALID_WORK_ITEM_SIZE),
      ROW(CL_INVALID_GLOBAL_OFFSET), ROW(CL_INVALID_EVENT_WAIT_LIST), ROW(CL_INVALID_EVENT),
      ROW(CL_INVALID_OPERATION), ROW(CL_INVALID_GL_OBJECT), ROW(CL_INVALID_BUFFER_SIZE), ROW(CL_INVALID_MIP_LEVEL),
      ROW(CL_INVALID_GLOBAL_WORK_SIZE), ROW(CL_INVALID_PROPERTY), ROW(CL_INVALID_IMAGE_DESCRIPTOR),
      ROW(CL_INVALID_COMPILER_OPTIONS), ROW(CL_INVALID_LINKER_OPTIONS), ROW(CL_INVALID_DEVICE_PARTITION_COUNT),
      {-1001, "CL_PLATFORM_NOT_FOUND_KHR"}, /* returned by the ICD loader (extension cl_khr_icd) */
      /* clang-format on */
  };
#undef ROW
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].code == code) return rows[i].name;
  return "unknown error";
}

clfit_status clfit_fail_cl(clfit_error *error, cl_int code, const char *what)
{
  bool memory =
      code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_HOST_MEMORY || code == CL_INVALID_BUFFER_SIZE;
  clfit_status status = memory ? CLFIT_ERROR_MEMORY : CLFIT_ERROR_OPENCL;
  clfit_fail(error, status, "OpenCL: cannot %s: %s (%d)", what, clfit_cl_name(code), code);
  if (error) error->cl_code = code;
  return status;
}
