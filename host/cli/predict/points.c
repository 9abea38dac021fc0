#include "cli/predict/points.h"

#include "cli/io/columns.h"
#include "cli/io/message.h"
#include "study/base/numbers.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
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

static clfit_status take_data(struct points *points, const char *path, const char *x_column, const char *y_column,
                              clfit_error *error)
{
  clfit_status status = clfit_data_read_csv(path, x_column, y_column, &points->data, error);
  if (status) return status;
  points->x = clfit_data_x(points->data);
  points->count = clfit_data_count(points->data);
  return CLFIT_OK;
}

static clfit_status append(struct points *points, size_t *capacity, double x, clfit_error *error)
{
  if (points->count == CLFIT_SAMPLES_MAX) return refuse(error, "more than %u points", CLFIT_SAMPLES_MAX);
  if (points->count == *capacity) {
    size_t grown = *capacity ? 2 * *capacity : 1024;
    double *own_x = realloc(points->own_x, grown * sizeof *own_x);
    if (!own_x) return clfit_fail_memory(error);
    points->own_x = own_x;
    *capacity = grown;
  }
  points->own_x[points->count++] = x;
  return CLFIT_OK;
}

/* Cuts blanks and the line's end off, in place. */
static char *trim(char *line)
{
  while (isspace((unsigned char)*line)) line++;
  size_t length = strlen(line);
  while (length && isspace((unsigned char)line[length - 1])) length--;
  line[length] = '\0';
  return line;
}

static clfit_status read_list(struct points *points, FILE *stream, const char *path, clfit_error *error)
{
  char *line = NULL;
  size_t size = 0, number = 0, capacity = 0;
  clfit_status status = CLFIT_OK;
  errno = 0;
  while (!status && getline(&line, &size, stream) >= 0) {
    char *text = trim(line);
    double x;
    number++;
    if (!*text) continue;
    if (clfit_number_parse_real(text, &x) && isfinite((float)x))
      status = append(points, &capacity, x, error);
    else
      status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s, line %zu: not a number: \"%.60s\"", path, number, text);
  }
  if (!status && ferror(stream))
    status = clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", path, strerror(errno));
  if (!status && points->count == 0) status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.200s has no numbers", path);
  free(line);
  points->x = points->own_x;
  return status;
}

/* A list of numbers starts like one, a CSV file with its header line. */
static bool starts_like_a_number(FILE *stream)
{
  int c = getc(stream);
  if (c == EOF) return true;
  ungetc(c, stream);
  return isdigit(c) || isspace(c) || strchr("+-.", c);
}

/* Reads a file of x: a list of numbers or a CSV file. A CSV file is read with the same column as x and y, because it
 * may have no other. */
static clfit_status read_x(struct points *points, const struct options *options, clfit_error *error)
{
  const char *column = options->x_column ? options->x_column : "x";
  bool standard = strcmp(options->x, "-") == 0, list = false;
  if (!options->x_column) {
    FILE *stream = standard ? stdin : fopen(options->x, "r");
    if (!stream) return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", options->x, strerror(errno));
    list = starts_like_a_number(stream);
    clfit_status status = list ? read_list(points, stream, options->x, error) : CLFIT_OK;
    if (!standard) fclose(stream);
    if (status) return status;
  }
  return list ? CLFIT_OK : take_data(points, options->x, column, column, error);
}

clfit_status points_open(struct points *points, const struct options *options, clfit_error *error)
{
  clfit_status status;
  memset(points, 0, sizeof *points);
  if (option_given(options, OPTION_GRID)) return make_grid(points, &options->grid, error);
  if (options->x) {
    status = read_x(points, options, error);
  } else {
    status = take_data(points, options->data, options->x_column, options->y_column, error);
    if (!status) points->y = clfit_data_y(points->data);
    if (!status && !options->quiet && columns_guessed(points->data, options->x_column, options->y_column))
      columns_note(options->data, points->data);
  }
  if (status) points_close(points);
  return status;
}

void points_close(struct points *points)
{
  free(points->own_x);
  clfit_data_free(points->data);
  memset(points, 0, sizeof *points);
}
