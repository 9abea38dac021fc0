/* Reading samples from a text file, a record at a time into arrays that grow. */
#include "base/error.h"
#include "data/cell.h"
#include "data/choose_columns.h"
#include "data/dialect.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Characters of a column's name and of a cell that a message shows. */
#define COLUMN_SHOWN 60
#define CELL_SHOWN   40

/* Samples while they are read. */
struct samples {
  clfit_columns columns;
  char mark; /* the decimal point or comma that numbers have; '\0': none had one so far */
  size_t mark_line;
  double *x, *y, *weights; /* [capacity]; weights NULL: there is no such column */
  size_t count, capacity;
};

/* "column 'y'", or "column 2" where the file names none. */
static const char *name_of(const clfit_column *column, char text[COLUMN_SHOWN + 16])
{
  if (*column->name)
    snprintf(text, COLUMN_SHOWN + 16, "column '%.*s'", COLUMN_SHOWN, column->name);
  else
    snprintf(text, COLUMN_SHOWN + 16, "column %zu", column->number);
  return text;
}

/* The decimal mark must be that of the numbers before. */
static clfit_status check_mark(const struct csv *csv, const clfit_column *column, char mark, struct samples *samples,
                               clfit_error *error)
{
  char name[COLUMN_SHOWN + 16];
  bool comma = mark == ',';
  if (!mark || mark == samples->mark) return CLFIT_OK;
  if (samples->mark)
    return clfit_csv_fail(csv, csv->line, error, "%s: '%.*s' has a decimal %s, and line %zu a decimal %s",
                          name_of(column, name), CELL_SHOWN, csv->fields[column->number - 1], comma ? "comma" : "point",
                          samples->mark_line, comma ? "point" : "comma");
  samples->mark = mark;
  samples->mark_line = csv->line;
  samples->columns.decimal_comma = comma;
  return CLFIT_OK;
}

/* Reads the number of a column in the record at hand, and widens the column's range. */
static clfit_status read_number(const struct csv *csv, clfit_column *column, struct samples *samples, double *value,
                                clfit_error *error)
{
  char *text = csv->fields[column->number - 1], name[COLUMN_SHOWN + 16], mark;
  if (!*text) return clfit_csv_fail(csv, csv->line, error, "%s is empty", name_of(column, name));
  if (!clfit_cell_number(text, csv->separator != ',', value, &mark) || !isfinite(*value))
    return clfit_csv_fail(csv, csv->line, error, "%s: '%.*s' is not a finite decimal number", name_of(column, name),
                          CELL_SHOWN, text);
  if (!isfinite((float)*value))
    return clfit_csv_fail(csv, csv->line, error, "%s: %.*s is beyond the range of float32", name_of(column, name),
                          CELL_SHOWN, text);
  if (samples->count == 0 || *value < column->low) column->low = *value;
  if (samples->count == 0 || *value > column->high) column->high = *value;
  return check_mark(csv, column, mark, samples, error);
}

static clfit_status grow_array(double **array, size_t capacity, clfit_error *error)
{
  const bool possible = capacity > 0 && capacity <= SIZE_MAX / sizeof **array; /* realloc to 0 would free */
  double *grown = possible ? realloc(*array, capacity * sizeof *grown) : NULL;
  if (!grown) return clfit_fail_memory(error);
  *array = grown;
  return CLFIT_OK;
}

/* Sets the capacity, which is not below count. */
static clfit_status resize(struct samples *samples, size_t capacity, clfit_error *error)
{
  clfit_status status = grow_array(&samples->x, capacity, error);
  if (!status) status = grow_array(&samples->y, capacity, error);
  if (!status && samples->columns.weight.number) status = grow_array(&samples->weights, capacity, error);
  if (!status) samples->capacity = capacity;
  return status;
}

static clfit_status read_weight(const struct csv *csv, struct samples *samples, clfit_error *error)
{
  clfit_column *column = &samples->columns.weight;
  char name[COLUMN_SHOWN + 16];
  double weight;
  clfit_status status = read_number(csv, column, samples, &weight, error);
  if (status) return status;
  if (weight < 0)
    return clfit_csv_fail(csv, csv->line, error, "%s: the weight %.*s is negative", name_of(column, name), CELL_SHOWN,
                          csv->fields[column->number - 1]);
  samples->weights[samples->count] = weight;
  return CLFIT_OK;
}

/* Of a record with another number of fields than the first one. Names a column that it lacks. */
static clfit_status fail_fields(const struct csv *csv, const clfit_columns *columns, clfit_error *error)
{
  const clfit_column *const used[] = {&columns->x, &columns->y, &columns->weight};
  char name[COLUMN_SHOWN + 16], missing[COLUMN_SHOWN + 32] = "";
  for (size_t i = 0; i < sizeof used / sizeof *used && !*missing; i++)
    if (used[i]->number > csv->field_count)
      snprintf(missing, sizeof missing, "; %s is missing", name_of(used[i], name));
  return clfit_csv_fail(csv, csv->line, error, "%zu fields; the %s has %zu%s", csv->field_count,
                        columns->header ? "header" : "first line", columns->count, missing);
}

