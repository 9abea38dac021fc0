/* Writes the model and the history of a training. */
#include "cli/train/train.h"

#include "cli/io/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static clfit_status write_model(const struct training *training, FILE *stream, clfit_error *error)
{
  clfit_model model = {.size = sizeof model,
                       .state = training->state,
                       .source = training->source,
                       .mode = training->mode,
                       .scaling = clfit_data_scaling(training->samples.data)};
  clfit_data_span(training->samples.data, &model.x_low, &model.x_high);
  clfit_data_digest(training->samples.data, training->state.network.samples, model.source.digest);
  return clfit_model_write(&model, stream, error);
}

static bool is_there(const char *path)
{
  struct stat info;
  return path && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* Gives the history that is there another name, *aside, allocated; NULL: there is none. */
static clfit_status put_aside(const clfit_output *output, char **aside, clfit_error *error)
{
  *aside = NULL;
  if (!output->destination || !is_there(output->destination)) return CLFIT_OK;
  const size_t size = strlen(output->temporary) + sizeof "-old";
  char *name = malloc(size);
  if (!name) return clfit_fail_memory(error);
  snprintf(name, size, "%s-old", output->temporary);
  if (rename(output->destination, name)) {
    clfit_status status = refuse(error, "cannot replace %.300s: %s", output->path, strerror(errno));
    free(name);
    return status;
  }
  *aside = name;
  return CLFIT_OK;
}

/* Names a model; *named also where only the disk's answer is missing that it has the name. */
static clfit_status name_model(struct output *model, const char *path, bool *named, clfit_error *error)
{
  struct stat made, found;
  const bool known = fstat(fileno(model->file.stream), &made) == 0;
  clfit_status status = output_end(model, CLFIT_OK, error);
  *named = !status || (known && stat(path, &found) == 0 && found.st_ino == made.st_ino && found.st_dev == made.st_dev);
  return status;
}

/* Where a model is replaced by that of another training: the history that is there belongs to the old model, so it goes
 * first, comes back if the model cannot be named, and in between there is none. */
static clfit_status replace_both(struct training *training, struct output *model, clfit_error *error)
{
  struct history *history = &training->history;
  char *aside;
  bool named;
  clfit_status status = put_aside(&history->output.file, &aside, error), ended = CLFIT_OK;
  if (status) return output_end(model, status, error);
  status = name_model(model, training->options->out, &named, error);
  if (aside && !named) rename(aside, history->output.file.destination);
  if (named) ended = history_end(history, status ? NULL : error);
  if (aside && named) unlink(aside);
  free(aside);
  return status ? status : ended;
}

/*
 * Gives a model and a history of one training their names, both being on the disk already. A process that is killed in
 * between must not leave the model of one training beside the history of another.
 *
 * The history of a resumed training has the rows of the earlier one, and may have more: the next training that resumes
 * the model drops them. So it comes first, and so it does where there is no model yet.
 */
static clfit_status name_both(struct training *training, struct output *model, clfit_error *error)
{
  if (!training->history.resumed && is_there(training->options->out)) return replace_both(training, model, error);
  clfit_status status = history_end(&training->history, error);
  clfit_status saved = output_end(model, CLFIT_OK, status ? NULL : error);
  return status ? status : saved;
}

static clfit_status write_both(struct training *training, clfit_error *error)
{
  struct output model;
  clfit_status status = output_open(&model, training->options->out, error);
  if (status) return status;
  status = write_model(training, model.file.stream, error);
  if (!status) status = clfit_output_prepare(&model.file, error);
  if (status) return output_end(&model, status, error);
  output_begin_names();
  status = name_both(training, &model, error);
  output_end_names();
  return status;
}

static clfit_status save_model(const struct training *training, clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, training->options->out, error);
  return status ? status : output_end(&output, write_model(training, output.file.stream, error), error);
}

/* Of a model that has been replaced by that of another training. */
static void remove_old_history(const struct training *training, bool replaced)
{
  const char *path = training->history.output.file.destination;
  if (replaced && path && !training->history.resumed && is_there(path)) unlink(path);
}

clfit_status train_save(struct training *training, bool diverged, clfit_error *error)
{
  const bool saves = training->options->out && !diverged; /* of a diverged training there is no model */
  clfit_status status = history_prepare(&training->history, error);
  if (status) {
    clfit_status saved = saves ? save_model(training, NULL) : CLFIT_OK;
    remove_old_history(training, saves && !saved);
    return saved ? save_model(training, error) : status;
  }
  if (saves && training->history.open) return write_both(training, error);
  if (saves) status = save_model(training, error);
  return status ? status : history_end(&training->history, error);
}
