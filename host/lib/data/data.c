#include "data/data.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/little_endian.h"
#include "base/mt19937.h"
#include "base/number.h"
#include "base/strict.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static clfit_status check_count(size_t n, clfit_error *error)
{
  if (n >= 1 && n <= CLFIT_SAMPLES_MAX) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%zu samples; there must be 1 to %lu", n,
                    (unsigned long)CLFIT_SAMPLES_MAX);
}

/* A float64 beyond float32's range rounds to an infinity. */
static bool fits_float(double value)
{
  return isfinite((float)value);
}

static clfit_status check_sample(size_t i, double x, double y, clfit_error *error)
{
  if (fits_float(x) && fits_float(y)) return CLFIT_OK;
  char x_text[CLFIT_NUMBER_SIZE], y_text[CLFIT_NUMBER_SIZE];
  clfit_number_print(x_text, x);
  clfit_number_print(y_text, y);
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "sample %zu (x = %s, y = %s) is not finite in float32", i + 1, x_text,
                    y_text);
}

/* Room for the float32 arrays; false: no memory. */
static bool allocate_floats(clfit_data *data)
{
  data->x_float = malloc(data->count * sizeof *data->x_float);
  data->y_float = malloc(data->count * sizeof *data->y_float);
  if (data->weights) data->weights_float = malloc(data->count * sizeof *data->weights_float);
  return data->x_float && data->y_float && (!data->weights || data->weights_float);
}

/* Checks the float64 samples of data and rounds them. */
static clfit_status round_samples(clfit_data *data, clfit_error *error)
{
  for (size_t i = 0; i < data->count; i++) {
    clfit_status status = check_sample(i, data->x[i], data->y[i], error);
    if (status) return status;
    data->x_float[i] = (float)data->x[i];
    data->y_float[i] = (float)data->y[i];
  }
  return CLFIT_OK;
}

clfit_status clfit_data_replace_y(clfit_data *data, const double *y, clfit_error *error)
{
  for (size_t i = 0; i < data->count; i++) {
    clfit_status status = check_sample(i, data->x[i], y[i], error);
    if (status) return status;
  }
  for (size_t i = 0; i < data->count; i++) {
    data->y[i] = y[i];
    data->y_float[i] = (float)y[i];
  }
  return CLFIT_OK;
}

/* Checks the weights and rounds them. Those that are 0 in float32 are of no effect, so not all may be. */
static clfit_status round_weights(clfit_data *data, clfit_error *error)
{
  bool any = false;
  for (size_t i = 0; data->weights && i < data->count; i++) {
    double weight = data->weights[i];
    char text[CLFIT_NUMBER_SIZE];
    if (!(weight >= 0) || !fits_float(weight)) {
      clfit_number_print(text, weight);
      return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the weight of sample %zu is %s; it must be 0 or more, and finite",
                        i + 1, text);
    }
    data->weights_float[i] = (float)weight;
    any = any || data->weights_float[i] > 0;
  }
  if (any || !data->weights) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "all weights are 0, so no sample counts");
}

clfit_status clfit_data_adopt(size_t n, double *x, double *y, double *weights, clfit_data **data, clfit_error *error)
{
  clfit_data *made = calloc(1, sizeof *made);
  *data = NULL;
  if (!made || !x || !y) {
    free(x);
    free(y);
    free(weights);
    free(made);
    return clfit_fail_memory(error);
  }
  *made = (clfit_data){.count = n, .x = x, .y = y, .weights = weights};
  atomic_init(&made->holders, 1);
  clfit_status status = allocate_floats(made) ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) status = round_samples(made, error);
  if (!status) status = round_weights(made, error);
  if (status)
    clfit_data_free(made);
  else
    *data = made;
  return status;
}

/* NULL: no memory. n is at most CLFIT_SAMPLES_MAX, and on 32 bits malloc refuses what is too large: the size does not
 * overflow. */
static double *copy_of(size_t n, const double *values)
{
  double *copy = malloc(n * sizeof *copy);
  if (copy) memcpy(copy, values, n * sizeof *copy);
  return copy;
}

clfit_status clfit_data_create_weighted(size_t n, const double *x, const double *y, const double *weights,
                                        clfit_data **data, clfit_error *error)
{
  assert(data);
  *data = NULL;
  clfit_status status = check_count(n, error);
  if (status) return status;
  assert(x && y);
  double *own_x = copy_of(n, x), *own_y = copy_of(n, y), *own_weights = weights ? copy_of(n, weights) : NULL;
  if (!weights || own_weights) return clfit_data_adopt(n, own_x, own_y, own_weights, data, error);
  free(own_x);
  free(own_y);
  return clfit_fail_memory(error);
}

