#include "base/error.h"
#include "config/optimizer.h"
#include "engine/opencl/opencl.h"
#include "network.h"

#include <CL/cl_ext.h>
#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- list of devices ----------------------------------------------------------------------------------------- */

static clfit_status fail_without_device(clfit_error *error, const char *found)
{
  /* Containers often have NVIDIA's driver but lack the file below /etc/OpenCL/vendors through which the ICD loader
   * finds it. */
  void *nvidia = dlopen("libnvidia-opencl.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (nvidia) {
    dlclose(nvidia);
    return clfit_fail(error, CLFIT_ERROR_NO_DEVICE,
                      "%s, but NVIDIA's driver is here without its ICD file: write libnvidia-opencl.so.1 into "
                      "/etc/OpenCL/vendors/nvidia.icd",
                      found);
  }
  return clfit_fail(error, CLFIT_ERROR_NO_DEVICE,
                    "%s: install pocl-opencl-icd to use the CPU, or the GPU vendor's OpenCL driver (or use --device "
                    "reference)",
                    found);
}

static const char *type_name(cl_device_type type)
{
  if (type & CL_DEVICE_TYPE_GPU) return "gpu";
  if (type & CL_DEVICE_TYPE_CPU) return "cpu";
  return type & CL_DEVICE_TYPE_ACCELERATOR ? "accelerator" : "other";
}

/* Copies a device's string without leading spaces, which some drivers have; "?" if it has none. */
static void query_text(cl_device_id id, cl_device_info what, char *text, size_t size)
{
  char value[512] = "?";
  if (clGetDeviceInfo(id, what, sizeof value - 1, value, NULL)) value[0] = '?', value[1] = '\0';
  value[sizeof value - 1] = '\0';
  snprintf(text, size, "%s", value + strspn(value, " "));
}

/* What kernels/binary64.h needs; of a device without float64 the query fails or gives 0. */
static bool has_float64(cl_device_id id)
{
  const cl_device_fp_config needed = CL_FP_FMA | CL_FP_ROUND_TO_NEAREST | CL_FP_DENORM | CL_FP_INF_NAN;
  cl_device_fp_config config = 0;
  if (clGetDeviceInfo(id, CL_DEVICE_DOUBLE_FP_CONFIG, sizeof config, &config, NULL)) return false;
  return (config & needed) == needed;
}

static void describe(cl_platform_id platform, cl_device_id id, clfit_device_info *info)
{
  char version[80], driver[64];
  cl_device_type type = 0;
  cl_device_fp_config config = 0;
  cl_uint units = 0;
  cl_ulong bytes = 0;
  query_text(id, CL_DEVICE_NAME, info->name, sizeof info->name);
  query_text(id, CL_DEVICE_VERSION, version, sizeof version);
  query_text(id, CL_DRIVER_VERSION, driver, sizeof driver);
  snprintf(info->version, sizeof info->version, "%s, driver %s", version, driver);
  char name[sizeof info->platform] = "?";
  if (clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof name, name, NULL)) snprintf(name, sizeof name, "?");
  snprintf(info->platform, sizeof info->platform, "%s", name);
  clGetDeviceInfo(id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
  clGetDeviceInfo(id, CL_DEVICE_SINGLE_FP_CONFIG, sizeof config, &config, NULL);
  /* launches are sized by it: 0 units would train nothing */
  if (clGetDeviceInfo(id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL) || units == 0) units = 1;
  clGetDeviceInfo(id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof bytes, &bytes, NULL);
  snprintf(info->type, sizeof info->type, "%s", type_name(type));
  snprintf(info->mapping, sizeof info->mapping, "%s", clfit_mapping_for(type)->name);
  info->denormals = config & CL_FP_DENORM;
  info->float64 = has_float64(id);
  info->compute_units = units;
  info->memory_bytes = bytes;
}

/* A device and its numbers in the output of clinfo, which form its id "PLATFORM:DEVICE". */
struct device_entry {
  cl_platform_id platform;
  cl_device_id id;
  cl_uint platform_number, device_number;
};

static clfit_status append_platform(cl_platform_id platform, cl_uint number, struct device_entry **entries,
                                    size_t *count, clfit_error *error)
{
  cl_uint devices = 0;
  cl_int code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, NULL, &devices);
  if (code || devices == 0) return CLFIT_OK; /* the platform has no devices or fails: skip it */
  cl_device_id *ids = calloc(devices, sizeof *ids);
  struct device_entry *grown = realloc(*entries, (*count + devices) * sizeof *grown);
  if (grown) *entries = grown;
  clfit_status status = ids && grown ? CLFIT_OK : clfit_fail_memory(error);
  if (!status && !clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, devices, ids, NULL))
    for (cl_uint i = 0; i < devices; i++) grown[(*count)++] = (struct device_entry){platform, ids[i], number, i};
  free(ids);
  return status;
}

