/* Which samples are held out: a choice by seed, or the rows of a file of their own. */
#include "base/error.h"
#include "data/data.h"
#include "philox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- the choice ---------------------------------------------------------------------------------------------- */

/* The random rank of a sample; the index makes all ranks different. */
static uint64_t rank_of(uint32_t seed, uint32_t sample)
{
  return (uint64_t)philox4x32((struct philox){sample, 0, 0, 0}, seed, PHILOX_HOLDOUT).word0 << 32 | sample;
}

static int compare(const void *a, const void *b)
{
  const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

/* The largest rank of the n_held smallest. Returns false if there is no memory. */
static bool find_last_rank(uint32_t n, uint32_t n_held, uint32_t seed, uint64_t *last)
{
  uint64_t *ranks = malloc(n * sizeof *ranks);
  if (!ranks) return false;
  for (uint32_t i = 0; i < n; i++) ranks[i] = rank_of(seed, i);
  qsort(ranks, n, sizeof *ranks, compare);
  *last = ranks[n_held - 1];
  free(ranks);
  return true;
}

/* The indices of those that are trained on, then of those held out, each rising. NULL: no memory. */
static uint32_t *make_order(uint32_t n, uint32_t n_held, uint32_t seed)
{
  uint32_t *order = malloc(n * sizeof *order), trained = 0, held = n - n_held;
  uint64_t last = 0;
  if (!order || !find_last_rank(n, n_held, seed, &last)) {
    free(order);
    return NULL;
  }
  for (uint32_t i = 0; i < n; i++) order[rank_of(seed, i) <= last ? held++ : trained++] = i;
  assert(trained == n - n_held && held == n);
  return order;
}

/* ---- the copy ------------------------------------------------------------------------------------------------ */

/* NULL for NULL, or no memory. */
static double *gather(size_t n, const uint32_t *order, const double *values)
{
  double *gathered = values ? malloc(n * sizeof *gathered) : NULL;
  for (size_t i = 0; gathered && i < n; i++) gathered[i] = values[order[i]];
  return gathered;
}

static void gather_floats(size_t n, const uint32_t *order, const float *values, float *gathered)
{
  for (size_t i = 0; i < n; i++) gathered[i] = values[order[i]];
}

/* Without a weight above 0 among the samples that are trained on there is nothing to learn. */
static clfit_status check_weights(const clfit_data *data, clfit_error *error)
{
  for (size_t i = 0; i < data->count - data->held; i++)
    if (!data->weights_float || data->weights_float[i] > 0) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "all samples with a weight above 0 are held out");
}

/* What a copy of samples that may be scaled takes over beside them. The range stays that of all samples. */
static clfit_status complete(clfit_data *copy, const clfit_data *data, size_t held, clfit_error *error)
{
  clfit_data_span(data, &copy->low, &copy->high);
  copy->scaling = data->scaling;
  copy->held = held;
  if (data->columns) {
    copy->columns = malloc(sizeof *copy->columns);
    if (!copy->columns) return clfit_fail_memory(error);
    *copy->columns = *data->columns;
  }
  return check_weights(copy, error);
}

static clfit_status copy_in_order(const clfit_data *data, const uint32_t *order, size_t held, clfit_data **split,
                                  clfit_error *error)
{
  const size_t n = data->count;
  double *x = gather(n, order, data->x), *y = gather(n, order, data->y), *weights = gather(n, order, data->weights);
  if (data->weights && !weights) {
    free(x);
    free(y);
    return clfit_fail_memory(error);
  }
  clfit_status status = clfit_data_adopt(n, x, y, weights, split, error);
  if (status) return status;
  gather_floats(n, order, data->x_float, (*split)->x_float);
  gather_floats(n, order, data->y_float, (*split)->y_float);
  clfit_data_digest(data, n, (*split)->whole_digest);
  status = complete(*split, data, held, error);
  if (!status) return CLFIT_OK;
  clfit_data_free(*split);
  *split = NULL;
  return status;
}

clfit_status clfit_data_split(const clfit_data *data, size_t held, uint32_t seed, clfit_data **split,
                              clfit_error *error)
{
  assert(data && split);
  *split = NULL;
  if (held < 1 || held >= data->count || data->held)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%zu of %zu samples cannot be held out%s", held, data->count,
                      data->held ? ", as some are already" : "");
  uint32_t *order = make_order((uint32_t)data->count, (uint32_t)held, seed);
  if (!order) return clfit_fail_memory(error);
  clfit_status status = copy_in_order(data, order, held, split, error);
  free(order);
  return status;
}

size_t clfit_data_held_out(const clfit_data *data)
{
  return data->held;
}

/* ---- samples of their own ------------------------------------------------------------------------------------ */

/* NULL for NULL, or no memory. */
static double *join(size_t n, const double *values, size_t n_more, const double *more)
{
  double *joined = values && more ? malloc((n + n_more) * sizeof *joined) : NULL;
  if (!joined) return NULL;
  memcpy(joined, values, n * sizeof *joined);
  memcpy(joined + n, more, n_more * sizeof *joined);
  return joined;
}

clfit_status clfit_data_append_held(const clfit_data *data, const clfit_data *held, clfit_data **joined,
                                    clfit_error *error)
{
  const size_t n = data->count, more = held->count;
  *joined = NULL;
  if (more > CLFIT_SAMPLES_MAX - n)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there are %zu samples and %zu held out, more than %u in all", n,
                      more, CLFIT_SAMPLES_MAX);
  double *x = join(n, data->x, more, held->x), *y = join(n, data->y, more, held->y);
  double *weights = join(n, data->weights, more, held->weights);
  if (data->weights && !weights) {
    free(x);
    free(y);
    return clfit_fail_memory(error);
  }
  clfit_status status = clfit_data_adopt(n + more, x, y, weights, joined, error);
  if (!status) status = complete(*joined, data, more, error);
  if (!status) status = clfit_data_apply_scaling(*joined, error);
  if (!status) return CLFIT_OK;
  clfit_data_free(*joined);
  *joined = NULL;
  return status;
}
