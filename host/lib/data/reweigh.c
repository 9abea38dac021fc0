/* The same samples with other weights. */
#include "base/error.h"
#include "data/data.h"

#include <stdlib.h>
#include <string.h>

clfit_status clfit_data_reweigh(const clfit_data *data, const double *weights, clfit_data **copy, clfit_error *error)
{
  const size_t n = data->count;
  clfit_status status = clfit_data_create_weighted(n, data->x, data->y, weights, copy, error);
  if (status) return status;
  memcpy((*copy)->x_float, data->x_float, n * sizeof *data->x_float);
  memcpy((*copy)->y_float, data->y_float, n * sizeof *data->y_float);
  (*copy)->low = data->low;
  (*copy)->high = data->high;
  (*copy)->scaling = data->scaling;
  (*copy)->held = data->held;
  return CLFIT_OK;
}
