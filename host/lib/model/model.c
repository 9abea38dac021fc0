#include "base/error.h"
#include "base/number.h"
#include "config/record.h"
#include "model/description.h"
#include "model/format.h"
#include "model/json.h"
#include "model/safetensors.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- saving -------------------------------------------------------------------------------------------------- */

/* The metadata being made. */
struct metadata {
  json_t *object; /* of strings */
  bool failed;    /* there was no memory */
};

/* Leaves out what is unknown, and what is not UTF-8, as JSON wants it and a path need not be. */
static void put_text(void *to, const char *key, const char *text)
{
  struct metadata *metadata = to;
  json_t *value = clfit_json_string(text, &metadata->failed);
  if (value && json_object_set_new(metadata->object, key, value)) metadata->failed = true;
}

static void put_number(void *to, const char *key, double value)
{
  char text[CLFIT_NUMBER_SIZE];
  clfit_number_print(text, value);
  put_text(to, key, text);
}

static json_t *make_metadata(const clfit_model *model)
{
  struct metadata metadata = {.object = json_object()};
  struct description description = {.to = &metadata, .text = put_text, .number = put_number};
  clfit_model_describe(model, &description);
  if (!metadata.failed) return metadata.object;
  json_decref(metadata.object);
  return NULL;
}

static void name_precise(const struct optimizer *optimizer, double *precise, struct tensors *tensors)
{
  tensors->precise = precise;
  tensors->scalars = optimizer->precise_scalars;
  for (uint32_t set = 0; set < optimizer->precise_sets; set++)
    snprintf(tensors->precise_names[set], SET_NAME_SIZE, "%s", optimizer->precise_names[set]);
  tensors->precise_sets = optimizer->precise_sets;
}

clfit_status clfit_write_safetensors(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                                     clfit_error *error)
{
  (void)options;
  const clfit_state *state = &model->state;
  const struct optimizer *optimizer = clfit_optimizer_get(state->network.optimizer);
  struct tensors tensors = {
      .hidden = state->network.hidden, .values = state->parameters, .metadata = make_metadata(model)};
  if (!tensors.metadata) return clfit_fail_memory(error);
  if (state->precise) name_precise(optimizer, state->precise, &tensors);
  for (tensors.sets = 1; tensors.sets < clfit_set_count(&state->network); tensors.sets++)
    snprintf(tensors.set_names[tensors.sets], SET_NAME_SIZE, "%s", clfit_set_name(&state->network, tensors.sets));
  clfit_status status = clfit_tensors_write(&tensors, stream, error);
  json_decref(tensors.metadata);
  return status;
}

clfit_status clfit_model_write(const clfit_model *model, FILE *stream, clfit_error *error)
{
  clfit_status status = clfit_model_check(model, error);
  return status ? status : clfit_write_safetensors(model, NULL, stream, error);
}

clfit_status clfit_model_save(const clfit_model *model, const char *path, clfit_error *error)
{
  clfit_output output;
  clfit_status status = clfit_output_open(&output, path, error);
  if (status) return status;
  status = clfit_model_write(model, output.stream, error);
  if (!status) return clfit_output_commit(&output, error);
  clfit_output_abandon(&output);
  return status;
}

/* ---- loading ------------------------------------------------------------------------------------------------- */

/* Metadata being read. Once status is a failure, the functions below do nothing. */
struct reader {
  const json_t *metadata;
  const char *path;
  bool own; /* written by clfit: the progress of its training must be there */
  clfit_status status;
  clfit_error *error;
};

static const char *find_text(const struct reader *reader, const char *key)
{
  return reader->status ? NULL : json_string_value(json_object_get(reader->metadata, key));
}

/* A value that is required in clfit's own files; in files of other programs it may be missing and takes its default. */
static const char *need_text(struct reader *reader, const char *key)
{
  const char *text = find_text(reader, key);
  if (!text && reader->own && !reader->status)
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: metadata %s is missing", reader->path, key);
  return text;
}

