/* clfit verify: compares devices with the reference, bit for bit. */
#include "cli/device/device_check.h"
#include "cli/device/open_device.h"
#include "cli/io/json.h"
#include "cli/io/message.h"
#include "cli/options/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verified {
  clfit_device *device;
  const clfit_device_info *info; /* the device's */
  clfit_verification result;
};

struct verification {
  struct verified *devices; /* [count] */
  size_t count;
};

static bool passed(const struct verified *verified)
{
  return verified->result.values_compared > 0 && verified->result.differing_bits == 0;
}

/* ---- which devices --------------------------------------------------------------------------------------------- */

static bool is_chosen(const struct verification *verification, const char *id)
{
  for (size_t i = 0; i < verification->count; i++)
    if (strcmp(verification->devices[i].info->id, id) == 0) return true;
  return false;
}

/* Opens the device of a selector (NULL: the default), unless it is chosen already. */
static clfit_status choose(struct verification *verification, const char *selector, const struct options *options,
                           clfit_error *error)
{
  const struct device_choice choice = {
      .selector = selector, .networks = 1, .probe = {.kind = PROBE_ALL, .quiet = options->quiet}};
  clfit_device *device = NULL;
  clfit_status status = device_open(&choice, &device, error);
  if (status) return status;
  const clfit_device_info *info = clfit_device_describe(device);
  status = check_mapping(device, options->mapping, error);
  if (status || is_chosen(verification, info->id)) goto out;
  struct verified *devices = realloc(verification->devices, (verification->count + 1) * sizeof *devices);
  if (!devices) {
    status = clfit_fail_memory(error);
    goto out;
  }
  devices[verification->count++] =
      (struct verified){.device = device, .info = info, .result.size = sizeof(clfit_verification)};
  verification->devices = devices;
  return CLFIT_OK;
out:
  clfit_device_close(device);
  return status;
}

/* Those that survive a probe; if none does, the first is opened, which fails with the reason. */
static clfit_status choose_all(struct verification *verification, const struct options *options, clfit_error *error)
{
  const struct probe probe = {.kind = PROBE_ALL, .quiet = options->quiet};
  clfit_device_info *infos = NULL;
  size_t count;
  clfit_status status = clfit_device_list(&infos, &count, error);
  if (status) return status;
  for (size_t i = 0; !status && i < count; i++)
    if (device_survives(&probe, &infos[i])) status = choose(verification, infos[i].id, options, error);
  if (!status && verification->count == 0) status = choose(verification, infos[0].id, options, error);
  clfit_free(infos);
  return status;
}

static clfit_status check(const struct options *options, bool *all, clfit_error *error)
{
  *all = options->all;
  for (size_t i = 0; i < options->devices.count; i++) {
    const char *selector = options->devices.items[i];
    if (strcmp(selector, "all") == 0) *all = true;
    if (strcmp(selector, "reference") == 0)
      return refuse(error, "--device reference: the reference cannot be compared with itself; name an OpenCL device");
  }
  if (*all && options->devices.count > (options->all ? 0 : 1))
    return refuse(error, "--device all (or --all) cannot be combined with single devices");
  return CLFIT_OK;
}

/* Opens all devices before the first verification, which takes long, so that a wrong name is reported at once. */
static clfit_status choose_devices(struct verification *verification, const struct options *options, clfit_error *error)
{
  bool all;
  clfit_status status = check(options, &all, error);
  if (status) return status;
  if (all) return choose_all(verification, options, error);
  if (options->devices.count == 0) return choose(verification, NULL, options, error);
  for (size_t i = 0; !status && i < options->devices.count; i++)
    status = choose(verification, options->devices.items[i], options, error);
  return status;
}

/* ---- printing -------------------------------------------------------------------------------------------------- */

static void write_mappings(struct json_writer *writer, const char *mappings)
{
  char name[sizeof(((clfit_verification *)0)->mappings)];
  json_open_list(writer, "mappings");
  while (*mappings) {
    size_t length = strcspn(mappings, ",");
    snprintf(name, sizeof name, "%.*s", (int)length, mappings);
    json_write_text(writer, NULL, name);
    mappings += length + (mappings[length] == ',');
    mappings += strspn(mappings, " ");
  }
  json_close_list(writer);
}

static void report_json(const struct verification *verification, bool all_passed)
{
  struct json_writer writer = {.stream = stdout};
  json_open_object(&writer, NULL);
  json_open_list(&writer, "devices");
  for (size_t i = 0; i < verification->count; i++) {
    const struct verified *verified = &verification->devices[i];
    json_open_object(&writer, NULL);
    json_write_text(&writer, "device", verified->info->name);
    write_mappings(&writer, verified->result.mappings);
    json_write_count(&writer, "configurations", verified->result.configurations);
    json_write_count(&writer, "values_compared", verified->result.values_compared);
    json_write_count(&writer, "differing_bits", verified->result.differing_bits);
    json_close_object(&writer);
  }
  json_close_list(&writer);
  json_write_bool(&writer, "passed", all_passed);
  json_close_object(&writer);
  printf("\n");
}

static void report_text(const struct verification *verification, bool all_passed)
{
  for (size_t i = 0; i < verification->count; i++) {
    const struct verified *verified = &verification->devices[i];
    const clfit_verification *result = &verified->result;
    printf("device          %s %s\n", verified->info->id, verified->info->name);
    printf("mappings        %s\n", result->mappings);
    printf("configurations  %" PRIu64 "\n", result->configurations);
    printf("values compared %" PRIu64 "\n", result->values_compared);
    printf("differing bits  %" PRIu64 "\n", result->differing_bits);
  }
  printf("%s\n", all_passed ? "passed" : "failed");
}

/* Each device in turn. *all_passed is false if one of them differs, which is said on stderr. */
static clfit_status compare(struct verification *verification, const struct options *options, bool *all_passed,
                            clfit_error *error)
{
  *all_passed = true;
  for (size_t i = 0; i < verification->count; i++) {
    struct verified *verified = &verification->devices[i];
    const clfit_device_info *info = verified->info;
    if (!options->quiet) note("verifying %s %s ...", info->id, info->name);
    clfit_status status =
        clfit_device_verify(verified->device, options->mapping, options->quick, &verified->result, error);
    if (status) return status;
    if (passed(verified)) continue;
    *all_passed = false;
    note("%s %s differs from the reference: %s", info->id, info->name, verified->result.first_difference);
  }
  return CLFIT_OK;
}

clfit_status verify_run(const struct options *options, int *exit_code, clfit_error *error)
{
  struct verification verification = {0};
  bool all_passed;
  clfit_status status = choose_devices(&verification, options, error);
  if (!status) status = compare(&verification, options, &all_passed, error);
  if (status) goto out;
  if (options->json)
    report_json(&verification, all_passed);
  else
    report_text(&verification, all_passed);
  *exit_code = all_passed ? EXIT_DONE : EXIT_UNMET;
out:
  for (size_t i = 0; i < verification.count; i++) clfit_device_close(verification.devices[i].device);
  free(verification.devices);
  return status;
}
