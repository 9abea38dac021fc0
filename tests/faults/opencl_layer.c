/* An OpenCL layer (OPENCL_LAYERS of the ICD loader) that fails one call of one entry point: see fault.h.
 *
 * Calls that end something (release, finish) are carried out and then said to have failed: a driver whose command queue
 * is still at work on memory that the program frees would crash, and say nothing about the program. */
#define CL_TARGET_OPENCL_VERSION 120
#include "fault.h"
#include "layer.h"

static const cl_icd_dispatch *target;

/* Lists of parameters, as the table below has them. */
#define P(...) (__VA_ARGS__)

/* An entry point that returns an object and stores an error code, which may be NULL. */
#define MAKE(type, entry, parameters, arguments, failure)                                                              \
  static struct fault_point point_##entry = {.name = #entry};                                                          \
  static CL_API_ENTRY type CL_API_CALL fail_##entry parameters                                                         \
  {                                                                                                                    \
    if (!fault_strikes(&point_##entry)) return target->entry arguments;                                                \
    if (code) *code = failure;                                                                                         \
    return NULL;                                                                                                       \
  }

/* An entry point that returns an error code. */
#define DO(entry, parameters, arguments, failure)                                                                      \
  static struct fault_point point_##entry = {.name = #entry};                                                          \
  static CL_API_ENTRY cl_int CL_API_CALL fail_##entry parameters                                                       \
  {                                                                                                                    \
    return fault_strikes(&point_##entry) ? failure : target->entry arguments;                                          \
  }

#define END(entry, type, failure)                                                                                      \
  static struct fault_point point_##entry = {.name = #entry};                                                          \
  static CL_API_ENTRY cl_int CL_API_CALL fail_##entry(type object)                                                     \
  {                                                                                                                    \
    cl_int code = target->entry(object);                                                                               \
    return fault_strikes(&point_##entry) ? failure : code;                                                             \
  }

/* clang-format off */
DO(clGetPlatformIDs, P(cl_uint n, cl_platform_id *ids, cl_uint *count), P(n, ids, count), CL_OUT_OF_HOST_MEMORY)
DO(clGetPlatformInfo, P(cl_platform_id id, cl_platform_info what, size_t size, void *value, size_t *used),
   P(id, what, size, value, used), CL_OUT_OF_HOST_MEMORY)
DO(clGetDeviceIDs, P(cl_platform_id id, cl_device_type type, cl_uint n, cl_device_id *ids, cl_uint *count),
   P(id, type, n, ids, count), CL_OUT_OF_RESOURCES)
DO(clGetDeviceInfo, P(cl_device_id id, cl_device_info what, size_t size, void *value, size_t *used),
   P(id, what, size, value, used), CL_OUT_OF_RESOURCES)
MAKE(cl_context, clCreateContext,
     P(const cl_context_properties *properties, cl_uint n, const cl_device_id *ids,
       void (CL_CALLBACK *tell)(const char *, const void *, size_t, void *), void *data, cl_int *code),
     P(properties, n, ids, tell, data, code), CL_OUT_OF_HOST_MEMORY)
MAKE(cl_command_queue, clCreateCommandQueue,
     P(cl_context context, cl_device_id id, cl_command_queue_properties properties, cl_int *code),
     P(context, id, properties, code), CL_OUT_OF_RESOURCES)
MAKE(cl_mem, clCreateBuffer, P(cl_context context, cl_mem_flags flags, size_t size, void *from, cl_int *code),
     P(context, flags, size, from, code), CL_MEM_OBJECT_ALLOCATION_FAILURE)
MAKE(cl_program, clCreateProgramWithSource,
     P(cl_context context, cl_uint n, const char **texts, const size_t *lengths, cl_int *code),
     P(context, n, texts, lengths, code), CL_OUT_OF_HOST_MEMORY)
MAKE(cl_kernel, clCreateKernel, P(cl_program program, const char *name, cl_int *code), P(program, name, code),
     CL_OUT_OF_HOST_MEMORY)
DO(clBuildProgram,
   P(cl_program program, cl_uint n, const cl_device_id *ids, const char *options,
     void (CL_CALLBACK *tell)(cl_program, void *), void *data),
   P(program, n, ids, options, tell, data), CL_BUILD_PROGRAM_FAILURE)
DO(clGetProgramBuildInfo,
   P(cl_program program, cl_device_id id, cl_program_build_info what, size_t size, void *value, size_t *used),
   P(program, id, what, size, value, used), CL_OUT_OF_HOST_MEMORY)
DO(clSetKernelArg, P(cl_kernel kernel, cl_uint index, size_t size, const void *value), P(kernel, index, size, value),
   CL_OUT_OF_RESOURCES)
DO(clEnqueueNDRangeKernel,
   P(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset, const size_t *global,
     const size_t *local, cl_uint n, const cl_event *events, cl_event *event),
   P(queue, kernel, dimensions, offset, global, local, n, events, event), CL_OUT_OF_RESOURCES)
DO(clEnqueueReadBuffer,
   P(cl_command_queue queue, cl_mem buffer, cl_bool wait, size_t offset, size_t size, void *to, cl_uint n,
     const cl_event *events, cl_event *event),
   P(queue, buffer, wait, offset, size, to, n, events, event), CL_OUT_OF_RESOURCES)
DO(clEnqueueWriteBuffer,
   P(cl_command_queue queue, cl_mem buffer, cl_bool wait, size_t offset, size_t size, const void *from, cl_uint n,
     const cl_event *events, cl_event *event),
   P(queue, buffer, wait, offset, size, from, n, events, event), CL_OUT_OF_RESOURCES)
DO(clEnqueueCopyBuffer,
   P(cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset, size_t to_offset, size_t size, cl_uint n,
     const cl_event *events, cl_event *event),
   P(queue, from, to, from_offset, to_offset, size, n, events, event), CL_MEM_OBJECT_ALLOCATION_FAILURE)
DO(clEnqueueFillBuffer,
   P(cl_command_queue queue, cl_mem buffer, const void *pattern, size_t pattern_size, size_t offset, size_t size,
     cl_uint n, const cl_event *events, cl_event *event),
   P(queue, buffer, pattern, pattern_size, offset, size, n, events, event), CL_MEM_OBJECT_ALLOCATION_FAILURE)
MAKE(void *, clEnqueueMapBuffer,
     P(cl_command_queue queue, cl_mem buffer, cl_bool wait, cl_map_flags flags, size_t offset, size_t size, cl_uint n,
       const cl_event *events, cl_event *event, cl_int *code),
     P(queue, buffer, wait, flags, offset, size, n, events, event, code), CL_MAP_FAILURE)
DO(clEnqueueUnmapMemObject,
   P(cl_command_queue queue, cl_mem buffer, void *mapped, cl_uint n, const cl_event *events, cl_event *event),
   P(queue, buffer, mapped, n, events, event), CL_OUT_OF_RESOURCES)
END(clFinish, cl_command_queue, CL_OUT_OF_RESOURCES)
END(clReleaseCommandQueue, cl_command_queue, CL_OUT_OF_RESOURCES)
END(clReleaseContext, cl_context, CL_OUT_OF_RESOURCES)
END(clReleaseKernel, cl_kernel, CL_OUT_OF_RESOURCES)
END(clReleaseMemObject, cl_mem, CL_OUT_OF_RESOURCES)
END(clReleaseProgram, cl_program, CL_OUT_OF_RESOURCES)
/* clang-format on */

#define FAULT_POINTS(X)                                                                                                \
  X(clGetPlatformIDs)                                                                                                  \
  X(clGetPlatformInfo)                                                                                                 \
  X(clGetDeviceIDs)                                                                                                    \
  X(clGetDeviceInfo)                                                                                                   \
  X(clCreateContext)                                                                                                   \
  X(clCreateCommandQueue)                                                                                              \
  X(clCreateBuffer)                                                                                                    \
  X(clCreateProgramWithSource)                                                                                         \
  X(clCreateKernel)                                                                                                    \
  X(clBuildProgram)                                                                                                    \
  X(clGetProgramBuildInfo)                                                                                             \
  X(clSetKernelArg)                                                                                                    \
  X(clEnqueueNDRangeKernel)                                                                                            \
  X(clEnqueueReadBuffer)                                                                                               \
  X(clEnqueueWriteBuffer)                                                                                              \
  X(clEnqueueCopyBuffer)                                                                                               \
  X(clEnqueueFillBuffer)                                                                                               \
  X(clEnqueueMapBuffer)                                                                                                \
  X(clEnqueueUnmapMemObject)                                                                                           \
  X(clFinish)                                                                                                          \
  X(clReleaseCommandQueue)                                                                                             \
  X(clReleaseContext)                                                                                                  \
  X(clReleaseKernel)                                                                                                   \
  X(clReleaseMemObject)                                                                                                \
  X(clReleaseProgram)

static void write_log(void)
{
#define POINT(entry) &point_##entry,
  static struct fault_point *const points[] = {FAULT_POINTS(POINT)};
  fault_write_log(points, sizeof points / sizeof *points);
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint n, const cl_icd_dispatch *below, cl_uint *count,
                                            const cl_icd_dispatch **layer)
{
  static cl_icd_dispatch table;
  if (n < sizeof table / sizeof(void *)) return CL_INVALID_VALUE;
  fault_read_environment();
  target = below;
#define ENTRY(entry) table.entry = fail_##entry;
  FAULT_POINTS(ENTRY)
  *count = sizeof table / sizeof(void *);
  *layer = &table;
  atexit(write_log);
  return CL_SUCCESS;
}