static void refuse(struct reader *reader, const char *key, const char *text, const char *wanted)
{
  reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: metadata %s is '%.60s', not %s", reader->path,
                              key, text, wanted);
}

static void read_count(struct reader *reader, const char *key, const char *text, uint32_t *value)
{
  if (!text) return;
  uint64_t count = 0;
  size_t digits = strspn(text, "0123456789");
  bool fits = digits > 0 && text[digits] == '\0';
  for (size_t i = 0; i < digits && fits; i++) {
    count = 10 * count + (uint64_t)(text[i] - '0');
    fits = count <= UINT32_MAX;
  }
  if (fits) *value = (uint32_t)count;
  if (!fits) refuse(reader, key, text, "a whole number from 0 to 4294967295");
}

static void need_count(struct reader *reader, const char *key, uint32_t *value)
{
  read_count(reader, key, need_text(reader, key), value);
}

static void read_number(struct reader *reader, const char *key, const char *text, double *value)
{
  if (text && !clfit_number_parse(text, value)) refuse(reader, key, text, "a number");
}

/* A float32 that may be infinite or NaN, as sums of squared errors are after an overflow. */
static void need_float(struct reader *reader, const char *key, float *value)
{
  const char *text = need_text(reader, key);
  double number = *value;
  read_number(reader, key, text, &number);
  if (isfinite(number) && fabs(number) > FLT_MAX) {
    refuse(reader, key, text, "a float32");
    return;
  }
  *value = (float)number;
}

/* Checked only for clfit's own files: other programs do not write an arithmetic number. */
static void check_arithmetic(struct reader *reader)
{
  uint32_t arithmetic = CLFIT_ARITHMETIC;
  if (!reader->own) return;
  need_count(reader, "arithmetic", &arithmetic);
  if (!reader->status && arithmetic != CLFIT_ARITHMETIC)
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT,
                                "%s: made with arithmetic %" PRIu32 ", but this clfit has arithmetic %d", reader->path,
                                arithmetic, CLFIT_ARITHMETIC);
}

static void read_mode(struct reader *reader, clfit_mode *mode)
{
  const char *name = find_text(reader, "mode");
  *mode = CLFIT_STRICT;
  if (!name || !reader->own) return;
  for (size_t i = 0; i < MODE_COUNT; i++)
    if (strcmp(name, clfit_mode_names[i]) == 0) {
      *mode = (clfit_mode)i;
      return;
    }
  refuse(reader, "mode", name, "strict or fast");
}

/* A field that the file does not name has its default: so old files stay readable when a field is added. */
static void read_field(struct reader *reader, const clfit_field *field, clfit_network *network)
{
  const char *text = find_text(reader, field->name);
  char label[CLFIT_MESSAGE_SIZE];
  if (!text) return;
  snprintf(label, sizeof label, "%.200s: metadata %s", reader->path, field->name);
  if (!clfit_field_read(field, text, label, network, reader->error)) return;
  reader->status = CLFIT_ERROR_FORMAT;
  if (reader->error) reader->error->code = CLFIT_ERROR_FORMAT;
}

/* clfit_network_check, with the file's name added to its message. */
static void check_network(struct reader *reader, const clfit_network *network)
{
  char reason[CLFIT_MESSAGE_SIZE] = "";
  if (reader->status || clfit_network_check(network, reader->error) == CLFIT_OK) return;
  if (reader->error) snprintf(reason, sizeof reason, "%s", reader->error->message);
  reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: %s", reader->path, reason);
}

static void read_network(struct reader *reader, uint32_t hidden, clfit_network *network)
{
  clfit_network_default(network);
  network->hidden = hidden;
  for (size_t i = 0; i < clfit_field_count(); i++) read_field(reader, clfit_field_get(i), network);
  if (!reader->status && network->hidden != hidden)
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT,
                                "%s: metadata hidden is %" PRIu32 ", but its tensors are of %" PRIu32 " neurons",
                                reader->path, network->hidden, hidden);
  check_network(reader, network);
}