/* PoCL shows no device if it cannot write its kernel cache, which is common in containers. */
static clfit_status fail_without_devices_of(cl_uint count, const cl_platform_id *platforms, clfit_error *error)
{
  char name[128] = "?", found[256];
  if (clGetPlatformInfo(platforms[0], CL_PLATFORM_NAME, sizeof name, name, NULL)) snprintf(name, sizeof name, "?");
  if (count == 1 && !strcmp(name, "Portable Computing Language"))
    return clfit_fail(
        error, CLFIT_ERROR_NO_DEVICE,
        "no OpenCL platform has a device: PoCL is here but offers none; let POCL_CACHE_DIR (or HOME) name a "
        "folder that can be written, or install pocl-opencl-icd again");
  snprintf(found, sizeof found, "no OpenCL platform has a device (%u found, the first is %s)", count, name);
  return fail_without_device(error, found);
}

/* *entries is freed with free(). */
static clfit_status find_devices(struct device_entry **entries, size_t *count, clfit_error *error)
{
  *entries = NULL;
  *count = 0;
  cl_uint platforms = 0;
  cl_int code = clGetPlatformIDs(0, NULL, &platforms);
  if (code || platforms == 0) return fail_without_device(error, "no OpenCL platform is installed");
  cl_platform_id *ids = calloc(platforms, sizeof *ids);
  if (!ids) return clfit_fail_memory(error);
  code = clGetPlatformIDs(platforms, ids, NULL);
  clfit_status status = code ? clfit_fail_cl(error, code, "list the platforms") : CLFIT_OK;
  for (cl_uint i = 0; i < platforms && !status; i++) status = append_platform(ids[i], i, entries, count, error);
  if (!status && *count == 0) status = fail_without_devices_of(platforms, ids, error);
  free(ids);
  if (status) {
    free(*entries);
    *entries = NULL;
  }
  return status;
}

clfit_status clfit_opencl_list(clfit_device_info **infos, size_t *count, clfit_error *error)
{
  struct device_entry *entries;
  size_t found;
  clfit_status status = find_devices(&entries, &found, error);
  if (status) return status;
  clfit_device_info *made = calloc(found, sizeof *made);
  for (size_t i = 0; made && i < found; i++) {
    describe(entries[i].platform, entries[i].id, &made[i]);
    snprintf(made[i].id, sizeof made[i].id, "%u:%u", entries[i].platform_number, entries[i].device_number);
  }
  free(entries);
  if (!made) return clfit_fail_memory(error);
  *infos = made;
  *count = found;
  return CLFIT_OK;
}

/* ---- opening a device ---------------------------------------------------------------------------------------- */

static clfit_status find_device(const char *id, cl_platform_id *platform, cl_device_id *device, clfit_error *error)
{
  struct device_entry *entries;
  size_t count;
  clfit_status status = find_devices(&entries, &count, error);
  if (status) return status;
  status = CLFIT_ERROR_NO_DEVICE;
  for (size_t i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "%u:%u", entries[i].platform_number, entries[i].device_number);
    if (strcmp(name, id)) continue;
    *platform = entries[i].platform;
    *device = entries[i].id;
    status = CLFIT_OK;
  }
  free(entries);
  return status ? clfit_fail(error, status, "there is no OpenCL device %s any more", id) : CLFIT_OK;
}

/* The optional instructions of NVIDIA GPUs since Kepler that the kernels can use. The device is recognised by queries
 * of NVIDIA's OpenCL extension, which fail on other devices. */
static uint32_t find_instructions(cl_device_id id)
{
  cl_uint vendor = 0, warp = 0, major = 0;
  if (clGetDeviceInfo(id, CL_DEVICE_VENDOR_ID, sizeof vendor, &vendor, NULL) || vendor != 0x10DE) return 0;
  if (clGetDeviceInfo(id, CL_DEVICE_WARP_SIZE_NV, sizeof warp, &warp, NULL)) return 0;
  if (clGetDeviceInfo(id, CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV, sizeof major, &major, NULL)) return 0;
  return warp == CLFIT_PARTIAL_SUMS && major >= 3 ? INSTRUCTION_RECIPROCAL | INSTRUCTION_SHUFFLE : 0;
}

