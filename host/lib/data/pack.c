/*
 * Samples as bytes, little-endian: mark, version, number of samples, of those held out, whether there are weights and
 * columns (six 4-byte integers); of a file's columns: their number and the rows (8 bytes each), separator, decimal
 * comma and header (4 bytes each), then x, y and weight: number (8), unique (4), low and high (float64) and name; then
 * all x, all y and all weights (float64).
 */
#include "base/error.h"
#include "base/little_endian.h"
#include "data/data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MARK         0x53574f52u /* "ROWS" */
#define VERSION      1u
#define HEAD_SIZE    (6 * 4)
#define COLUMN_SIZE  (8 + 4 + 2 * 8 + CLFIT_COLUMN_NAME_SIZE)
#define COLUMNS_SIZE (2 * 8 + 3 * 4 + 3 * COLUMN_SIZE)

static unsigned char *put(unsigned char *at, uint64_t value, int size)
{
  clfit_store_little_endian(at, value, size);
  return at + size;
}

static unsigned char *put_real(unsigned char *at, double value)
{
  clfit_store_double(at, value);
  return at + 8;
}

static unsigned char *put_column(unsigned char *at, const clfit_column *column)
{
  at = put(at, column->number, 8);
  at = put(at, column->unique, 4);
  at = put_real(at, column->low);
  at = put_real(at, column->high);
  memcpy(at, column->name, CLFIT_COLUMN_NAME_SIZE);
  return at + CLFIT_COLUMN_NAME_SIZE;
}

static unsigned char *put_columns(unsigned char *at, const clfit_columns *columns)
{
  at = put(at, columns->count, 8);
  at = put(at, columns->rows, 8);
  at = put(at, (unsigned char)columns->separator, 4);
  at = put(at, columns->decimal_comma, 4);
  at = put(at, columns->header, 4);
  at = put_column(at, &columns->x);
  at = put_column(at, &columns->y);
  return put_column(at, &columns->weight);
}

static unsigned char *put_reals(unsigned char *at, size_t n, const double *values)
{
  for (size_t i = 0; values && i < n; i++) at = put_real(at, values[i]);
  return at;
}

static size_t size_of(size_t n, bool weights, bool columns)
{
  return HEAD_SIZE + (columns ? COLUMNS_SIZE : 0) + n * 8 * (weights ? 3 : 2);
}

clfit_status clfit_data_pack(const clfit_data *data, unsigned char **bytes, size_t *size, clfit_error *error)
{
  assert(!*data->whole_digest); /* the samples are in the order in which they were read */
  *size = size_of(data->count, data->weights, data->columns);
  *bytes = malloc(*size);
  if (!*bytes) return clfit_fail_memory(error);
  const uint64_t head[] = {MARK, VERSION, data->count, data->held, data->weights != NULL, data->columns != NULL};
  unsigned char *at = *bytes;
  for (size_t i = 0; i < sizeof head / sizeof *head; i++) at = put(at, head[i], 4);
  if (data->columns) at = put_columns(at, data->columns);
  at = put_reals(at, data->count, data->x);
  at = put_reals(at, data->count, data->y);
  put_reals(at, data->count, data->weights);
  return CLFIT_OK;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static uint64_t get(const unsigned char **at, int size)
{
  const uint64_t value = clfit_load_little_endian(*at, size);
  *at += size;
  return value;
}

static double get_real(const unsigned char **at)
{
  const double value = clfit_load_double(*at);
  *at += 8;
  return value;
}

static clfit_column get_column(const unsigned char **at)
{
  clfit_column column = {.number = (size_t)get(at, 8)};
  column.unique = get(at, 4) != 0;
  column.low = get_real(at);
  column.high = get_real(at);
  memcpy(column.name, *at, CLFIT_COLUMN_NAME_SIZE);
  column.name[CLFIT_COLUMN_NAME_SIZE - 1] = '\0';
  *at += CLFIT_COLUMN_NAME_SIZE;
  return column;
}

static clfit_status get_columns(const unsigned char *at, clfit_data *data, clfit_error *error)
{
  clfit_columns *columns = data->columns = calloc(1, sizeof *columns);
  if (!columns) return clfit_fail_memory(error);
  columns->count = (size_t)get(&at, 8);
  columns->rows = (size_t)get(&at, 8);
  columns->separator = (char)get(&at, 4);
  columns->decimal_comma = get(&at, 4) != 0;
  columns->header = get(&at, 4) != 0;
  columns->x = get_column(&at);
  columns->y = get_column(&at);
  columns->weight = get_column(&at);
  return CLFIT_OK;
}

/* NULL: no memory. */
static double *get_reals(const unsigned char *at, size_t n)
{
  double *values = malloc(n * sizeof *values);
  for (size_t i = 0; values && i < n; i++) values[i] = get_real(&at);
  return values;
}

static clfit_status get_samples(const unsigned char *at, size_t n, bool weighted, clfit_data **data, clfit_error *error)
{
  double *x = get_reals(at, n), *y = get_reals(at + 8 * n, n);
  double *weights = weighted ? get_reals(at + 16 * n, n) : NULL;
  if (!weighted || weights) return clfit_data_adopt(n, x, y, weights, data, error);
  free(x);
  free(y);
  return clfit_fail_memory(error);
}

clfit_status clfit_data_unpack(const unsigned char *bytes, size_t size, clfit_data **data, clfit_error *error)
{
  enum { IS_MARK, IS_VERSION, COUNT, HELD, WEIGHTS, COLUMNS, NUMBERS };
  const unsigned char *at = bytes;
  uint64_t head[NUMBERS] = {0};
  *data = NULL;
  for (int i = 0; size >= HEAD_SIZE && i < NUMBERS; i++) head[i] = get(&at, 4);
  if (head[IS_MARK] != MARK || head[IS_VERSION] != VERSION)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "they are no samples that this version of clfit has packed");
  const size_t n = (size_t)head[COUNT];
  if (n < 1 || n > CLFIT_SAMPLES_MAX || head[HELD] >= n || head[WEIGHTS] > 1 || head[COLUMNS] > 1 ||
      (size - HEAD_SIZE) / 16 < n || size != size_of(n, head[WEIGHTS], head[COLUMNS]))
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "the samples are damaged");
  clfit_status status = get_samples(at + (head[COLUMNS] ? COLUMNS_SIZE : 0), n, head[WEIGHTS], data, error);
  if (status == CLFIT_ERROR_ARGUMENT) status = clfit_fail(error, CLFIT_ERROR_FORMAT, "the samples are damaged");
  if (!status && head[COLUMNS]) status = get_columns(at, *data, error);
  if (!status) {
    (*data)->held = (size_t)head[HELD];
    return CLFIT_OK;
  }
  clfit_data_free(*data);
  *data = NULL;
  return status;
}