static void read_training(struct reader *reader, clfit_training *training)
{
  const char *name = need_text(reader, "status");
  if (!name) return;
  for (size_t i = 0; i < TRAINING_COUNT; i++)
    if (strcmp(name, clfit_training_names[i]) == 0) {
      *training = (clfit_training)i;
      return;
    }
  refuse(reader, "status", name, "running, done, stopped or diverged");
}

/* In files of versions that had one reason it is missing. */
static void read_stop(struct reader *reader, clfit_progress *progress)
{
  const char *text = find_text(reader, "stopped_by"), *name;
  if (!text || !reader->own) return;
  for (int i = 0; (name = clfit_stop_name((clfit_stop)i)); i++)
    if (strcmp(text, name) == 0) progress->stopped_by = (clfit_stop)i;
  if (strcmp(text, clfit_stop_name(progress->stopped_by)) != 0)
    refuse(reader, "stopped_by", text, "tol, converged, flat, damped, loss or patience");
  else if (progress->status != CLFIT_TRAINING_STOPPED)
    reader->status =
        clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: metadata stopped_by, but it has not stopped", reader->path);
}

/* A network of another program counts as completely trained; its losses are unknown (NaN). */
static void read_progress(struct reader *reader, const clfit_network *network, clfit_progress *progress)
{
  *progress = (clfit_progress){.status = CLFIT_TRAINING_DONE, .last_loss_high = NAN};
  read_training(reader, &progress->status);
  read_stop(reader, progress);
  if (progress->status == CLFIT_TRAINING_DONE) progress->epoch = network->epochs;
  need_count(reader, "epoch", &progress->epoch);
  need_count(reader, "sample", &progress->sample);
  need_float(reader, "block_loss", &progress->block_loss);
  need_float(reader, "loss_high", &progress->loss_high);
  need_float(reader, "loss_low", &progress->loss_low);
  need_float(reader, "last_loss_high", &progress->last_loss_high);
  need_float(reader, "last_loss_low", &progress->last_loss_low);
  const char *contradiction = reader->status ? NULL : clfit_progress_contradiction(network, progress);
  if (contradiction)
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: %s", reader->path, contradiction);
}

/* The set of a file that an optimizer calls `name`, or NULL. */
static const float *find_set(const struct tensors *tensors, const char *name)
{
  for (uint32_t set = 1; set < tensors->sets; set++)
    if (!strcmp(tensors->set_names[set], name)) return tensors->values + clfit_sets_size(set, tensors->hidden);
  return NULL;
}

/* The record in the order of the network's sets, which the file must have, and no others. The counters are 0 in a file
 * of another program. */
static float *arrange_sets(struct reader *reader, const struct tensors *tensors, const clfit_network *network)
{
  const size_t size = clfit_sets_size(1, tensors->hidden);
  const uint32_t sets = reader->status ? 0 : clfit_set_count(network);
  float *record = reader->status ? NULL : calloc(clfit_record_count(network), sizeof *record);
  if (!record && !reader->status) reader->status = clfit_fail_memory(reader->error);
  for (uint32_t set = 0; set < sets && !reader->status; set++) {
    const char *name = clfit_set_name(network, set);
    const float *values = set ? find_set(tensors, name) : tensors->values;
    if (values) memcpy(record + set * size, values, size * sizeof *record);
    if (!values)
      reader->status =
          clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: tensor %s.W1 is missing, without which %s cannot go on",
                     reader->path, name, clfit_optimizer_name(network->optimizer));
  }
  if (!reader->status && tensors->sets > sets)
    reader->status =
        clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: it has %u sets of tensors, but its training has %u",
                   reader->path, (unsigned)tensors->sets, (unsigned)sets);
  for (uint32_t i = 0; i < clfit_counter_count(network) && !reader->status; i++)
    need_float(reader, clfit_counter_name(i), record + sets * size + i);
  return record;
}

