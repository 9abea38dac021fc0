/* A table of x and y, for programs that interpolate and for pictures. */
#include "base/error.h"
#include "base/number.h"
#include "model/format.h"
#include "model/range.h"

#include <math.h>
#include <stdlib.h>

/* An empty field is a number that is not finite. An answer without a scaling is a float32. */
static void print_row(FILE *stream, double x, double y, bool is_float)
{
  char x_text[CLFIT_NUMBER_SIZE], y_text[CLFIT_NUMBER_SIZE];
  clfit_number_print(x_text, x);
  if (is_float)
    clfit_number_print_float(y_text, (float)y);
  else
    clfit_number_print(y_text, y);
  fprintf(stream, "%s,%s\n", x_text, isfinite(y) ? y_text : "");
}

static void print_table(const clfit_model *model, size_t count, const double *x, const double *y, FILE *stream)
{
  const bool is_float = clfit_scaling_is_identity(&model->scaling);
  fputs("x,y\n", stream);
  for (size_t i = 0; i < count && !ferror(stream); i++) print_row(stream, x[i], y[i], is_float);
}

static clfit_status check(const clfit_export_options *options, double low, double high, clfit_error *error)
{
  if (isnan(low) || isnan(high))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a table needs the range of x, which the model does not say");
  if (!isfinite((float)low) || !isfinite((float)high) || low > high)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the range of x must be finite, low and then high");
  if (!options->points || options->points > CLFIT_SAMPLES_MAX)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a table has 1 to %u points", CLFIT_SAMPLES_MAX);
  return CLFIT_OK;
}

clfit_status clfit_write_csv(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                             clfit_error *error)
{
  double low, high;
  const size_t count = options->points;
  clfit_export_range(model, options, &low, &high);
  clfit_status status = check(options, low, high, error);
  if (status) return status;
  double *x = malloc(2 * count * sizeof *x);
  if (!x) return clfit_fail_memory(error);
  clfit_grid(low, high, count, x);
  clfit_model_predict(model, count, x, x + count);
  print_table(model, count, x, x + count, stream);
  free(x);
  return CLFIT_OK;
}
