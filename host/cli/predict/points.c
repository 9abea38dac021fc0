#include "cli/predict/points.h"

#include "cli/io/columns.h"

#include <stdlib.h>
#include <string.h>

static clfit_status make_grid(struct points *points, const struct grid *grid, clfit_error *error)
{
  points->own_x = malloc(grid->count * sizeof *points->own_x);
  if (!points->own_x) return clfit_fail_memory(error);
  clfit_grid(grid->range.low, grid->range.high, grid->count, points->own_x);
  points->x = points->own_x;
  points->count = grid->count;
  return CLFIT_OK;
}

static clfit_status read_data(struct points *points, const struct options *options, const clfit_source *learnt,
                              clfit_error *error)
{
  clfit_status status = clfit_source_read_points(learnt, options->data, options->x_column, options->y_column,
                                                 options->weight_column, &points->data, error);
  if (status) return status;
  points->y = clfit_data_y(points->data);
  points->weights = clfit_data_weights(points->data);
  if (!options->quiet && columns_guessed(points->data, options->x_column, options->y_column))
    columns_note(options->data, points->data);
  return CLFIT_OK;
}

clfit_status points_open(struct points *points, const struct options *options, const clfit_source *learnt,
                         const struct grid *otherwise, clfit_error *error)
{
  clfit_status status;
  memset(points, 0, sizeof *points);
  if (!options->x && !options->data)
    return make_grid(points, option_given(options, OPTION_GRID) ? &options->grid : otherwise, error);
  if (options->x)
    status = clfit_source_read_x(learnt, options->x, options->x_column, &points->data, error);
  else
    status = read_data(points, options, learnt, error);
  if (status) return status;
  points->x = clfit_data_x(points->data);
  points->count = clfit_data_count(points->data);
  return CLFIT_OK;
}

void points_close(struct points *points)
{
  free(points->own_x);
  clfit_data_free(points->data);
  memset(points, 0, sizeof *points);
}