/* Whether to use the device's own division: on a recent CPU it occupies the fma units only as long as two fma, and
 * replaces seven. */
static uint32_t find_division(cl_device_id id)
{
  cl_device_fp_config config = 0;
  clGetDeviceInfo(id, CL_DEVICE_SINGLE_FP_CONFIG, sizeof config, &config, NULL);
  return config & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT ? INSTRUCTION_DIVISION : 0;
}

const char *clfit_opencl_instructions(const struct opencl_device *device)
{
  static const char *const names[] = {[0] = "",
                                      [INSTRUCTION_RECIPROCAL] = "reciprocal",
                                      [INSTRUCTION_SHUFFLE] = "shuffle",
                                      [INSTRUCTION_RECIPROCAL | INSTRUCTION_SHUFFLE] = "reciprocal,shuffle",
                                      [INSTRUCTION_DIVISION] = "division"};
  return names[device->instructions];
}

/* It includes opencl-c-base.h by itself and guards opencl-c.h by _OPENCL_H_, so that the declarations of all functions
 * can be left out. Others were not tried. */
static bool is_pocl_31(const clfit_device_info *info, cl_device_type type)
{
  static const char version[] = ", driver 3.1";
  if (!(type & CL_DEVICE_TYPE_CPU) || strcmp(info->platform, "Portable Computing Language") != 0) return false;
  const char *found = strstr(info->version, version);
  return found && !isdigit((unsigned char)found[sizeof version - 1]);
}

clfit_status clfit_opencl_open(const clfit_device_info *info, struct opencl_device **device, clfit_error *error)
{
  cl_platform_id platform = NULL;
  cl_device_id id = NULL;
  clfit_status status = find_device(info->id, &platform, &id, error);
  if (status) return status;
  struct opencl_device *made = calloc(1, sizeof *made);
  if (!made) return clfit_fail_memory(error);
  made->watch = calloc(1, sizeof *made->watch);
  if (!made->watch) {
    free(made);
    return clfit_fail_memory(error);
  }
  made->info = *info;
  made->id = id;
  clGetDeviceInfo(id, CL_DEVICE_TYPE, sizeof made->type, &made->type, NULL);
  clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof made->group_max, &made->group_max, NULL);
  made->is_pocl_31 = is_pocl_31(info, made->type);
  made->compiles_local_sizes = !(made->type & CL_DEVICE_TYPE_GPU);
  made->offered = made->instructions = made->type & CL_DEVICE_TYPE_CPU ? find_division(id) : find_instructions(id);
  const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)platform, 0};
  cl_int code;
  made->context = clCreateContext(properties, 1, &id, NULL, NULL, &code);
  if (code) {
    made->context = NULL;
    status = clfit_fail_cl(error, code, "create a context");
    goto out;
  }
  made->queue = clCreateCommandQueue(made->context, id, 0, &code);
  if (code) {
    made->queue = NULL;
    status = clfit_fail_cl(error, code, "create a command queue");
    goto out;
  }
  made->first_queue = clCreateCommandQueue(made->context, id, 0, &code);
  if (code) {
    made->first_queue = NULL;
    status = clfit_fail_cl(error, code, "create a command queue");
    goto out;
  }
  *device = made;
out:
  if (status) clfit_opencl_close(made);
  return status;
}

const char *clfit_opencl_choose_mapping(const struct opencl_device *device, const char *mapping,
                                        const clfit_network *network, size_t count)
{
  if (network->optimizer == CLFIT_LM) return clfit_mapping_for_least_squares(device->type, mapping)->name;
  const struct mapping *wanted = mapping ? clfit_mapping_find(mapping) : NULL;
  const bool known = network->optimizer < clfit_optimizer_count(); /* the network need not be valid */
  const uint32_t sets = known && !clfit_network_is_plain(network) ? clfit_optimizer_get(network->optimizer)->sets : 0;
  return clfit_mapping_choose(device, wanted, sets, network->hidden, count)->name;
}

void clfit_opencl_close(struct opencl_device *device)
{
  if (!device || device->watch->left) return;
  for (size_t i = 0; i < device->program_count; i++) clReleaseProgram(device->programs[i].handle);
  free(device->programs);
  free(device->watch);
  if (device->queue) clReleaseCommandQueue(device->queue);
  if (device->first_queue) clReleaseCommandQueue(device->first_queue);
  if (device->context) clReleaseContext(device->context);
  free(device);
}
