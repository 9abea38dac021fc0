/* Going on with a saved model. */
#include "cli/train/train.h"

#include "cli/io/message.h"

#include <string.h>

/* More epochs than the model was trained for let a finished training go on. One that --tol stopped stays so: it would
 * have stopped there whatever its epochs. */
static clfit_status extend(clfit_state *state, uint32_t epochs, clfit_error *error)
{
  const clfit_progress *at = &state->progress;
  if (epochs < at->epoch || (epochs == at->epoch && at->sample))
    return refuse(error, "--epochs %u is less than the model has behind it: %u epochs and %u samples of the next",
                  epochs, at->epoch, at->sample);
  state->network.epochs = epochs;
  if (at->status == CLFIT_TRAINING_DONE && epochs > at->epoch) state->progress.status = CLFIT_TRAINING_RUNNING;
  if (at->status == CLFIT_TRAINING_RUNNING && epochs == at->epoch) state->progress.status = CLFIT_TRAINING_DONE;
  return CLFIT_OK;
}

static void take_origin(struct origin *origin, const clfit_model *model)
{
  *origin = (struct origin){.target = model->target,
                            .domain = {model->low, model->high},
                            .sample_seed = model->state.network.sample_seed,
                            .data_path = model->target ? NULL : model->data_path,
                            .x_column = model->x_column,
                            .y_column = model->y_column};
}

static clfit_status check_model(const clfit_model *model, clfit_error *error)
{
  if ((!model->target && !model->data_path) || !model->data_digest[0])
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "it does not say what it was trained on, so training cannot go on");
  if (model->state.progress.status == CLFIT_TRAINING_DIVERGED)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "its training diverged and cannot go on");
  return CLFIT_OK;
}

/* A training in two arithmetics would be neither's: the model's goes on, and another that was asked for is no wish that
 * can be met silently. */
static clfit_status check_mode(const struct options *options, const clfit_model *model, clfit_error *error)
{
  const char *const *names = option_rows[OPTION_MODE].choices;
  if (!option_given(options, OPTION_MODE) || options->mode == model->mode) return CLFIT_OK;
  return refuse(error, "it was trained in %s mode and goes on so: --mode %s does not go with it", names[model->mode],
                names[options->mode]);
}

/* The samples must be the very same: else the result would be neither this training's nor another's. */
static clfit_status check_samples(const struct training *training, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  clfit_data_digest(training->source.data, training->state.network.samples, digest);
  if (strcmp(digest, training->resumed.data_digest) == 0) return CLFIT_OK;
  if (training->origin.target)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "its samples cannot be drawn again: the target has other values here");
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "the samples in %.200s are no longer those that it was trained on",
                    training->origin.data_path);
}

clfit_status train_resume(struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  clfit_status status = clfit_model_load(options->resume, &training->resumed, error);
  if (status) return status;
  training->mode = training->resumed.mode;
  status = check_model(&training->resumed, error);
  if (!status) status = check_mode(options, &training->resumed, error);
  if (!status) status = clfit_state_copy(&training->state, &training->resumed.state, error);
  if (!status && option_given(options, OPTION_EPOCHS))
    status = extend(&training->state, options->network.epochs, error);
  if (status) return fail_in(error, options->resume);
  take_origin(&training->origin, &training->resumed);
  status = source_open(&training->source, &training->origin, &training->state.network.samples, error);
  if (!status) status = check_samples(training, error);
  if (status) return fail_in(error, options->resume);
  if (!options->history) return CLFIT_OK;
  return history_read(&training->history, options->history, training->state.progress.epoch, error);
}
