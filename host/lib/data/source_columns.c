/* What a source remembers of the file that was read. */
#include "data/data.h"

#include <stdio.h>

/* A column that was named by the caller keeps that name. */
static clfit_status set_column(clfit_source *source, const char *key, const char *given, const clfit_column *column,
                               clfit_error *error)
{
  char number[24];
  if (given || !column->number) return CLFIT_OK;
  snprintf(number, sizeof number, "%zu", column->number);
  return clfit_source_set(source, key, column->unique ? column->name : number, error);
}

clfit_status clfit_source_set_columns(clfit_source *source, const clfit_data *data, clfit_error *error)
{
  const clfit_columns *columns = clfit_data_columns(data);
  if (!columns || source->target) return CLFIT_OK;
  clfit_status status = set_column(source, "x_column", source->x_column, &columns->x, error);
  if (!status) status = set_column(source, "y_column", source->y_column, &columns->y, error);
  if (!status) status = set_column(source, "weight_column", source->weight_column, &columns->weight, error);
  return status;
}

clfit_status clfit_source_read_points(const clfit_source *source, const char *path, const char *x_column,
                                      const char *y_column, const char *weight_column, clfit_data **data,
                                      clfit_error *error)
{
  const struct file_request request = {.path = path,
                                       .x_column = x_column,
                                       .y_column = y_column,
                                       .weight_column = weight_column,
                                       .x_like = source->x_column,
                                       .y_like = source->y_column,
                                       .most = CLFIT_SAMPLES_MAX};
  return clfit_data_read(&request, data, error);
}

clfit_status clfit_source_read_x(const clfit_source *source, const char *path, const char *x_column, clfit_data **data,
                                 clfit_error *error)
{
  const struct file_request request = {
      .path = path, .x_column = x_column, .x_like = source->x_column, .most = CLFIT_SAMPLES_MAX, .x_only = true};
  return clfit_data_read(&request, data, error);
}