/* The parameters of a diverged training become NaN; those of a file from another program must be finite. */
static void take_record(struct reader *reader, const struct tensors *tensors, clfit_state *state)
{
  if (reader->status) return;
  const size_t count = clfit_record_count(&state->network);
  const bool diverged = state->progress.status == CLFIT_TRAINING_DIVERGED;
  float *record = arrange_sets(reader, tensors, &state->network);
  if (!record) return; /* reader->status says why */
  for (size_t i = 0; i < count && !reader->status; i++) {
    if (diverged || isnan(record[i])) record[i] = NAN; /* the bits of a NaN differ between machines */
    /* A clfit training may have parameters that are not finite without having diverged (see clfit_state), and such a
     * model must be readable. */
    if (reader->own || isfinite(record[i])) continue;
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: parameter %zu of %zu is not finite",
                                reader->path, i + 1, count);
  }
  state->parameters = record; /* cleared with the model if anything failed */
}

/* The index of the file's float64 set with the name of the optimizer's set number `set`, or -1. */
static int find_precise(const struct optimizer *optimizer, const struct tensors *tensors, uint32_t set)
{
  for (uint32_t i = 0; i < tensors->precise_sets; i++)
    if (!strcmp(tensors->precise_names[i], optimizer->precise_names[set])) return (int)i;
  return -1;
}

/* Copies the file's float64 values in the order of the optimizer's sets; false: they are not those that it has. */
static bool arrange_precise(const struct tensors *tensors, const struct optimizer *optimizer, double *precise)
{
  const size_t size = clfit_sets_size(1, tensors->hidden);
  if (tensors->precise_sets != optimizer->precise_sets || tensors->scalars != optimizer->precise_scalars) return false;
  for (uint32_t set = 0; set < optimizer->precise_sets; set++) {
    const int found = find_precise(optimizer, tensors, set);
    if (found < 0) return false;
    memcpy(precise + set * size, tensors->precise + (size_t)found * size, size * sizeof *precise);
  }
  const size_t sets = optimizer->precise_sets * size;
  memcpy(precise + sets, tensors->precise + sets, tensors->scalars * sizeof *precise);
  return true;
}

/* A training by least squares under way must have its float64 values, and no other may have any. */
static void take_precise(struct reader *reader, const struct tensors *tensors, clfit_state *state)
{
  if (reader->status) return;
  const struct optimizer *optimizer = clfit_optimizer_get(state->network.optimizer);
  const bool wanted = clfit_is_under_way(state), there = tensors->precise_sets > 0 || tensors->scalars > 0;
  if (!wanted && !there) return;
  const size_t count = clfit_precise_count(&state->network);
  state->precise = wanted ? malloc(count * sizeof *state->precise) : NULL; /* cleared with the model */
  if (wanted && !state->precise)
    reader->status = clfit_fail_memory(reader->error);
  else if (!wanted || !arrange_precise(tensors, optimizer, state->precise))
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: its float64 tensors are not those of %s %s",
                                reader->path, optimizer->name, wanted ? "in training" : "that has ended or not begun");
  else if (!clfit_precise_is_possible(&state->network, state->precise))
    reader->status =
        clfit_fail(reader->error, CLFIT_ERROR_FORMAT,
                   "%s: its tensor " TENSOR_SCALARS " or diagonal holds values that cannot be", reader->path);
}

/* Tensors that no training makes: see clfit_sets_are_possible. */
static void check_sets(struct reader *reader, const clfit_state *state)
{
  if (reader->status || clfit_sets_are_possible(&state->network, state->parameters)) return;
  reader->status =
      clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: a mean of squares in it is negative", reader->path);
}

