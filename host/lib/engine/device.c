/* Choosing a device by a selector; the reference is one of them. */
#include "engine/device.h"
#include "base/digest.h"
#include "base/error.h"
#include "config/optimizer.h"
#include "engine/host_check.h"
#include "engine/opencl/cl_device.h"
#include "engine/opencl/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const reference_mappings[] = {"reference", NULL};

static const clfit_device_info reference_info = {.id = "reference",
                                                 .name = "plain C, the specification",
                                                 .platform = "clfit",
                                                 .version = "clfit " CLFIT_VERSION,
                                                 .type = "reference",
                                                 .mapping = "reference",
                                                 .compute_units = 1,
                                                 .float64 = true,
                                                 .denormals = true};

clfit_status clfit_device_list(clfit_device_info **infos, size_t *count, clfit_error *error)
{
  return clfit_opencl_list(infos, count, error);
}

static bool contains(const char *text, const char *piece)
{
  for (; *text; text++)
    if (!strncasecmp(text, piece, strlen(piece))) return true;
  return false;
}

static bool is_type(const char *selector)
{
  return !strcasecmp(selector, "cpu") || !strcasecmp(selector, "gpu");
}

static bool matches(const clfit_device_info *info, const char *selector)
{
  if (is_type(selector)) return !strcasecmp(info->type, selector);
  if (selector[0] >= '0' && selector[0] <= '9' && strchr(selector, ':')) return !strcmp(info->id, selector);
  return contains(info->name, selector) || contains(info->platform, selector);
}

static const clfit_device_info *find_type(const clfit_device_info *infos, size_t count, const char *type)
{
  for (size_t i = 0; i < count; i++)
    if (!strcmp(infos[i].type, type)) return &infos[i];
  return NULL;
}

/*
 * The speed of a single network is limited by latency, and there a CPU core is faster than a GPU: so the first CPU is
 * preferred, or the first device if there is no CPU. Many networks can fill a GPU: the operations of one step depend on
 * each other for some hundred cycles, so each network makes a few million steps per second, and a thousand of them
 * together exceed the thousand million steps per second of a large CPU. This is an estimate, not a measurement.
 */
#define GPU_NETWORKS 1000

const clfit_device_info *clfit_device_prefer(const clfit_device_info *infos, size_t count, uint64_t networks)
{
  const clfit_device_info *gpu = find_type(infos, count, "gpu"), *cpu = find_type(infos, count, "cpu");
  if (gpu && networks >= GPU_NETWORKS) return gpu;
  return cpu ? cpu : infos;
}

static clfit_status find_selected(const clfit_device_info *infos, size_t count, const char *selector,
                                  const clfit_device_info **chosen, clfit_error *error)
{
  const clfit_device_info *first = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!matches(&infos[i], selector)) continue;
    if (first && !is_type(selector))
      return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "device \"%s\" is ambiguous: %s (%s) and %s (%s) match", selector,
                        first->id, first->name, infos[i].id, infos[i].name);
    if (!first) first = &infos[i];
  }
  if (!first)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "no device matches \"%s\"; `clfit devices` lists them", selector);
  *chosen = first;
  return CLFIT_OK;
}

clfit_status clfit_device_choose(const clfit_device_info *infos, size_t count, const char *selector, uint64_t networks,
                                 const clfit_device_info **chosen, clfit_error *error)
{
  if (count == 0) return clfit_fail(error, CLFIT_ERROR_NO_DEVICE, "there is no device");
  if (selector && *selector) return find_selected(infos, count, selector, chosen, error);
  *chosen = clfit_device_prefer(infos, count, networks);
  return CLFIT_OK;
}

/* The texts with their NULs, so that no two descriptions have the same bytes. */
void clfit_device_digest(const clfit_device_info *info, char digest[CLFIT_DIGEST_SIZE])
{
  const char *const texts[] = {info->id, info->name, info->platform, info->version, CLFIT_VERSION};
  struct sha256_ctx hash;
  sha256_init(&hash);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    sha256_update(&hash, strlen(texts[i]) + 1, (const uint8_t *)texts[i]);
  for (const struct embedded_file *file = clfit_embedded_files; file->name; file++)
    sha256_update(&hash, strlen(file->text) + 1, (const uint8_t *)file->text);
  clfit_digest_finish(&hash, digest);
}

