/* Finds a network in whole numbers that is near enough to the model, and no larger than it must be. */
#include "model/c/fixed.h"

#include "base/error.h"
#include "base/number.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NARROW_BITS       29 /* of a value, so that a sum of two fits into int32_t with its sign */
#define WIDE_BITS         60
#define NARROW_T_BITS     16 /* a table of uint16_t */
#define WIDE_T_BITS       30 /* a table of uint32_t */
#define NARROW_PLACE_BITS 15 /* the product of a table's value and a place fits into 32 bits */
#define WIDE_PLACE_BITS   24
#define ENTRIES_MAX       16384 /* of a table */
#define WITHOUT_SAMPLES   1e-3  /* part of y's range that may be added where the model's own error is unknown */

size_t clfit_c_fixed_weight_bytes(const struct c_fixed *fixed, uint32_t hidden)
{
  return (fixed->wide ? 8 : 4) * clfit_parameter_count(hidden);
}

void clfit_c_fixed_clear(struct c_fixed *fixed)
{
  free(fixed->weights);
  free(fixed->table);
  fixed->weights = NULL;
  fixed->table = NULL;
}

/* ---- the function, as text/fixed.h has it ---------------------------------------------------------------------- */

static int64_t interpolate(const struct c_fixed *fixed, int64_t z)
{
  uint64_t at = (uint64_t)(z < 0 ? -z : z),
           last = ((uint64_t)(fixed->entries - 2) << (fixed->z_bits - fixed->step_bits)) - 1;
  if (at > last) at = last;
  const uint32_t *t = fixed->table + (at >> (fixed->z_bits - fixed->step_bits));
  const uint64_t one = (uint64_t)1 << fixed->place_bits;
  const uint64_t place = at >> (fixed->z_bits - fixed->step_bits - fixed->place_bits) & (one - 1);
  const uint64_t curve = place * (one - place) >> (fixed->place_bits + 1);
  const uint64_t slope = (uint64_t)t[1] - t[0], bend = 2 * (uint64_t)t[1] - t[0] - t[2];
  const uint64_t value = (((uint64_t)t[0] << fixed->place_bits) + slope * place + bend * curve) >> fixed->place_bits;
  return z < 0 ? -(int64_t)value : (int64_t)value;
}

static uint32_t hold(const struct c_fixed *fixed, uint32_t code)
{
  return code > fixed->code_max ? fixed->code_max : code > fixed->code_min ? code : fixed->code_min;
}

uint32_t clfit_c_fixed_value(const struct c_fixed *fixed, uint32_t hidden, uint32_t code)
{
  const int64_t most = ((int64_t)1 << fixed->out_bits) - 1;
  int64_t sum = fixed->bias;
  code = hold(fixed, code);
  for (uint32_t j = 0; j < hidden; j++) {
    const int64_t z = fixed->weights[j][0] * code + fixed->weights[j][1];
    const int64_t t = fixed->table ? interpolate(fixed, z) : z > 0 ? z >> (fixed->z_bits - fixed->t_bits) : 0;
    sum += fixed->weights[j][2] * t;
  }
  if (sum < 0) return 0;
  sum >>= fixed->sum_bits;
  return (uint32_t)(sum < most ? sum : most);
}

/* ---- the model in the codes' units ----------------------------------------------------------------------------- */

/* z_j = slope c + start; y in output codes = bias + sum of weight t(z_j). */
struct neuron {
  double slope, start, weight;
};

struct plan {
  struct neuron *neurons; /* [hidden] */
  uint32_t hidden, codes;
  double bias;
  double z_max, t_max, sum_max; /* the largest absolute values on the way */
  double *y;                    /* [codes], what the model predicts */
};

static double x_of(const struct c_fixed *fixed, uint32_t code)
{
  return fixed->x_min + code * fixed->x_step;
}

/* The model at every code, and from that the unit of output codes. */
static void find_range(const struct c_export *export, struct plan *plan, struct c_fixed *fixed)
{
  double low = INFINITY, high = -INFINITY;
  for (uint32_t code = 0; code < plan->codes; code++) {
    const double x = x_of(fixed, hold(fixed, code));
    clfit_model_predict(export->model, 1, &x, &plan->y[code]);
    low = fmin(low, plan->y[code]);
    high = fmax(high, plan->y[code]);
  }
  if (!(low < high)) high = low + fmax(fabs(low), 1) * 0x1p-20;
  fixed->y_min = low;
  fixed->y_step = (high - low) / (double)((1u << fixed->out_bits) - 1);
  const double own = export->figures.max_error;
  fixed->allowed = own > 0 ? own / 4 : (high - low) * WITHOUT_SAMPLES;
}