/* Appends the sample in the current record. */
static clfit_status add_sample(const struct csv *csv, struct samples *samples, size_t most, clfit_error *error)
{
  clfit_columns *columns = &samples->columns;
  double x, y;
  clfit_status status = CLFIT_OK;
  if (csv->field_count != columns->count) return fail_fields(csv, columns, error);
  if (samples->count == most) return clfit_csv_fail(csv, csv->line, error, "too many samples; there may be %zu", most);
  if (samples->count == samples->capacity) status = resize(samples, samples->capacity / 2 * 3 + 256, error);
  if (!status) status = read_number(csv, &columns->x, samples, &x, error);
  if (!status) status = read_number(csv, &columns->y, samples, &y, error);
  if (!status && columns->weight.number) status = read_weight(csv, samples, error);
  if (status) return status;
  samples->x[samples->count] = x;
  samples->y[samples->count++] = y;
  return CLFIT_OK;
}

static clfit_status check_all(const struct csv *csv, const struct samples *samples, clfit_error *error)
{
  const clfit_column *weight = &samples->columns.weight;
  char name[COLUMN_SHOWN + 16];
  if (samples->count == 0) return clfit_csv_fail(csv, csv->line, error, "no data rows after the header");
  if (!weight->number || (float)weight->high > 0) return CLFIT_OK;
  return clfit_csv_fail(csv, csv->line, error, "%s: all weights are 0", name_of(weight, name));
}

static clfit_status read_samples(struct csv *csv, const struct dialect *dialect, const struct file_request *request,
                                 struct samples *samples, clfit_error *error)
{
  bool end;
  clfit_status status = clfit_csv_next(csv, &end, error);
  if (!status && end) return clfit_csv_fail(csv, csv->line, error, "no samples; there is nothing in the file");
  if (!status) status = clfit_columns_choose(csv, dialect->header, request, &samples->columns, error);
  if (!status && !dialect->header) status = add_sample(csv, samples, request->most, error);
  while (!status && !(status = clfit_csv_next(csv, &end, error)) && !end)
    status = add_sample(csv, samples, request->most, error);
  return status ? status : check_all(csv, samples, error);
}

/* Makes the data set; the samples' arrays go over to it. */
static clfit_status adopt(struct samples *samples, clfit_data **data, clfit_error *error)
{
  clfit_columns *columns = malloc(sizeof *columns);
  clfit_status status = columns ? resize(samples, samples->count, error) : clfit_fail_memory(error);
  if (!status) {
    status = clfit_data_adopt(samples->count, samples->x, samples->y, samples->weights, data, error);
    samples->x = samples->y = samples->weights = NULL;
  }
  if (status) {
    free(columns);
    return status;
  }
  *columns = samples->columns;
  columns->rows = samples->count;
  (*data)->columns = columns;
  return CLFIT_OK;
}

/* Messages about the lines of a file that only a stranger's model may have named must not quote them. */
static clfit_status conceal(const char *name, clfit_status status, clfit_error *error)
{
  if (status != CLFIT_ERROR_FORMAT || !error) return status;
  return clfit_fail_at(error, status, error->position, "%s, line %zu: not the samples that were trained on", name,
                       error->position);
}

clfit_status clfit_data_read(const struct file_request *request, clfit_data **data, clfit_error *error)
{
  assert(request->path && data);
  *data = NULL;
  struct input input;
  struct csv csv;
  struct dialect dialect = {.separator = ','};
  struct samples samples = {0};
  const char *name = clfit_csv_name(request->path);
  clfit_status status = clfit_input_open(&input, request->path, name, request->regular, error);
  if (!status) status = clfit_dialect_guess(&input, &dialect, error);
  clfit_csv_begin(&csv, &input, name, dialect.separator);
  if (!status) status = read_samples(&csv, &dialect, request, &samples, error);
  clfit_csv_close(&csv);
  clfit_input_close(&input);
  if (!status) status = adopt(&samples, data, error);
  free(samples.x);
  free(samples.y);
  free(samples.weights);
  return request->regular ? conceal(name, status, error) : status;
}

clfit_status clfit_data_read_weighted(const char *path, const char *x_column, const char *y_column,
                                      const char *weight_column, clfit_data **data, clfit_error *error)
{
  const struct file_request request = {path, x_column, y_column, weight_column, .most = CLFIT_SAMPLES_MAX};
  return clfit_data_read(&request, data, error);
}

clfit_status clfit_data_read_csv(const char *path, const char *x_column, const char *y_column, clfit_data **data,
                                 clfit_error *error)
{
  return clfit_data_read_weighted(path, x_column, y_column, NULL, data, error);
}

clfit_status clfit_data_read_x(const char *path, const char *x_column, clfit_data **data, clfit_error *error)
{
  const struct file_request request = {path, x_column, .most = CLFIT_SAMPLES_MAX, .x_only = true};
  return clfit_data_read(&request, data, error);
}
