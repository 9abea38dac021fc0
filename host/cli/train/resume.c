/* Continues the training of a saved model. */
#include "cli/train/train.h"

#include "cli/io/columns.h"
#include "cli/io/message.h"

#include <stdio.h>
#include <string.h>

/* The cosine is as long as the training: with other epochs the rest of it is another one. */
static bool changes_schedule(const clfit_state *state, uint32_t epochs)
{
  char schedule[CLFIT_FIELD_TEXT_SIZE];
  clfit_field_print(clfit_field_find("schedule"), &state->network, schedule);
  return strcmp(schedule, "cosine") == 0 && epochs != state->network.epochs;
}

/* A training that is done goes on if --epochs is larger than before. One that --tol stopped does not: it would have
 * stopped at the same epoch with any number of epochs. */
static clfit_status extend(clfit_state *state, const struct options *options, clfit_error *error)
{
  const clfit_progress *at = &state->progress;
  const uint32_t epochs = options->network.epochs;
  if (epochs < at->epoch || (epochs == at->epoch && at->sample))
    return refuse(error, "--epochs %u is less than the model has been trained: %u epochs and %u samples of the next",
                  epochs, at->epoch, at->sample);
  if (at->status == CLFIT_TRAINING_DONE && epochs > at->epoch && state->network.optimizer == CLFIT_LM)
    note("the training had ended, so its parameters were rounded to float32; it goes on from these");
  if (changes_schedule(state, epochs) && !options->quiet)
    note("the schedule is cosine, whose length was %u epochs and is %u from here on: other weights than those of a "
         "training with %u from its start",
         state->network.epochs, epochs, epochs);
  clfit_state_extend(state, epochs);
  return CLFIT_OK;
}

/* Takes over what the command line may change: fields that are resumable. */
static clfit_status take_options(clfit_state *state, const struct options *options, clfit_error *error)
{
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    clfit_status status = CLFIT_OK;
    if (!option_given(options, option_of_field(field))) continue;
    if (field->offset == offsetof(clfit_network, epochs))
      status = extend(state, options, error);
    else
      clfit_field_set(field, clfit_field_value(field, &options->network), &state->network);
    if (status) return status;
  }
  return CLFIT_OK;
}

static clfit_status check_model(const clfit_model *model, clfit_error *error)
{
  if ((!model->source.target && !model->source.path) || !model->source.digest[0])
    return clfit_fail(error, CLFIT_ERROR_FORMAT,
                      "the file does not say which samples it was trained on, so it cannot be trained further");
  if (model->state.progress.status == CLFIT_TRAINING_DIVERGED)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "its training diverged and cannot go on");
  return CLFIT_OK;
}

/* A model keeps its arithmetic mode; another --mode is refused. */
static clfit_status check_mode(const struct options *options, const clfit_model *model, clfit_error *error)
{
  const char *const *names = option_choices(OPTION_MODE);
  if (!option_given(options, OPTION_MODE) || options->mode == model->mode) return CLFIT_OK;
  return refuse(error, "it was trained in %s mode and cannot be continued with --mode %s", names[model->mode],
                names[options->mode]);
}

clfit_status train_note_columns(struct training *training, clfit_error *error)
{
  const clfit_source *source = &training->source;
  if (!training->options->quiet && source->path) columns_note(source->path, training->samples.data);
  return clfit_source_set_columns(&training->source, training->samples.data, error);
}

/* The model's source of samples, or what the options say of the file, which may lie elsewhere now. */
static clfit_status take_source(struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  clfit_source *source = &training->source;
  const struct {
    const char *key, *text;
  } given[] = {{"data", options->data},
               {"x_column", options->x_column},
               {"y_column", options->y_column},
               {"weight_column", options->weight_column},
               {"validation", options->validation}};
  clfit_status status = clfit_source_copy(source, &training->resumed.source, error);
  if (!status && options->data && source->target)
    return refuse(error, "--data does not go with --resume of this model, which was trained on a formula");
  for (size_t i = 0; i < sizeof given / sizeof *given && !status; i++)
    if (given[i].text) status = clfit_source_set(source, given[i].key, given[i].text, error);
  if (options->validation && !training->resumed.source.validation)
    return refuse(error, "--validation does not go with --resume of this model, which was trained without");
  if (!status && !options->data) status = samples_find(source, options->resume, error);
  source->trusted = options->data && (options->validation || !source->validation);
  return status;
}

/* The samples must be bit for bit those of the earlier training, because the result must be that of an uninterrupted
 * one. */
static clfit_status open_samples(struct training *training, clfit_error *error)
{
  char reason[CLFIT_MESSAGE_SIZE] = "";
  clfit_status status = samples_open(&training->samples, &training->source, &training->state.network, error);
  if (!status || training->source.target || training->options->data || status == CLFIT_ERROR_MEMORY) return status;
  if (error) snprintf(reason, sizeof reason, "%s", error->message);
  return clfit_fail(error, status, "%s; --data names the file with the samples", reason);
}

clfit_status train_resume(struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  clfit_model *model = &training->resumed;
  clfit_status status = clfit_model_load(options->resume, model, error);
  if (status) return status;
  training->mode = model->mode;
  status = check_model(model, error);
  if (!status) status = check_mode(options, model, error);
  if (!status) status = clfit_state_copy(&training->state, &model->state, error);
  if (!status) status = take_options(&training->state, options, error);
  if (!status) status = take_source(training, error);
  if (!status) status = open_samples(training, error);
  if (!status) status = train_note_columns(training, error);
  return status ? fail_in(error, options->resume) : CLFIT_OK;
}
