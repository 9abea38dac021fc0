#include "cli/io/samples.h"

#include "cli/io/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- options ------------------------------------------------------------------------------------------------- */

clfit_status samples_refuse_held(const struct options *options, const char *field, clfit_error *error)
{
  const enum option_id id = option_of_field(clfit_field_find(field));
  static const char where[] = "needs samples that are held out: --holdout F, or --validation FILE";
  if (option_given(options, id)) return refuse(error, "--%s held %s", option_name(id), where);
  return refuse(error, "--patience %s; or --%s train or all", where, option_name(id));
}

/* Of a resumed training the model says what is held out. */
static clfit_status check_held_losses(const struct options *options, clfit_error *error)
{
  const clfit_network *network = &options->network;
  if (options->validation || network->holdout > 0 || options->resume) return CLFIT_OK;
  if (network->stop_loss > 0 && network->stop_on == CLFIT_FIGURE_OF_HELD)
    return samples_refuse_held(options, "stop_on", error);
  if (network->patience > 0 && network->patience_on == CLFIT_FIGURE_OF_HELD)
    return samples_refuse_held(options, "patience_on", error);
  return CLFIT_OK;
}

static clfit_status check_held_out(const struct options *options, clfit_error *error)
{
  const enum option_id holdout = option_of_field(clfit_field_find("holdout"));
  if (!options->data && options->network.holdout > 0 && options->network.samples < 2)
    return refuse(error, "--holdout needs at least 2 samples: one is held out, one is trained on");
  if (!options->validation) return CLFIT_OK;
  if (option_given(options, holdout))
    return refuse(error, "--holdout and --validation do not go together: both say what is held out");
  if (strcmp(options->validation, "-") == 0 && strcmp(options->data, "-") == 0)
    return refuse(error, "--data and --validation cannot both be standard input");
  return CLFIT_OK;
}

clfit_status samples_check_options(const struct options *options, clfit_error *error)
{
  for (enum option_id id = 0; id < option_count(); id++) {
    if (!option_given(options, id)) continue;
    struct option_row row = option_row_of(options->command, id);
    if (options->data && row.of_target)
      return refuse(error, "--%s does not go with --data: the file's rows are the samples", row.name);
    if (!options->data && row.of_file)
      return refuse(error, "--%s needs --data: it %s that file", row.name,
                    id == OPTION_VALIDATION ? "is held out beside" : "names a column of");
  }
  clfit_status status = check_held_out(options, error);
  if (!status) status = check_held_losses(options, error);
  if (status) return status;
  if (options->x_column && options->y_column && strcmp(options->x_column, options->y_column) == 0)
    return refuse(error, "--x-column and --y-column are the same, %.200s", options->x_column);
  return CLFIT_OK;
}

static clfit_status set(clfit_source *source, const char *key, const char *text, clfit_error *error)
{
  return text ? clfit_source_set(source, key, text, error) : CLFIT_OK;
}

clfit_status samples_source(const struct options *options, clfit_source *source, clfit_error *error)
{
  clfit_status status;
  clfit_source_default(source);
  source->scale = options->scale;
  if (options->data) {
    status = set(source, "data", options->data, error);
    if (!status) status = set(source, "x_column", options->x_column, error);
    if (!status) status = set(source, "y_column", options->y_column, error);
    if (!status) status = set(source, "weight_column", options->weight_column, error);
    if (!status) status = set(source, "validation", options->validation, error);
    source->trusted = true;
  } else {
    source->low = options->domain.low;
    source->high = options->domain.high;
    status = set(source, "target", options->target, error);
  }
  if (status) clfit_source_clear(source);
  return status;
}

/* ---- where they are now ---------------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
  return strcmp(path, "-") != 0 && access(path, F_OK) == 0;
}

bool samples_are_there(const clfit_source *source)
{
  return source->path && is_there(source->path) && (!source->validation || is_there(source->validation));
}

/* The path of a file in the folder of another one. Free it; NULL: no memory. */
static char *join(const char *beside, const char *path)
{
  const char *slash = strrchr(beside, '/');
  const int length = slash ? (int)(slash + 1 - beside) : 0;
  char *joined = malloc((size_t)length + strlen(path) + 1);
  if (joined) sprintf(joined, "%.*s%s", length, beside, path);
  return joined;
}

/* Sets a path of the source to one in that folder, if it is there. */
static clfit_status try_beside(clfit_source *source, const char *key, const char *beside, const char *path, bool *found,
                               clfit_error *error)
{
  char *joined = join(beside, path);
  if (!joined) return clfit_fail_memory(error);
  *found = is_there(joined);
  clfit_status status = *found ? clfit_source_set(source, key, joined, error) : CLFIT_OK;
  free(joined);
  return status;
}

static clfit_status find(clfit_source *source, const char *key, const char *path, const char *beside,
                         clfit_error *error)
{
  bool found = !path || strcmp(path, "-") == 0 || is_there(path);
  clfit_status status = CLFIT_OK;
  if (found) return CLFIT_OK;
  const char *slash = strrchr(path, '/');
  if (*path != '/') status = try_beside(source, key, beside, path, &found, error);
  if (!status && !found && slash) status = try_beside(source, key, beside, slash + 1, &found, error);
  return status;
}

clfit_status samples_find(clfit_source *source, const char *beside, clfit_error *error)
{
  if (source->target) return CLFIT_OK;
  clfit_status status = find(source, "data", source->path, beside, error);
  return status ? status : find(source, "validation", source->validation, beside, error);
}

/* ---- samples ------------------------------------------------------------------------------------------------- */

clfit_status samples_open(struct samples *samples, const clfit_source *source, clfit_network *network,
                          clfit_error *error)
{
  double low, high;
  clfit_status status = CLFIT_OK;
  samples->data = NULL;
  samples->drawn = source->target != NULL;
  if (samples->drawn) status = clfit_source_test(source, samples->test_x, samples->test_y, error);
  if (!status) status = clfit_source_open(source, network, &samples->data, error);
  if (status || samples->drawn) return status;
  clfit_data_span(samples->data, &low, &high);
  clfit_grid(low, high, LINE_POINTS, samples->line_x);
  return CLFIT_OK;
}

void samples_close(struct samples *samples)
{
  clfit_data_free(samples->data);
  samples->data = NULL;
}
