/* Scaling: between the units of the samples and those that networks see. */
#include "base/error.h"
#include "base/names.h"
#include "base/strict.h"
#include "data/data.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- the table of scales -------------------------------------------------------------------------------------- */

/* What a column of values becomes: scaled = (value - offset) / factor. */
struct column {
  double factor, offset;
};

/* Finds the scaling of n values that lie from low to high, which are not equal. */
typedef struct column find_column(size_t n, const double *values, double low, double high);

static struct column find_none(size_t n, const double *values, double low, double high)
{
  (void)n;
  (void)values;
  (void)low;
  (void)high;
  return (struct column){1, 0};
}

static struct column find_range(size_t n, const double *values, double low, double high)
{
  (void)n;
  (void)values;
  return (struct column){(high - low) / 2, (high + low) / 2};
}

/* In two passes in index order; the deviation is that of the samples themselves (1/n). */
static struct column find_standard(size_t n, const double *values, double low, double high)
{
  double sum = 0, squares = 0;
  (void)low;
  (void)high;
  for (size_t i = 0; i < n; i++) sum += values[i];
  double mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) squares = fma(values[i] - mean, values[i] - mean, squares);
  return (struct column){sqrt(squares / (double)n), mean};
}

static const struct {
  const char *name;
  find_column *find;
} table[] = {
    [CLFIT_SCALE_NONE] = {"none", find_none},
    [CLFIT_SCALE_RANGE] = {"range", find_range},
    [CLFIT_SCALE_STANDARD] = {"standard", find_standard},
};

#define COUNT (sizeof table / sizeof *table)

const char *clfit_scale_name(clfit_scale scale)
{
  return scale < COUNT ? table[scale].name : NULL;
}

clfit_status clfit_scale_find(const char *name, clfit_scale *scale, clfit_error *error)
{
  assert(name && scale);
  return clfit_name_find("scale", clfit_scale_name, NULL, name, scale, error);
}

/* ---- the scaling of samples ------------------------------------------------------------------------------------ */

static void find_ends(size_t n, const double *values, double *low, double *high)
{
  *low = *high = values[0];
  for (size_t i = 1; i < n; i++) {
    if (values[i] < *low) *low = values[i];
    if (values[i] > *high) *high = values[i];
  }
}

static void find_x_ends(const clfit_data *data, double *low, double *high)
{
  *low = data->low;
  *high = data->high;
  if (!(data->low < data->high)) find_ends(data->count, data->x, low, high);
}

static bool is_usable(struct column column)
{
  return isfinite(column.factor) && column.factor > 0 && isfinite(column.offset);
}

/* A constant column keeps its unit; so does one whose values differ by less than can be squared. */
static struct column scale_column(clfit_scale scale, size_t n, const double *values, double low, double high)
{
  struct column constant = {1, scale == CLFIT_SCALE_NONE ? 0 : low};
  struct column column = low < high ? table[scale].find(n, values, low, high) : constant;
  return is_usable(column) ? column : constant;
}

static clfit_scaling find_scaling(const clfit_data *data, clfit_scale scale)
{
  double low, high;
  find_x_ends(data, &low, &high);
  struct column x = scale_column(scale, data->count, data->x, low, high);
  find_ends(data->count, data->y, &low, &high);
  struct column y = scale_column(scale, data->count, data->y, low, high);
  return (clfit_scaling){x.factor, x.offset, y.factor, y.offset};
}

/* Values of a file of its own may lie so far from those that made the scaling that they overflow. */
clfit_status clfit_data_apply_scaling(clfit_data *data, clfit_error *error)
{
  const clfit_scaling scaling = clfit_scaling_complete(&data->scaling);
  for (size_t i = 0; i < data->count; i++) {
    data->x_float[i] = (float)((data->x[i] - scaling.x_offset) / scaling.x_factor);
    data->y_float[i] = (float)((data->y[i] - scaling.y_offset) / scaling.y_factor);
    if (!isfinite(data->x_float[i]) || !isfinite(data->y_float[i]))
      return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "sample %zu is not finite in float32 when it is scaled", i + 1);
  }
  return CLFIT_OK;
}

clfit_status clfit_data_scale(clfit_data *data, clfit_scale scale, clfit_error *error)
{
  assert(data);
  if (scale >= COUNT) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no scale %u", (unsigned)scale);
  data->scaling = find_scaling(data, scale);
  return clfit_data_apply_scaling(data, error);
}

clfit_scaling clfit_data_scaling(const clfit_data *data)
{
  return clfit_scaling_complete(&data->scaling);
}

void clfit_data_range(const clfit_data *data, double *low, double *high)
{
  clfit_scaling scaling = clfit_data_scaling(data);
  find_x_ends(data, low, high);
  *low = (double)(float)((*low - scaling.x_offset) / scaling.x_factor);
  *high = (double)(float)((*high - scaling.x_offset) / scaling.x_factor);
}

void clfit_data_span(const clfit_data *data, double *low, double *high)
{
  find_x_ends(data, low, high);
}

/* ---- a scaling ------------------------------------------------------------------------------------------------- */

clfit_scaling clfit_scaling_complete(const clfit_scaling *scaling)
{
  clfit_scaling complete = scaling ? *scaling : (clfit_scaling){1, 0, 1, 0};
  if (complete.x_factor == 0) complete.x_factor = 1;
  if (complete.y_factor == 0) complete.y_factor = 1;
  return complete;
}

bool clfit_scaling_is_identity(const clfit_scaling *scaling)
{
  clfit_scaling complete = clfit_scaling_complete(scaling);
  return complete.x_factor == 1 && complete.x_offset == 0 && complete.y_factor == 1 && complete.y_offset == 0;
}

void clfit_scaling_scale_x(const clfit_scaling *scaling, size_t n, const double *x, double *scaled)
{
  clfit_scaling complete = clfit_scaling_complete(scaling);
  for (size_t i = 0; i < n; i++) scaled[i] = (x[i] - complete.x_offset) / complete.x_factor;
}

/* fma(-0, 1, 0) is +0: without a scaling a z of -0 stays what it is. */
void clfit_scaling_undo_y(const clfit_scaling *scaling, size_t n, const float *z, double *y)
{
  clfit_scaling complete = clfit_scaling_complete(scaling);
  bool plain = complete.y_factor == 1 && complete.y_offset == 0;
  for (size_t i = 0; i < n; i++) y[i] = plain ? (double)z[i] : fma((double)z[i], complete.y_factor, complete.y_offset);
}
