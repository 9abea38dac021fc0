/* clfit devices: lists the OpenCL devices. */
#include "cli/device/probe.h"
#include "cli/io/json.h"
#include "cli/io/message.h"
#include "cli/options/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Result of a device's self-test of the strict arithmetic. */
struct verdict {
  bool usable; /* it survived a probe; else it is not strict, either */
  bool strict;
  char reason[CLFIT_MESSAGE_SIZE]; /* "" if strict */
  const char *instructions;        /* clfit_device_instructions; "" if not strict */
};

static void judge(const clfit_device_info *info, bool quiet, struct verdict *verdict, clfit_error *error)
{
  const struct probe probe = {.kind = PROBE_ALL, .again = true, .quiet = quiet};
  char reason[PROBE_REASON_SIZE];
  clfit_device *device = NULL;
  verdict->instructions = "";
  verdict->usable = probe_device(&probe, info, reason) == CLFIT_OK;
  if (!verdict->usable) {
    snprintf(verdict->reason, sizeof verdict->reason, "unusable: %s", reason);
    return;
  }
  clfit_status status = clfit_device_open(info->id, &device, error);
  if (!status) status = clfit_device_check(device, error);
  verdict->instructions = status ? "" : clfit_device_instructions(device);
  clfit_device_close(device);
  verdict->strict = status == CLFIT_OK;
  snprintf(verdict->reason, sizeof verdict->reason, "%s", status ? error->message : "");
}

static void print_memory(char *text, size_t size, uint64_t bytes)
{
  double gib = (double)bytes / (1 << 30);
  if (gib >= 1)
    snprintf(text, size, "%.1f GiB", gib);
  else
    snprintf(text, size, "%.0f MiB", (double)bytes / (1 << 20));
}

static void report_text(const clfit_device_info *infos, const struct verdict *verdicts, size_t count)
{
  int width = 4;
  for (size_t i = 0; i < count; i++)
    if ((int)strlen(infos[i].name) > width) width = (int)strlen(infos[i].name);
  printf("%-5s %-*s %-11s %5s %10s %-7s %-7s %s\n", "id", width, "name", "type", "units", "memory", "mapping",
         "float64", "strict");
  for (size_t i = 0; i < count; i++) {
    char memory[32];
    print_memory(memory, sizeof memory, infos[i].memory_bytes);
    printf("%-5s %-*s %-11s %5" PRIu32 " %10s %-7s %-7s %s%s%s%s\n", infos[i].id, width, infos[i].name, infos[i].type,
           infos[i].compute_units, memory, infos[i].mapping, infos[i].float64 ? "yes" : "no",
           verdicts[i].strict ? "yes" : "no: ", verdicts[i].reason, *verdicts[i].instructions ? ", with " : "",
           verdicts[i].instructions);
  }
}

static void write_device(struct json_writer *writer, const clfit_device_info *info, const struct verdict *verdict)
{
  json_open_object(writer, NULL);
  json_write_text(writer, "id", info->id);
  json_write_text(writer, "name", info->name);
  json_write_text(writer, "platform", info->platform);
  json_write_text(writer, "version", info->version);
  json_write_text(writer, "type", info->type);
  json_write_count(writer, "compute_units", info->compute_units);
  json_write_count(writer, "memory_bytes", info->memory_bytes);
  json_write_text(writer, "mapping", info->mapping);
  json_write_bool(writer, "denormals", info->denormals);
  json_write_bool(writer, "float64", info->float64);
  json_write_bool(writer, "usable", verdict->usable);
  json_write_bool(writer, "strict", verdict->strict);
  json_write_text(writer, "reason", verdict->strict ? NULL : verdict->reason);
  json_write_text(writer, "instructions", verdict->instructions);
  json_close_object(writer);
}

static void report_json(const clfit_device_info *infos, const struct verdict *verdicts, size_t count)
{
  struct json_writer writer = {.stream = stdout};
  json_open_object(&writer, NULL);
  json_open_list(&writer, "devices");
  for (size_t i = 0; i < count; i++) write_device(&writer, &infos[i], &verdicts[i]);
  json_close_list(&writer);
  json_close_object(&writer);
  printf("\n");
}

clfit_status devices_run(const struct options *options, int *exit_code, clfit_error *error)
{
  clfit_device_info *infos = NULL;
  size_t count;
  (void)exit_code;
  clfit_status status = clfit_device_list(&infos, &count, error);
  if (status) return status;
  struct verdict *verdicts = calloc(count, sizeof *verdicts);
  if (!verdicts) {
    clfit_free(infos);
    return clfit_fail_memory(error);
  }
  for (size_t i = 0; i < count; i++) judge(&infos[i], options->quiet, &verdicts[i], error);
  if (options->json)
    report_json(infos, verdicts, count);
  else
    report_text(infos, verdicts, count);
  free(verdicts);
  clfit_free(infos);
  return CLFIT_OK;
}
