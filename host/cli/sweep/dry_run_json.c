/* The output of clfit sweep --dry-run --json. */
#include "cli/io/json.h"
#include "cli/sweep/sweep_command.h"
#include "study/run/estimate.h"

#include <stdio.h>
#include <stdlib.h>

static void write_axis(struct json_writer *writer, const char *name, uint64_t count, const char *points)
{
  json_open_object(writer, NULL);
  json_write_text(writer, "name", name);
  json_write_count(writer, "count", count);
  json_write_text(writer, "points", points);
  json_close_object(writer);
}

/* The points are text that the option takes: a range of four thousand million is not a list. */
static void write_axes(struct json_writer *writer, const struct axes *axes)
{
  json_open_list(writer, "axes");
  if (axes->preset) write_axis(writer, "row", axes->preset->n, axes->preset->name);
  for (size_t i = 0; i < axes->n; i++) {
    char *points = axis_print(&axes->axis[i]);
    if (axes->axis[i].count > 1) write_axis(writer, axes->axis[i].field->name, axes->axis[i].count, points);
    free(points);
  }
  json_close_list(writer);
}

static void write_counts(struct json_writer *writer, const struct sweep *sweep, uint64_t distinct)
{
  const struct axes *axes = sweep->axes;
  json_write_count(writer, "configurations", axes->count);
  json_write_count(writer, "grid", axes->grid_count);
  json_write_count(writer, "different", distinct);
  if (axes->random)
    json_write_count(writer, "random_seed", axes->random_seed);
  else
    json_write_null(writer, "random_seed");
  json_write_count(writer, "shard", (uint64_t)sweep->shard + 1);
  json_write_count(writer, "shards", sweep->shards);
  json_write_count(writer, "networks", sweep->schedule->total);
}

static void write_devices(struct json_writer *writer, const struct sweep_command *command)
{
  json_open_list(writer, "devices");
  for (size_t i = 0; i < command->sweep.device_count; i++)
    json_write_text(writer, NULL, clfit_device_describe(command->devices[i])->name);
  json_close_list(writer);
}

clfit_status report_dry_run_json(const struct sweep_command *command, clfit_error *error)
{
  struct json_writer writer = {.stream = stdout};
  struct estimate estimate;
  uint64_t distinct;
  bool counted;
  clfit_status status = axes_distinct(&command->axes, &distinct, &counted, error);
  if (!status) status = estimate_sweep(&command->sweep, &estimate, error);
  if (status) return status;
  json_open_object(&writer, NULL);
  write_axes(&writer, &command->axes);
  write_counts(&writer, &command->sweep, distinct);
  write_devices(&writer, command);
  json_write_number(&writer, "seconds_at_most", estimate.seconds);
  json_write_number(&writer, "updates_per_second", estimate.work / estimate.seconds);
  json_write_number(&writer, "study_bytes", estimate.bytes);
  json_close_object(&writer);
  printf("\n");
  return CLFIT_OK;
}