static void find_neurons(const struct c_export *export, struct plan *plan, const struct c_fixed *fixed)
{
  const clfit_network *network = &export->model->state.network;
  const float *values = export->model->state.parameters;
  const clfit_scaling *by = &export->scaling;
  const double half = network->activation == CLFIT_SIGMOID ? 0.5 : 1, unit = by->y_factor / fixed->y_step;
  plan->bias = (by->y_factor * (double)values[3 * (size_t)plan->hidden] + by->y_offset - fixed->y_min) / fixed->y_step;
  for (uint32_t j = 0; j < plan->hidden; j++) {
    const double w1 = (double)values[j] / by->x_factor, b1 = (double)values[plan->hidden + j];
    const double w2 = unit * (double)values[2 * (size_t)plan->hidden + j];
    plan->neurons[j] = (struct neuron){.slope = half * w1 * fixed->x_step,
                                       .start = half * (w1 * (fixed->x_min - by->x_offset) + b1),
                                       .weight = half * w2};
    if (half < 1) plan->bias += half * w2;
  }
}

static void find_limits(struct plan *plan, const struct c_fixed *fixed, bool relu)
{
  plan->z_max = 1;
  for (uint32_t j = 0; j < plan->hidden; j++) {
    const struct neuron *neuron = &plan->neurons[j];
    plan->z_max = fmax(plan->z_max, fabs(neuron->start)); /* also of code 0, as a part of the others */
    plan->z_max = fmax(plan->z_max, fabs(neuron->start + neuron->slope * fixed->code_max));
  }
  plan->t_max = relu ? plan->z_max : 1;
  plan->sum_max = fabs(plan->bias) + 1;
  for (uint32_t j = 0; j < plan->hidden; j++) plan->sum_max += fabs(plan->neurons[j].weight) * plan->t_max;
}

/* ---- one way of doing it --------------------------------------------------------------------------------------- */

/* Bits before the point. */
static int bits_of(double value)
{
  int exponent;
  frexp(value, &exponent);
  return exponent;
}

static int64_t scaled(double value, int bits)
{
  return llround(ldexp(value, bits));
}

/* false: the numbers are too large. */
static bool choose_bits(const struct plan *plan, struct c_fixed *fixed, bool relu)
{
  const int bits = fixed->wide ? WIDE_BITS : NARROW_BITS;
  fixed->place_bits = fixed->wide ? WIDE_PLACE_BITS : NARROW_PLACE_BITS;
  fixed->t_bits = fixed->wide ? WIDE_T_BITS : NARROW_T_BITS;
  if (relu) fixed->t_bits -= bits_of(plan->t_max);
  fixed->z_bits = bits - bits_of(plan->z_max);
  fixed->sum_bits = bits - bits_of(plan->sum_max);
  return fixed->sum_bits >= 1 && fixed->z_bits >= fixed->t_bits && fixed->t_bits >= 1;
}

static void scale_weights(const struct plan *plan, struct c_fixed *fixed)
{
  for (uint32_t j = 0; j < plan->hidden; j++) {
    fixed->weights[j][0] = scaled(plan->neurons[j].slope, fixed->z_bits);
    fixed->weights[j][1] = scaled(plan->neurons[j].start, fixed->z_bits);
    fixed->weights[j][2] = scaled(plan->neurons[j].weight, fixed->sum_bits - fixed->t_bits);
  }
  fixed->bias = scaled(plan->bias + 0.5, fixed->sum_bits); /* half a code, because the result is cut */
}

/* Up to where tanh differs from 1 by less than matters, or no z comes. Two entries more, for the neighbours. */
static bool fill_table(const struct plan *plan, struct c_fixed *fixed)
{
  const double negligible = fixed->allowed / fixed->y_step / plan->sum_max / 16;
  const double reach = fmin(plan->z_max, 0.5 * log(2 / fmin(negligible, 0.5)));
  const double most = ldexp(1, fixed->t_bits) - 1;
  fixed->entries = (uint32_t)ceil(ldexp(reach, fixed->step_bits)) + 2;
  if (fixed->entries > ENTRIES_MAX || fixed->z_bits - fixed->step_bits < fixed->place_bits) return false;
  for (uint32_t i = 0; i < fixed->entries; i++)
    fixed->table[i] = (uint32_t)fmin(nearbyint(ldexp(tanh(ldexp(i, -fixed->step_bits)), fixed->t_bits)), most);
  return true;
}

static void find_error(const struct plan *plan, struct c_fixed *fixed)
{
  fixed->error = 0;
  for (uint32_t code = 0; code < plan->codes; code++) {
    const double y = fixed->y_min + clfit_c_fixed_value(fixed, plan->hidden, code) * fixed->y_step;
    fixed->error = fmax(fixed->error, fabs(y - plan->y[code]));
  }
}

