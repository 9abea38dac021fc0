/* From a target or a file to samples. */
#include "cli/train/train.h"

#include "cli/io/message.h"

#include <stdlib.h>
#include <string.h>

static clfit_status sample_target(struct source *source, const struct origin *origin, uint32_t samples,
                                  clfit_error *error)
{
  clfit_target *target = NULL;
  clfit_status status = clfit_target_parse(origin->target, &target, error);
  if (status) goto out;
  clfit_grid(origin->domain.low, origin->domain.high, TEST_POINTS, source->test_x);
  status = clfit_target_evaluate(target, TEST_POINTS, source->test_x, source->test_y, error);
  if (status) goto out;
  status = clfit_data_sample(target, origin->domain.low, origin->domain.high, samples, origin->sample_seed,
                             &source->data, error);
out:
  clfit_target_free(target);
  return status ? fail_in(error, "--target") : CLFIT_OK;
}

static void span(const clfit_data *data, size_t n, double *low, double *high)
{
  const double *x = clfit_data_x(data);
  *low = *high = x[0];
  for (size_t i = 1; i < n; i++) {
    if (x[i] < *low) *low = x[i];
    if (x[i] > *high) *high = x[i];
  }
}

static clfit_status read_file(struct source *source, const struct origin *origin, uint32_t *samples, clfit_error *error)
{
  double low, high;
  clfit_status status =
      clfit_data_read_csv(origin->data_path, origin->x_column, origin->y_column, &source->data, error);
  if (status) return status;
  size_t rows = clfit_data_count(source->data);
  if (*samples == 0) *samples = (uint32_t)rows;
  if (rows < *samples)
    return refuse(error, "%.200s has %zu rows now, and the model was trained on %u", origin->data_path, rows, *samples);
  span(source->data, *samples, &low, &high);
  clfit_grid(low, high, LINE_POINTS, source->line_x);
  return CLFIT_OK;
}

clfit_status source_open(struct source *source, const struct origin *origin, uint32_t *samples, clfit_error *error)
{
  return origin->target ? sample_target(source, origin, *samples, error) : read_file(source, origin, samples, error);
}

void source_close(struct source *source)
{
  clfit_data_free(source->data);
  source->data = NULL;
}