static clfit_status open_chosen(const clfit_device_info *chosen, clfit_device **device, clfit_error *error)
{
  struct clfit_device *made = calloc(1, sizeof *made);
  if (!made) return clfit_fail_memory(error);
  made->info = *chosen;
  clfit_status status = CLFIT_OK;
  if (chosen != &reference_info) status = clfit_opencl_open(chosen, &made->opencl, error);
  if (!status)
    *device = made;
  else
    free(made);
  return status;
}

clfit_status clfit_device_open(const char *selector, clfit_device **device, clfit_error *error)
{
  if (selector && !strcasecmp(selector, "reference")) return open_chosen(&reference_info, device, error);
  clfit_device_info *infos = NULL;
  const clfit_device_info *chosen = NULL;
  size_t count;
  clfit_status status = clfit_opencl_list(&infos, &count, error);
  if (!status) status = clfit_device_choose(infos, count, selector, 1, &chosen, error);
  if (!status) status = open_chosen(chosen, device, error);
  free(infos);
  return status;
}

/* If the preferred GPU does not pass the self-test, fall back to the device for a single network without an error: the
 * user has not asked for the GPU. */
clfit_status clfit_device_open_for(uint64_t networks, clfit_device **device, clfit_error *error)
{
  clfit_device_info *infos = NULL;
  clfit_device *made = NULL;
  size_t count;
  clfit_status status = clfit_opencl_list(&infos, &count, error);
  if (status) return status;
  const clfit_device_info *few = clfit_device_prefer(infos, count, 1);
  const clfit_device_info *chosen = clfit_device_prefer(infos, count, networks);
  if (chosen != few && (open_chosen(chosen, &made, NULL) || clfit_device_check(made, NULL))) {
    clfit_device_close(made);
    made = NULL;
  }
  if (!made) status = open_chosen(few, &made, error);
  if (!status) *device = made;
  free(infos);
  return status;
}

void clfit_device_close(clfit_device *device)
{
  if (!device) return;
  clfit_opencl_close(device->opencl);
  free(device);
}

const clfit_device_info *clfit_device_describe(const clfit_device *device)
{
  return &device->info;
}

clfit_status clfit_device_check(clfit_device *device, clfit_error *error)
{
  clfit_status status = clfit_host_check(error);
  return status || !device->opencl ? status : clfit_opencl_check(device->opencl, error);
}

void clfit_device_watch_builds(clfit_device *device, clfit_build_watch *watch, void *context)
{
  if (device->opencl) clfit_opencl_watch_builds(device->opencl, watch, context);
}

const char *clfit_device_instructions(const clfit_device *device)
{
  return device->opencl ? clfit_opencl_instructions(device->opencl) : "";
}

const char *const *clfit_device_mappings(const clfit_device *device)
{
  return device->opencl ? clfit_opencl_mappings(device->opencl) : reference_mappings;
}

const char *clfit_device_choose_mapping(const clfit_device *device, const char *mapping, const clfit_network *network,
                                        size_t count)
{
  const bool by_reference = !device->opencl || (network->optimizer == CLFIT_LM && !device->info.float64);
  return by_reference ? reference_mappings[0] : clfit_opencl_choose_mapping(device->opencl, mapping, network, count);
}

clfit_status clfit_device_ceiling(clfit_device *device, clfit_mode mode, clfit_activation activation,
                                  clfit_optimizer optimizer, clfit_ceiling *ceiling, clfit_error *error)
{
  if (mode != CLFIT_STRICT && mode != CLFIT_FAST)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%d is not a mode; it must be CLFIT_STRICT or CLFIT_FAST",
                      (int)mode);
  if (!clfit_activation_name(activation))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no activation %u", activation);
  if (!device->opencl)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "the reference is not an OpenCL device, so its ceiling cannot be measured");
  if (optimizer >= clfit_optimizer_count() || clfit_optimizer_get(optimizer)->trainer != TRAINER_GRADIENT)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no ceiling of optimizer %u", optimizer);
  return clfit_opencl_ceiling(device->opencl, mode, activation, optimizer, ceiling, error);
}
