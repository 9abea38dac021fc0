#include "base/error.h"
#include "base/number.h"
#include "data/csv.h"
#include "data/data.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Characters of a column's name that a message shows. */
#define COLUMN_SHOWN 60

/* Samples while they are read. */
struct samples {
  double *x, *y; /* [capacity] */
  size_t count, capacity;
};

/* Where the samples stand in a file. */
struct columns {
  size_t x, y;  /* index of the field */
  size_t count; /* fields that every record has */
  char x_name[COLUMN_SHOWN + 1], y_name[COLUMN_SHOWN + 1];
};

static bool has_column(const struct csv *csv, const char *name)
{
  for (size_t i = 0; i < csv->field_count; i++)
    if (strcmp(csv->fields[i], name) == 0) return true;
  return false;
}

/* "x, y, z" */
static void list_columns(const struct csv *csv, char *text, size_t size)
{
  size_t used = 0;
  for (size_t i = 0; i < csv->field_count && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", csv->fields[i]);
}

/* The index that a column's number, from 1, stands for; field_count if text is no such number. */
static size_t index_of_number(const struct csv *csv, const char *text)
{
  if (!*text || text[strspn(text, "0123456789")]) return csv->field_count;
  errno = 0;
  unsigned long number = strtoul(text, NULL, 10);
  return errno || number < 1 || number > csv->field_count ? csv->field_count : (size_t)number - 1;
}

/* Finds a column by name or number in the header at hand. */
static clfit_status find_column(const struct csv *csv, const char *wanted, size_t *column, clfit_error *error)
{
  size_t matches = 0;
  for (size_t i = 0; i < csv->field_count; i++)
    if (strcmp(csv->fields[i], wanted) == 0 && matches++ == 0) *column = i;
  if (matches > 1)
    return clfit_csv_fail(csv, csv->line, error, "%zu columns are named '%.*s'", matches, COLUMN_SHOWN, wanted);
  if (matches == 0) *column = index_of_number(csv, wanted);
  if (*column < csv->field_count) return CLFIT_OK;
  char names[200];
  list_columns(csv, names, sizeof names);
  return clfit_csv_fail(csv, csv->line, error, "no column '%.*s'; there are %zu: %s", COLUMN_SHOWN, wanted,
                        csv->field_count, names);
}

/* In a file without a header the first sample would be taken for the header and lost; so a header of numbers is
 * refused. */
static clfit_status check_header(const struct csv *csv, clfit_error *error)
{
  for (size_t i = 0; i < csv->field_count; i++) {
    double number;
    if (!clfit_number_parse(csv->fields[i], &number)) return CLFIT_OK;
  }
  return clfit_csv_fail(csv, csv->line, error, "only numbers; the first line must name the columns, as in x,y");
}

/* The column that the caller named, else the one called name, else, in a header that has neither x nor y, the one at
 * index. */
static clfit_status choose_column(const struct csv *csv, const char *given, const char *name, size_t index,
                                  size_t *column, clfit_error *error)
{
  if (given) return find_column(csv, given, column, error);
  if (has_column(csv, "x") || has_column(csv, "y")) return find_column(csv, name, column, error);
  *column = index;
  if (index < csv->field_count) return CLFIT_OK;
  return clfit_csv_fail(csv, csv->line, error, "one column, '%.*s'; x and y need two", COLUMN_SHOWN, csv->fields[0]);
}

static clfit_status find_columns(const struct csv *csv, const char *x_column, const char *y_column,
                                 struct columns *columns, clfit_error *error)
{
  clfit_status status = check_header(csv, error);
  if (!status) status = choose_column(csv, x_column, "x", 0, &columns->x, error);
  if (!status) status = choose_column(csv, y_column, "y", 1, &columns->y, error);
  if (status) return status;
  columns->count = csv->field_count;
  snprintf(columns->x_name, sizeof columns->x_name, "%s", csv->fields[columns->x]);
  snprintf(columns->y_name, sizeof columns->y_name, "%s", csv->fields[columns->y]);
  /* the caller wants one column as both (used for files with x only) */
  bool meant = x_column && y_column && !strcmp(x_column, y_column);
  if (columns->x != columns->y || meant) return CLFIT_OK;
  return clfit_csv_fail(csv, csv->line, error, "x and y are both the column '%s'", columns->x_name);
}

static clfit_status read_number(const struct csv *csv, const char *column, const char *text, double *value,
                                clfit_error *error)
{
  if (!*text) return clfit_csv_fail(csv, csv->line, error, "column '%s' is empty", column);
  if (!clfit_number_parse(text, value) || !isfinite(*value))
    return clfit_csv_fail(csv, csv->line, error, "column '%s': '%.40s' is not a finite decimal number", column, text);
  if (!isfinite((float)*value))
    return clfit_csv_fail(csv, csv->line, error, "column '%s': %.40s is beyond the range of float32", column, text);
  return CLFIT_OK;
}

static clfit_status grow(struct samples *samples, clfit_error *error)
{
  size_t capacity = samples->capacity ? 2 * samples->capacity : 256;
  if (capacity > SIZE_MAX / sizeof(double)) return clfit_fail_memory(error);
  double *x = realloc(samples->x, capacity * sizeof *x);
  if (x) samples->x = x;
  double *y = realloc(samples->y, capacity * sizeof *y);
  if (y) samples->y = y;
  if (!x || !y) return clfit_fail_memory(error);
  samples->capacity = capacity;
  return CLFIT_OK;
}

/* Appends the sample in the current record. */
static clfit_status add_sample(const struct csv *csv, const struct columns *columns, struct samples *samples,
                               size_t most, clfit_error *error)
{
  if (csv->field_count != columns->count)
    return clfit_csv_fail(csv, csv->line, error, "%zu fields; the header has %zu", csv->field_count, columns->count);
  if (samples->count == most) return clfit_csv_fail(csv, csv->line, error, "too many samples; there may be %zu", most);
  clfit_status status = samples->count == samples->capacity ? grow(samples, error) : CLFIT_OK;
  double x, y;
  if (!status) status = read_number(csv, columns->x_name, csv->fields[columns->x], &x, error);
  if (!status) status = read_number(csv, columns->y_name, csv->fields[columns->y], &y, error);
  if (status) return status;
  samples->x[samples->count] = x;
  samples->y[samples->count++] = y;
  return CLFIT_OK;
}

static clfit_status read_samples(struct csv *csv, const char *x_column, const char *y_column, size_t most,
                                 struct samples *samples, clfit_error *error)
{
  struct columns columns;
  bool end;
  clfit_status status = clfit_csv_next(csv, &end, error);
  if (status) return status;
  if (end) return clfit_csv_fail(csv, csv->line, error, "no header; the first line must name the columns, as in x,y");
  status = find_columns(csv, x_column, y_column, &columns, error);
  if (status) return status;
  while (!(status = clfit_csv_next(csv, &end, error)) && !end) {
    status = add_sample(csv, &columns, samples, most, error);
    if (status) return status;
  }
  if (status || samples->count) return status;
  return clfit_csv_fail(csv, csv->line, error, "no data rows after the header");
}

clfit_status clfit_data_read_csv_most(const char *path, const char *x_column, const char *y_column, size_t most,
                                      clfit_data **data, clfit_error *error)
{
  assert(path && data);
  *data = NULL;
  struct csv csv;
  struct samples samples = {0};
  clfit_status status = clfit_csv_open(&csv, path, error);
  if (!status) status = read_samples(&csv, x_column, y_column, most, &samples, error);
  if (!status) status = clfit_data_create(samples.count, samples.x, samples.y, data, error);
  free(samples.x);
  free(samples.y);
  clfit_csv_close(&csv);
  return status;
}

clfit_status clfit_data_read_csv(const char *path, const char *x_column, const char *y_column, clfit_data **data,
                                 clfit_error *error)
{
  return clfit_data_read_csv_most(path, x_column, y_column, CLFIT_SAMPLES_MAX, data, error);
}
