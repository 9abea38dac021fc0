#include "data/data.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/little_endian.h"
#include "base/mt19937.h"
#include "base/number.h"

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

/* Room for n samples, 1 .. CLFIT_SAMPLES_MAX; NULL: no memory. */
static clfit_data *allocate(size_t n)
{
  clfit_data *data = calloc(1, sizeof *data);
  size_t sample_size = 2 * sizeof(double) + 2 * sizeof(float);
  void *block = n <= SIZE_MAX / sample_size ? malloc(n * sample_size) : NULL;
  if (!data || !block) {
    free(block);
    free(data);
    return NULL;
  }
  data->count = n;
  data->x = block;
  data->y = data->x + n;
  data->x_float = (float *)(data->y + n);
  data->y_float = data->x_float + n;
  return data;
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

clfit_status clfit_data_create(size_t n, const double *x, const double *y, clfit_data **data, clfit_error *error)
{
  assert(data);
  *data = NULL;
  clfit_status status = check_count(n, error);
  if (status) return status;
  assert(x && y);
  clfit_data *made = allocate(n);
  if (!made) return clfit_fail_memory(error);
  memcpy(made->x, x, n * sizeof *x);
  memcpy(made->y, y, n * sizeof *y);
  status = round_samples(made, error);
  if (status) {
    clfit_data_free(made);
    return status;
  }
  *data = made;
  return CLFIT_OK;
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
  clfit_data *made = allocate(n);
  if (!made) return clfit_fail_memory(error);
  draw_x(low, high, n, seed, made->x);
  status = clfit_target_evaluate(target, n, made->x, made->y, error);
  if (!status) status = round_samples(made, error);
  if (status) {
    clfit_data_free(made);
    return status;
  }
  made->low = low;
  made->high = high;
  *data = made;
  return CLFIT_OK;
}

void clfit_data_free(clfit_data *data)
{
  if (!data) return;
  free(data->x); /* holds the other three */
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
  struct sha256_ctx hash;
  sha256_init(&hash);
  clfit_digest_floats(&hash, n, data->x_float);
  clfit_digest_floats(&hash, n, data->y_float);
  digest_scaling(&hash, data);
  clfit_digest_finish(&hash, digest);
}
