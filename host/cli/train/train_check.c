/* Refuses, before training, options of train that contradict each other and files that cannot be written. */
#include "cli/train/train.h"

#include "cli/device/device_check.h"
#include "cli/explain/explanation.h"
#include "cli/io/message.h"

#include <stddef.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Whether a resumed model has its own value of an option: the source of samples, but for where their file lies and how
 * its columns are named, and fields that do not change during a training. */
static bool is_fixed_by_model(const struct option_row *row)
{
  return (row->of_source && !row->of_file && row->offset != offsetof(struct options, data)) ||
         (row->field && !row->field->resumable);
}

static clfit_status check_conflicts(const struct options *options, clfit_error *error)
{
  for (enum option_id id = 0; id < option_count(); id++) {
    struct option_row row = option_row_of(options->command, id);
    if (options->resume && option_given(options, id) && is_fixed_by_model(&row))
      return refuse(error, "--%s does not go with --resume: the model brings its own", row.name);
  }
  clfit_status status = samples_check_options(options, error);
  return status ? status : check_single_device(options, error);
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
  /* --out may name the file of --resume, which is the common case. */
  if (output->id == OPTION_OUT && other->id == OPTION_RESUME) return CLFIT_OK;
  if (!clfit_output_same_file(output->path, other->path)) return CLFIT_OK;
  return refuse(error, "--%s and --%s are the same file, %.200s", option_name(output->id), option_name(other->id),
                output->path);
}

static clfit_status check_picture(const struct options *options, enum option_id id, const char *path,
                                  clfit_error *error)
{
  char context[32];
  clfit_status status;
  if (strcmp(path, "-") == 0 && options->json)
    return refuse(error, "--%s - does not go with --json: both print on standard output", option_name(id));
  if (id == OPTION_EXPLAIN)
    status = explanation_check(path, error);
  else if (id == OPTION_PLOT && clfit_animation_is_path(path))
    status = clfit_animation_check(path, error);
  else
    status = clfit_plot_check(path, error);
  snprintf(context, sizeof context, "--%s", option_name(id));
  return status ? fail_in(error, context) : CLFIT_OK;
}

static clfit_status check_output(const struct named_file *file, clfit_error *error)
{
  char context[32];
  bool picture = file->id == OPTION_PLOT || file->id == OPTION_SAMPLES_PLOT || file->id == OPTION_EXPLAIN;
  if (strcmp(file->path, "-") == 0) {
    if (picture) return CLFIT_OK;
    return refuse(error, "--%s needs the name of a file, not -: standard output has the results",
                  option_name(file->id));
  }
  clfit_status status = output_check(file->path, error);
  snprintf(context, sizeof context, "--%s", option_name(file->id));
  return status ? fail_in(error, context) : CLFIT_OK;
}

clfit_status train_check(const struct options *options, clfit_error *error)
{
  /* The first OUTPUTS are written, the others only read. */
  enum { OUTPUTS = 5 };
  const struct named_file files[] = {{OPTION_OUT, options->out},         {OPTION_PLOT, options->plot},
                                     {OPTION_HISTORY, options->history}, {OPTION_SAMPLES_PLOT, options->samples_plot},
                                     {OPTION_EXPLAIN, options->explain}, {OPTION_DATA, options->data},
                                     {OPTION_RESUME, options->resume},   {OPTION_VALIDATION, options->validation}};
  clfit_status status = check_conflicts(options, error);
  if (!status && options->plot) status = check_picture(options, OPTION_PLOT, options->plot, error);
  if (!status && options->samples_plot)
    status = check_picture(options, OPTION_SAMPLES_PLOT, options->samples_plot, error);
  if (!status && options->explain) status = check_picture(options, OPTION_EXPLAIN, options->explain, error);
  if (!status) status = train_check_frames(options, error);
  for (size_t i = 0; !status && i < OUTPUTS; i++) {
    for (size_t j = i + 1; !status && j < LENGTH(files); j++) status = check_pair(&files[i], &files[j], error);
    if (!status && files[i].path) status = check_output(&files[i], error);
  }
  return status;
}
