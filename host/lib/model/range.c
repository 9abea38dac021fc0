#include "model/range.h"

#include <math.h>

static void find_ends(const clfit_data *data, double *low, double *high)
{
  const double *x = clfit_data_x(data);
  *low = *high = x[0];
  for (size_t i = 1; i < clfit_data_count(data); i++) {
    *low = x[i] < *low ? x[i] : *low;
    *high = x[i] > *high ? x[i] : *high;
  }
}

void clfit_export_range(const clfit_model *model, const clfit_export_options *options, double *low, double *high)
{
  *low = *high = NAN;
  if (model->source.target) {
    *low = model->source.low;
    *high = model->source.high;
  } else if (options->data) {
    find_ends(options->data, low, high);
  }
  if (!isnan(options->low)) *low = options->low;
  if (!isnan(options->high)) *high = options->high;
}
