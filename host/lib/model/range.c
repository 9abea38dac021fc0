#include "model/range.h"

#include <math.h>

void clfit_learnt_range(const clfit_model *model, const clfit_export_options *options, double *low, double *high)
{
  *low = *high = NAN;
  if (!model->source.target && options->data)
    clfit_data_span(options->data, low, high);
  else
    clfit_model_range(model, low, high);
}

void clfit_export_range(const clfit_model *model, const clfit_export_options *options, double *low, double *high)
{
  clfit_learnt_range(model, options, low, high);
  if (!isnan(options->low)) *low = options->low;
  if (!isnan(options->high)) *high = options->high;
}
