#include "cli/io/training_json.h"

#include "cli/io/defect.h"

#include <string.h>

/* The name of the device; that of the reference as in --device. */
static const char *device_name(const clfit_device *device)
{
  const clfit_device_info *info = clfit_device_describe(device);
  return strcmp(info->type, "reference") == 0 ? info->id : info->name;
}

static void write_field(struct json_writer *writer, const clfit_field *field, const clfit_network *network, bool drawn)
{
  double value = clfit_field_value(field, network);
  char text[CLFIT_FIELD_TEXT_SIZE];
  clfit_field_print(field, network, text);
  if (!clfit_field_applies(field, network, drawn))
    json_write_null(writer, field->name);
  else if (field->kind == CLFIT_FIELD_COUNT)
    json_write_count(writer, field->name, (uint64_t)value);
  else if (clfit_field_is_text(field))
    json_write_text(writer, field->name, text);
  else
    json_write_number(writer, field->name, value);
}

void training_json_configuration(struct json_writer *writer, const clfit_device *device, const char *mapping,
                                 const char *mode, const clfit_network *network, bool drawn)
{
  json_write_count(writer, "arithmetic", CLFIT_ARITHMETIC);
  json_write_text(writer, "device", device_name(device));
  json_write_text(writer, "mapping", mapping);
  json_write_text(writer, "mode", mode);
  for (size_t i = 0; i < clfit_field_count(); i++) write_field(writer, clfit_field_get(i), network, drawn);
}

void training_json_outcome(struct json_writer *writer, const clfit_state *state, const char *status, double seconds,
                           double steps_per_second)
{
  const clfit_progress *progress = &state->progress;
  json_write_text(writer, "status", status);
  json_write_text(writer, "stopped_by",
                  progress->status == CLFIT_TRAINING_STOPPED ? clfit_stop_name(progress->stopped_by) : NULL);
  if (progress->status == CLFIT_TRAINING_DIVERGED)
    json_write_count(writer, "diverged_epoch", (uint64_t)progress->epoch + 1);
  else
    json_write_null(writer, "diverged_epoch");
  if (progress->status != CLFIT_TRAINING_DIVERGED && clfit_state_best_epoch(state) > 0)
    json_write_count(writer, "best_epoch", clfit_state_best_epoch(state));
  else
    json_write_null(writer, "best_epoch");
  json_write_count(writer, "steps", clfit_progress_steps(progress, clfit_network_trained(&state->network)));
  json_write_number(writer, "train_seconds", seconds);
  json_write_number(writer, "steps_per_second", steps_per_second);
}

void training_json_figures(struct json_writer *writer, const clfit_state *state, const clfit_data *data,
                           const clfit_figures *test, const clfit_figures *fit, const clfit_figures *held)
{
  json_write_number(writer, "train_loss",
                    clfit_progress_train_loss(&state->progress, clfit_network_trained(&state->network)));
  json_write_number(writer, "test_mse", test->mse);
  json_write_number(writer, "test_rmse", test->rmse);
  json_write_number(writer, "test_max_error", test->max_error);
  json_write_number(writer, "test_r2", test->r2);
  json_write_number(writer, "fit_rss", fit->rss);
  json_write_number(writer, "fit_rmse", fit->rmse);
  json_write_number(writer, "fit_max_error", fit->max_error);
  json_write_text(writer, "defect", clfit_defect_name(defect_of(state, data, test, fit)));
  json_write_number(writer, "held_rss", held->rss);
  json_write_number(writer, "held_rmse", held->rmse);
  json_write_number(writer, "held_max_error", held->max_error);
}

void training_json_digest(struct json_writer *writer, const clfit_state *state, const clfit_data *data)
{
  char digest[CLFIT_DIGEST_SIZE];
  bool diverged = state->progress.status == CLFIT_TRAINING_DIVERGED;
  if (!diverged) clfit_state_digest(state, digest);
  json_write_text(writer, "digest", diverged ? NULL : digest);
  clfit_data_digest(data, state->network.samples, digest);
  json_write_text(writer, "data_digest", digest);
}
