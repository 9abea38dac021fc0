/* What the exported functions return, computed here: for the errors that the header states, and its self-test. */
#include "config/activation.h"
#include "model/c/c_export.h"

#include <math.h>

bool clfit_c_scales_x(const struct c_export *export)
{
  return export->scaling.x_factor != 1 || export->scaling.x_offset != 0;
}

bool clfit_c_scales_y(const struct c_export *export)
{
  return export->scaling.y_factor != 1 || export->scaling.y_offset != 0;
}

struct c_float_scaling clfit_c_float_scaling(const clfit_scaling *scaling)
{
  const float high = (float)scaling->x_offset;
  return (struct c_float_scaling){.offset = {high, (float)(scaling->x_offset - (double)high)},
                                  .slope = (float)(1 / scaling->x_factor),
                                  .factor = (float)scaling->y_factor,
                                  .bias = (float)scaling->y_offset};
}

static double clamp(const struct c_export *export, double x)
{
  if (!export->options->clamp) return x;
  return x > (double)export->high ? (double)export->high : x > (double)export->low ? x : (double)export->low;
}

static float evaluate(const struct c_export *export, float x)
{
  float y;
  struct c_float_scaling by = clfit_c_float_scaling(&export->scaling);
  if (clfit_c_scales_x(export)) x = ((x - by.offset[0]) - by.offset[1]) * by.slope;
  const double own = (double)x;
  clfit_state_evaluate(&export->model->state, 1, &own, &y);
  return clfit_c_scales_y(export) ? fmaf(y, by.factor, by.bias) : y;
}

void clfit_c_values(const struct c_export *export, size_t n, const float *x, float *y)
{
  for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) ? x[i] : evaluate(export, (float)clamp(export, (double)x[i]));
}

void clfit_c_values_double(const struct c_export *export, size_t n, const double *x, double *y)
{
  for (size_t i = 0; i < n; i++) {
    const double held = clamp(export, x[i]);
    clfit_model_predict(export->model, 1, &held, &y[i]);
    if (isnan(x[i])) y[i] = x[i];
  }
}

/* ---- how far the float function is from the double one --------------------------------------------------------- */

#define UNIT 0x1p-24 /* half of the last bit of 1: a rounding changes a value by at most this part of it */

/* Sums over the neurons, for inputs (in the network's unit) up to `reach` in absolute value. */
struct sums {
  double slope; /* by how much z changes at most with x: sum of |w1 w2| max slope */
  double size;  /* |z| at most, and each sum on the way */
  double error; /* of one evaluation, from roundings */
};

/* The errors of an activation are in its table's row; that of its argument w1 x + b1 is one rounding. A term goes
 * through at most hidden/32 + 7 additions. */
static struct sums add_neurons(const clfit_network *network, const float *values, double reach)
{
  const struct activation_error *own = &clfit_activation_get(network->activation)->error;
  const uint32_t hidden = network->hidden;
  struct sums sums = {.size = fabs((double)values[3 * (size_t)hidden])};
  for (uint32_t j = 0; j < hidden; j++) {
    const double w1 = fabs((double)values[j]), b1 = fabs((double)values[hidden + j]);
    const double w2 = fabs((double)values[2 * (size_t)hidden + j]), argument = w1 * reach + b1;
    const double value = own->bounded ? 1 : argument + own->offset;
    sums.slope += w1 * w2 * own->slope;
    sums.size += w2 * value;
    sums.error += w2 * UNIT * (own->slope * argument + own->units * value);
  }
  const uint32_t additions = hidden / 32 + 8;
  sums.error += additions * UNIT * sums.size;
  return sums;
}

/*
 * In exact arithmetic the network's input s is (x - offset) / factor. The double function rounds it once. The float
 * function rounds two differences, the slope and the product: four parts of s, and the offset's rest. The factor 1.01
 * covers what is of second order.
 */
double clfit_c_float_error(const struct c_export *export)
{
  const clfit_scaling *scaling = &export->scaling;
  const bool x = clfit_c_scales_x(export), y = clfit_c_scales_y(export);
  if (isnan(export->low) || !(x || y)) return NAN;
  const double low = fabs((double)export->low - scaling->x_offset),
               high = fabs((double)export->high - scaling->x_offset);
  const double reach = fmax(low, high) / scaling->x_factor;
  const struct sums sums = add_neurons(&export->model->state.network, export->model->state.parameters, 1.01 * reach);
  const double input =
      x ? 5 * UNIT * reach + 2 * UNIT * UNIT * fabs(scaling->x_offset) / scaling->x_factor : UNIT * reach;
  const double output = y ? 2 * UNIT * (scaling->y_factor * sums.size + fabs(scaling->y_offset)) : 0;
  return 1.01 * (scaling->y_factor * (sums.slope * input + 2 * sums.error) + output);
}