clfit_status clfit_data_create(size_t n, const double *x, const double *y, clfit_data **data, clfit_error *error)
{
  return clfit_data_create_weighted(n, x, y, NULL, data, error);
}

static clfit_status check_domain(double low, double high, clfit_error *error)
{
  if (fits_float(low) && fits_float(high) && low < high) return CLFIT_OK;
  char low_text[CLFIT_NUMBER_SIZE], high_text[CLFIT_NUMBER_SIZE];
  clfit_number_print(low_text, low);
  clfit_number_print(high_text, high);
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                    "the domain is %s to %s; both ends must be finite in float32, and the first the smaller one",
                    low_text, high_text);
}

/* random_sample((n, 2)) fills row by row: every second draw belongs to column 1, which the target's values replace. */
static void draw_x(double low, double high, size_t n, uint32_t seed, double *x)
{
  struct mt19937 stream;
  clfit_mt19937_seed(&stream, seed);
  for (size_t i = 0; i < n; i++) {
    x[i] = low + (high - low) * clfit_mt19937_uniform(&stream);
    clfit_mt19937_uniform(&stream);
  }
}

clfit_status clfit_data_sample(clfit_target *target, double low, double high, size_t n, uint32_t seed,
                               clfit_data **data, clfit_error *error)
{
  assert(target && data);
  *data = NULL;
  clfit_status status = check_count(n, error);
  if (!status) status = check_domain(low, high, error);
  if (status) return status;
  double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
  if (x && y) {
    draw_x(low, high, n, seed, x);
    status = clfit_target_evaluate(target, n, x, y, error);
  }
  if (!status)
    status = clfit_data_adopt(n, x, y, NULL, data, error);
  else {
    free(x);
    free(y);
  }
  if (status) return status;
  (*data)->low = low;
  (*data)->high = high;
  return CLFIT_OK;
}

const clfit_data *clfit_data_hold(const clfit_data *data)
{
  atomic_fetch_add(&((clfit_data *)data)->holders, 1);
  return data;
}

void clfit_data_free(clfit_data *data)
{
  if (!data || atomic_fetch_sub(&data->holders, 1) > 1) return;
  free(data->x);
  free(data->y);
  free(data->weights);
  free(data->x_float);
  free(data->y_float);
  free(data->weights_float);
  free(data->columns);
  free(data);
}

size_t clfit_data_count(const clfit_data *data)
{
  return data->count;
}

const double *clfit_data_x(const clfit_data *data)
{
  return data->x;
}

const double *clfit_data_y(const clfit_data *data)
{
  return data->y;
}

const float *clfit_data_x_float(const clfit_data *data)
{
  return data->x_float;
}

const float *clfit_data_y_float(const clfit_data *data)
{
  return data->y_float;
}

const double *clfit_data_weights(const clfit_data *data)
{
  return data->weights;
}

const float *clfit_data_weights_float(const clfit_data *data)
{
  return data->weights_float;
}

const clfit_columns *clfit_data_columns(const clfit_data *data)
{
  return data->columns;
}

void clfit_grid(double low, double high, size_t n, double *x)
{
  if (n == 0) return;
  x[0] = low;
  if (n == 1) return;
  double step = (high - low) / (double)(n - 1);
  for (size_t i = 1; i < n; i++) x[i] = (double)i * step + low;
  x[n - 1] = high;
}

/* Scaled samples are other ones in another unit. */
static void digest_scaling(struct sha256_ctx *hash, const clfit_data *data)
{
  const clfit_scaling *scaling = &data->scaling;
  const double numbers[] = {scaling->x_factor, scaling->x_offset, scaling->y_factor, scaling->y_offset};
  if (clfit_scaling_is_identity(scaling)) return;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    uint64_t pattern;
    unsigned char bytes[sizeof pattern];
    memcpy(&pattern, &numbers[i], sizeof pattern);
    clfit_store_little_endian(bytes, pattern, sizeof bytes);
    sha256_update(hash, sizeof bytes, bytes);
  }
}

void clfit_data_digest(const clfit_data *data, size_t n, char digest[CLFIT_DIGEST_SIZE])
{
  assert(data && n <= data->count);
  if (n == data->count && *data->whole_digest) {
    memcpy(digest, data->whole_digest, CLFIT_DIGEST_SIZE);
    return;
  }
  struct sha256_ctx hash;
  sha256_init(&hash);
  clfit_digest_floats(&hash, n, data->x_float);
  clfit_digest_floats(&hash, n, data->y_float);
  if (data->weights) clfit_digest_floats(&hash, n, data->weights_float);
  digest_scaling(&hash, data);
  clfit_digest_finish(&hash, digest);
}