/* A message about a value learns of the file: "FILE: metadata KEY is ...". */
static void read_source_key(struct reader *reader, const char *key, clfit_source *source)
{
  const char *text = find_text(reader, key);
  char reason[CLFIT_MESSAGE_SIZE] = "";
  clfit_status status = text ? clfit_source_set(source, key, text, reader->error) : CLFIT_OK;
  if (!status) return;
  if (reader->error) snprintf(reason, sizeof reason, "%s", reader->error->message);
  reader->status = status == CLFIT_ERROR_MEMORY
                       ? status
                       : clfit_fail(reader->error, CLFIT_ERROR_FORMAT, "%s: metadata %s", reader->path, reason);
}

static void read_source(struct reader *reader, clfit_source *source)
{
  const char *key;
  clfit_source_default(source);
  for (size_t i = 0; (key = clfit_source_key(i)); i++) read_source_key(reader, key, source);
  if (!reader->status && !(isfinite(source->low) && isfinite(source->high) && source->low <= source->high))
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT,
                                "%s: domain_low is not below domain_high, or one of them is not finite", reader->path);
}

static void read_scaling(struct reader *reader, clfit_scaling *scaling)
{
  *scaling = clfit_scaling_complete(NULL);
  read_number(reader, "x_factor", find_text(reader, "x_factor"), &scaling->x_factor);
  read_number(reader, "x_offset", find_text(reader, "x_offset"), &scaling->x_offset);
  read_number(reader, "y_factor", find_text(reader, "y_factor"), &scaling->y_factor);
  read_number(reader, "y_offset", find_text(reader, "y_offset"), &scaling->y_offset);
  if (!reader->status && !clfit_scaling_is_possible(scaling))
    reader->status =
        clfit_fail(reader->error, CLFIT_ERROR_FORMAT,
                   "%s: x_factor or y_factor is not above 0, or a number of the scaling is not finite", reader->path);
}

static void read_range(struct reader *reader, clfit_model *model)
{
  read_number(reader, "x_low", find_text(reader, "x_low"), &model->x_low);
  read_number(reader, "x_high", find_text(reader, "x_high"), &model->x_high);
  if (!reader->status && !clfit_model_range_is_possible(model))
    reader->status = clfit_fail(reader->error, CLFIT_ERROR_FORMAT,
                                "%s: x_low is above x_high, or one of them is not finite", reader->path);
}

bool clfit_model_range(const clfit_model *model, double *low, double *high)
{
  bool stored = model->x_low != 0 || model->x_high != 0;
  if (!stored && !model->source.target) return false;
  *low = stored ? model->x_low : model->source.low;
  *high = stored ? model->x_high : model->source.high;
  return true;
}

void clfit_model_predict(const clfit_model *model, size_t n, const double *x, double *z)
{
  clfit_state_predict(&model->state, &model->scaling, n, x, z);
}

clfit_status clfit_model_load(const char *path, clfit_model *model, clfit_error *error)
{
  struct tensors tensors;
  *model = (clfit_model){0};
  clfit_status status = clfit_tensors_read(&tensors, path, error);
  if (status) return status;

  struct reader reader = {.metadata = tensors.metadata, .path = path, .error = error};
  const char *format = find_text(&reader, "format");
  reader.own = format && strcmp(format, "clfit") == 0;
  clfit_model loaded = {.size = sizeof loaded, .state.size = sizeof loaded.state};
  check_arithmetic(&reader);
  read_mode(&reader, &loaded.mode);
  read_network(&reader, tensors.hidden, &loaded.state.network);
  read_progress(&reader, &loaded.state.network, &loaded.state.progress);
  read_source(&reader, &loaded.source);
  read_scaling(&reader, &loaded.scaling);
  read_range(&reader, &loaded);
  take_record(&reader, &tensors, &loaded.state);
  take_precise(&reader, &tensors, &loaded.state);
  check_sets(&reader, &loaded.state);

  if (reader.status)
    clfit_model_clear(&loaded);
  else
    *model = loaded;
  clfit_tensors_clear(&tensors);
  return reader.status;
}

void clfit_model_clear(clfit_model *model)
{
  if (!model) return;
  clfit_state_clear(&model->state);
  clfit_source_clear(&model->source);
  *model = (clfit_model){0};
}
