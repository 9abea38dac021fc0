/* Options of train that do not go together, and files that cannot be written: all found before training. */
#include "cli/train/train.h"

#include "cli/device/device_check.h"
#include "cli/io/message.h"

#include <string.h>

/* Options that say what to train; a resumed model brings its own. */
static const enum option_id fixed_by_model[] = {
    OPTION_TARGET,   OPTION_DOMAIN, OPTION_SAMPLES,    OPTION_SAMPLE_SEED, OPTION_DATA, OPTION_X_COLUMN,
    OPTION_Y_COLUMN, OPTION_HIDDEN, OPTION_ACTIVATION, OPTION_SEED,        OPTION_RATE, OPTION_TOL,
};

/* Options of samples drawn from a target, which a file has no use for. */
static const enum option_id of_target[] = {OPTION_TARGET, OPTION_DOMAIN, OPTION_SAMPLES, OPTION_SAMPLE_SEED};

/* Options of a file, which are nothing without it. */
static const enum option_id of_file[] = {OPTION_X_COLUMN, OPTION_Y_COLUMN};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The first option given of several, or OPTION_COUNT. */
static enum option_id first_given(const struct options *options, const enum option_id *ids, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (option_given(options, ids[i])) return ids[i];
  return OPTION_COUNT;
}

static clfit_status check_conflicts(const struct options *options, clfit_error *error)
{
  enum option_id id;
  id = first_given(options, fixed_by_model, LENGTH(fixed_by_model));
  if (options->resume && id != OPTION_COUNT)
    return refuse(error, "--%s does not go with --resume: the model brings its own", option_rows[id].name);
  id = first_given(options, of_target, LENGTH(of_target));
  if (options->data && id != OPTION_COUNT)
    return refuse(error, "--%s does not go with --data: the file's rows are the samples", option_rows[id].name);
  id = first_given(options, of_file, LENGTH(of_file));
  if (!options->data && id != OPTION_COUNT)
    return refuse(error, "--%s needs --data: it names a column of that file", option_rows[id].name);
  if (options->x_column && options->y_column && strcmp(options->x_column, options->y_column) == 0)
    return refuse(error, "--x-column and --y-column are the same, %.200s", options->x_column);
  return check_single_device(options, error);
}

/* A file that the options name. */
struct named_file {
  enum option_id id;
  const char *path;
};

static clfit_status check_pair(const struct named_file *output, const struct named_file *other, clfit_error *error)
{
  if (!output->path || !other->path || output == other) return CLFIT_OK;
  if (strcmp(output->path, "-") == 0 || strcmp(other->path, "-") == 0) return CLFIT_OK;
  /* Saving a training on top of what was resumed is the common case. */
  if (output->id == OPTION_OUT && other->id == OPTION_RESUME) return CLFIT_OK;
  if (!clfit_output_same_file(output->path, other->path)) return CLFIT_OK;
  return refuse(error, "--%s and --%s are the same file, %.200s", option_rows[output->id].name,
                option_rows[other->id].name, output->path);
}

static clfit_status check_picture(const struct options *options, enum option_id id, const char *path,
                                  clfit_error *error)
{
  char context[32];
  if (strcmp(path, "-") == 0 && options->json)
    return refuse(error, "--%s - does not go with --json: both print on standard output", option_rows[id].name);
  clfit_status status = clfit_plot_check(path, error);
  snprintf(context, sizeof context, "--%s", option_rows[id].name);
  return status ? fail_in(error, context) : CLFIT_OK;
}

static clfit_status check_output(const struct named_file *file, clfit_error *error)
{
  char context[32];
  bool picture = file->id == OPTION_PLOT || file->id == OPTION_SAMPLES_PLOT;
  if (strcmp(file->path, "-") == 0) {
    if (picture) return CLFIT_OK;
    return refuse(error, "--%s needs the name of a file, not -: standard output has the results",
                  option_rows[file->id].name);
  }
  clfit_status status = clfit_output_check(file->path, error);
  snprintf(context, sizeof context, "--%s", option_rows[file->id].name);
  return status ? fail_in(error, context) : CLFIT_OK;
}

clfit_status train_check(const struct options *options, clfit_error *error)
{
  /* The first OUTPUTS are written, the others only read. */
  enum { OUTPUTS = 4 };
  const struct named_file files[] = {{OPTION_OUT, options->out},         {OPTION_PLOT, options->plot},
                                     {OPTION_HISTORY, options->history}, {OPTION_SAMPLES_PLOT, options->samples_plot},
                                     {OPTION_DATA, options->data},       {OPTION_RESUME, options->resume}};
  clfit_status status = check_conflicts(options, error);
  if (!status && options->plot) status = check_picture(options, OPTION_PLOT, options->plot, error);
  if (!status && options->samples_plot)
    status = check_picture(options, OPTION_SAMPLES_PLOT, options->samples_plot, error);
  for (size_t i = 0; !status && i < OUTPUTS; i++) {
    for (size_t j = i + 1; !status && j < LENGTH(files); j++) status = check_pair(&files[i], &files[j], error);
    if (!status && files[i].path) status = check_output(&files[i], error);
  }
  return status;
}