static bool try_way(const struct plan *plan, struct c_fixed *fixed, bool wide, int step_bits, bool relu)
{
  fixed->wide = wide;
  fixed->step_bits = step_bits;
  if (!choose_bits(plan, fixed, relu)) return false;
  scale_weights(plan, fixed);
  if (!relu && !fill_table(plan, fixed)) return false;
  find_error(plan, fixed);
  return fixed->error < fixed->allowed;
}

/* ---- the smallest that will do --------------------------------------------------------------------------------- */

static bool search(const struct plan *plan, struct c_fixed *fixed, bool relu)
{
  for (int wide = 0; wide < 2; wide++)
    for (int step_bits = 1; step_bits <= (relu ? 1 : wide ? 10 : 6); step_bits++)
      if (try_way(plan, fixed, wide, step_bits, relu)) return true;
  return false;
}

static clfit_status fail_to_fit(const struct c_fixed *fixed, clfit_error *error)
{
  char allowed[CLFIT_NUMBER_SIZE], half[CLFIT_NUMBER_SIZE];
  clfit_number_print(allowed, (double)(float)fixed->allowed);
  clfit_number_print(half, (double)(float)(fixed->y_step / 2));
  if (fixed->y_step / 2 < fixed->allowed)
    return clfit_fail(
        error, CLFIT_ERROR_UNSUPPORTED,
        "fixed point cannot stay within %s of the model: its output weights are so large that they cancel, "
        "and rounding errors exceed that; a network with another seed or size may have smaller ones",
        allowed);
  return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                    "fixed point cannot stay within %s of the model: half a step of the output's %u bits is %s",
                    allowed, (unsigned)fixed->out_bits, half);
}

static clfit_status find_with(const struct c_export *export, struct plan *plan, struct c_fixed *fixed,
                              clfit_error *error)
{
  const bool relu = export->model->state.network.activation == CLFIT_RELU;
  find_range(export, plan, fixed);
  find_neurons(export, plan, fixed);
  find_limits(plan, fixed, relu);
  if (relu) {
    free(fixed->table);
    fixed->table = NULL;
  }
  const bool sane = isfinite(plan->sum_max) && isfinite(plan->z_max);
  return sane && search(plan, fixed, relu) ? CLFIT_OK : fail_to_fit(fixed, error);
}

/* All codes, or, if x is to be held to what was learnt, those of that range. */
static void find_codes(const struct c_export *export, struct c_fixed *fixed)
{
  fixed->code_min = 0;
  fixed->code_max = (1u << fixed->in_bits) - 1;
  if (!export->options->clamp || isnan(export->learnt_low)) return;
  const double first = ceil((export->learnt_low - fixed->x_min) / fixed->x_step);
  const double last = floor((export->learnt_high - fixed->x_min) / fixed->x_step);
  if (!(first <= last) || last < 0 || first > fixed->code_max) return;
  if (first > 0) fixed->code_min = (uint32_t)first;
  if (last < fixed->code_max) fixed->code_max = (uint32_t)last;
}

/* A sigmoid is half a tanh, moved. Others would need a table of their own with two signs. */
static clfit_status check_activation(clfit_activation activation, clfit_error *error)
{
  if (activation == CLFIT_SIGMOID || activation == CLFIT_TANH || activation == CLFIT_RELU) return CLFIT_OK;
  return clfit_fail(
      error, CLFIT_ERROR_UNSUPPORTED,
      "fixed point is only for the activations sigmoid, tanh and relu, and the model has %s; export it as "
      "floating point, or train one of these",
      clfit_activation_name(activation));
}

clfit_status clfit_c_fixed_find(const struct c_export *export, struct c_fixed *fixed, clfit_error *error)
{
  const clfit_export_options *options = export->options;
  *fixed = (struct c_fixed){0};
  clfit_status known = check_activation(export->model->state.network.activation, error);
  if (known) return known;
  struct plan plan = {.hidden = export->model->state.network.hidden, .codes = 1u << options->in_bits};
  *fixed = (struct c_fixed){.in_bits = options->in_bits, .out_bits = options->out_bits};
  fixed->x_min = (double)export->low;
  fixed->x_step = ((double)export->high - (double)export->low) / (plan.codes - 1);
  find_codes(export, fixed);
  plan.neurons = calloc(plan.hidden, sizeof *plan.neurons);
  plan.y = calloc(plan.codes, sizeof *plan.y);
  fixed->weights = calloc(plan.hidden, sizeof *fixed->weights);
  fixed->table = calloc(ENTRIES_MAX, sizeof *fixed->table);
  clfit_status status = plan.neurons && plan.y && fixed->weights && fixed->table
                            ? find_with(export, &plan, fixed, error)
                            : clfit_fail_memory(error);
  free(plan.neurons);
  free(plan.y);
  if (status) clfit_c_fixed_clear(fixed);
  return status;
}
