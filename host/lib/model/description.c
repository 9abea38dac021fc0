#include "model/description.h"

#include "base/error.h"
#include "config/record.h"
#include "model/safetensors.h"

#include <assert.h>
#include <math.h>

const char *const clfit_training_names[TRAINING_COUNT] = {
    [CLFIT_TRAINING_RUNNING] = "running",
    [CLFIT_TRAINING_DONE] = "done",
    [CLFIT_TRAINING_STOPPED] = "stopped",
    [CLFIT_TRAINING_DIVERGED] = "diverged",
};

const char *const clfit_mode_names[MODE_COUNT] = {[CLFIT_STRICT] = "strict", [CLFIT_FAST] = "fast"};

/* ---- checks -------------------------------------------------------------------------------------------------- */

const char *clfit_progress_contradiction(const clfit_network *network, const clfit_progress *progress)
{
  bool ended = progress->epoch == network->epochs;
  bool between = progress->sample == 0;
  if ((size_t)progress->status >= TRAINING_COUNT) return "its status is unknown";
  if (!clfit_stop_name(progress->stopped_by)) return "the reason why it stopped is unknown";
  if (progress->epoch > network->epochs) return "more epochs are trained than it has";
  if (progress->sample >= clfit_network_trained(network)) return "its sample is beyond its samples";
  if (progress->status == CLFIT_TRAINING_RUNNING && ended) return "it is running after its last epoch";
  if (progress->status == CLFIT_TRAINING_DIVERGED && ended) return "it diverged after its last epoch";
  if (progress->status == CLFIT_TRAINING_DONE && !(ended && between)) return "it is done before its last epoch";
  if (progress->status == CLFIT_TRAINING_STOPPED && !between) return "it stopped within an epoch";
  return NULL;
}

bool clfit_scaling_is_possible(const clfit_scaling *scaling)
{
  return isfinite(scaling->x_factor) && isfinite(scaling->x_offset) && scaling->x_factor > 0 &&
         isfinite(scaling->y_factor) && isfinite(scaling->y_offset) && scaling->y_factor > 0;
}

bool clfit_model_range_is_possible(const clfit_model *model)
{
  return isfinite(model->x_low) && isfinite(model->x_high) && model->x_low <= model->x_high;
}

clfit_status clfit_model_check(const clfit_model *model, clfit_error *error)
{
  const clfit_state *state = &model->state;
  if (model->size != sizeof *model || state->size != sizeof *state)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "the sizes of a clfit_model and its state are %zu, %zu; this library has %zu, %zu", model->size,
                      state->size, sizeof *model, sizeof *state);
  if ((size_t)model->mode >= MODE_COUNT)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no arithmetic %d", (int)model->mode);
  assert(state->parameters);
  clfit_status status = clfit_network_check(&state->network, error);
  if (status) return status;
  clfit_scaling scaling = clfit_scaling_complete(&model->scaling);
  if (!clfit_scaling_is_possible(&scaling))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a factor of the scaling is not above 0, or a number is not finite");
  if (!clfit_model_range_is_possible(model))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "x_low is above x_high, or one of them is not finite");
  const char *contradiction = clfit_progress_contradiction(&state->network, &state->progress);
  if (contradiction) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "cannot write the model: %s", contradiction);
  if ((state->precise != NULL) != clfit_is_under_way(state))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "cannot write the model: it has %s",
                      state->precise ? "float64 values, but is not in training" : "no float64 values to go on with");
  if (clfit_set_count(&state->network) + clfit_precise_set_count(&state->network) > TENSOR_SETS_MAX)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "a model file has room for %d sets of tensors", TENSOR_SETS_MAX);
  return CLFIT_OK;
}

/* ---- keys and values ----------------------------------------------------------------------------------------- */

static void describe_field(const clfit_field *field, const clfit_model *model, const struct description *description)
{
  const clfit_network *network = &model->state.network;
  char text[CLFIT_FIELD_TEXT_SIZE];
  if (!description->complete && !field->always && clfit_field_is_default(field, network)) return;
  const bool drawn = model->source.target || !model->source.path;
  const bool none = description->complete && !clfit_field_applies(field, network, drawn);
  clfit_field_print(field, network, text);
  if (clfit_field_is_text(field))
    description->text(description->to, field->name, none ? NULL : text);
  else
    description->number(description->to, field->name, none ? NAN : clfit_field_value(field, network));
}

static void describe_progress(const clfit_progress *progress, const struct description *description)
{
  void *to = description->to;
  description->text(to, "status", clfit_training_names[progress->status]);
  /* the only reason of gradient descent is left out of model files, as versions without others did */
  if (progress->status == CLFIT_TRAINING_STOPPED && (description->complete || progress->stopped_by != CLFIT_STOP_TOL))
    description->text(to, "stopped_by", clfit_stop_name(progress->stopped_by));
  else if (description->complete)
    description->text(to, "stopped_by", NULL);
  description->number(to, "epoch", progress->epoch);
  description->number(to, "sample", progress->sample);
  description->number(to, "block_loss", progress->block_loss);
  description->number(to, "loss_high", progress->loss_high);
  description->number(to, "loss_low", progress->loss_low);
  description->number(to, "last_loss_high", progress->last_loss_high);
  description->number(to, "last_loss_low", progress->last_loss_low);
}

static void describe_counters(const clfit_state *state, const struct description *description)
{
  const uint32_t count = clfit_counter_count(&state->network);
  const float *counters = state->parameters + clfit_record_count(&state->network) - count;
  for (uint32_t i = 0; i < count; i++) description->number(description->to, clfit_counter_name(i), counters[i]);
}

static void describe_source(const clfit_source *source, const struct description *description)
{
  char text[CLFIT_SOURCE_TEXT_SIZE];
  const char *key;
  for (size_t i = 0; (key = clfit_source_key(i)); i++)
    description->text(description->to, key, clfit_source_get(source, key, text));
}

/* Left out of model files if there is none. */
static void describe_scaling(const clfit_model *model, const struct description *description)
{
  clfit_scaling scaling = clfit_scaling_complete(&model->scaling);
  if (!description->complete && clfit_scaling_is_identity(&scaling)) return;
  description->number(description->to, "x_factor", scaling.x_factor);
  description->number(description->to, "x_offset", scaling.x_offset);
  description->number(description->to, "y_factor", scaling.y_factor);
  description->number(description->to, "y_offset", scaling.y_offset);
}

/* Left out of the model files of a formula, whose domain says it. */
static void describe_range(const clfit_model *model, const struct description *description)
{
  double low = NAN, high = NAN;
  bool known = clfit_model_range(model, &low, &high);
  if (!description->complete && (!known || model->source.target)) return;
  description->number(description->to, "x_low", low);
  description->number(description->to, "x_high", high);
}

void clfit_model_describe(const clfit_model *model, const struct description *description)
{
  void *to = description->to;
  description->text(to, "format", "clfit");
  description->text(to, "clfit_version", CLFIT_VERSION);
  description->number(to, "arithmetic", CLFIT_ARITHMETIC);
  /* Left out of model files if strict, so that these have the same bytes as those of versions without fast mode. */
  if (description->complete || model->mode != CLFIT_STRICT)
    description->text(to, "mode", clfit_mode_names[model->mode]);
  for (size_t i = 0; i < clfit_field_count(); i++) describe_field(clfit_field_get(i), model, description);
  describe_progress(&model->state.progress, description);
  describe_counters(&model->state, description);
  describe_source(&model->source, description);
  describe_scaling(model, description);
  describe_range(model, description);
}
