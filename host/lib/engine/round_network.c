#include "engine/round_network.h"

#include "base/error.h"
#include "base/strict.h"
#include "config/record.h"
#include "engine/reference/clones.h"
#include "engine/reference/reference.h"
#include "levenberg_marquardt.h"
#include "numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Added to the diagonal of the matrix, relative to its values, so that columns that depend on each other leave no
 * division by zero. It limits the corrections of the output layer, which are of the size of float32's rounding. */
#define RIDGE 0x1p-40

/* The output layer as a linear least-squares problem: K = hidden + 1 columns, the activations and the constant 1. */
struct output_layer {
  size_t columns;
  double *matrix;      /* [K][K]: A'WA */
  double *gradient;    /* [K]: A'W(y - A w) at w, the unrounded values */
  double *values;      /* [K]: w */
  double *corrections; /* [K]: of the values that are rounded, what rounding changed; of the others, the solution */
  double *factor;      /* [K][K] */
  double *row;         /* [K]: a sample's columns */
  size_t *order;       /* [K]: columns in the order in which they are rounded, the largest value first */
  double *memory;
};

static clfit_status make_layer(uint32_t hidden, struct output_layer *layer, clfit_error *error)
{
  const size_t columns = (size_t)hidden + 1;
  double *next = calloc(2 * columns * columns + 4 * columns, sizeof *next);
  size_t *order = calloc(columns, sizeof *order);
  if (!next || !order) {
    free(next);
    free(order);
    return clfit_fail_memory(error);
  }
  *layer = (struct output_layer){.columns = columns, .memory = next, .order = order};
  double **const vectors[] = {&layer->gradient, &layer->values, &layer->corrections, &layer->row};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++, next += columns) *vectors[i] = next;
  layer->matrix = next;
  layer->factor = next + columns * columns;
  return CLFIT_OK;
}

static void free_layer(struct output_layer *layer)
{
  free(layer->memory);
  free(layer->order);
}

/* ---- the linear problem -------------------------------------------------------------------------------------- */

#define DEFINE_COLUMNS(name)                                                                                           \
  WITH_FMA static void columns_##name(uint32_t hidden, const float *restrict w1, const float *restrict b1, float x,    \
                                      double *restrict row)                                                            \
  {                                                                                                                    \
    for (uint32_t j = 0; j < hidden; j++) row[j] = activate_##name(fmaf(w1[j], x, b1[j]));                             \
    row[hidden] = 1.0;                                                                                                 \
  }
CLFIT_ACTIVATIONS(DEFINE_COLUMNS)

#define NAME_COLUMNS(name) columns_##name,
static void (*const compute_columns[])(uint32_t, const float *, const float *, float,
                                       double *) = {CLFIT_ACTIVATIONS(NAME_COLUMNS)};

WITH_FMA static void add_row(struct output_layer *layer, double weight, double y)
{
  const size_t columns = layer->columns;
  const double *restrict row = layer->row;
  double rest = y;
  for (size_t i = 0; i < columns; i++) rest = fma(-layer->values[i], row[i], rest);
  for (size_t i = 0; i < columns; i++) {
    const double weighted = weight * row[i];
    double *restrict into = layer->matrix + i * columns;
    layer->gradient[i] = fma(weighted, rest, layer->gradient[i]);
    for (size_t k = 0; k <= i; k++) into[k] = fma(weighted, row[k], into[k]);
  }
}

static void fill_layer(const struct network_task *task, clfit_activation activation,
                       const struct weighted_samples *samples, const float *record, struct output_layer *layer)
{
  const uint32_t hidden = task->hidden;
  for (uint32_t i = 0; i < task->samples; i++) {
    compute_columns[activation](hidden, record, record + hidden, samples->x[i], layer->row);
    add_row(layer, samples->weights ? samples->weights[i] : 1.0, samples->y[i]);
  }
  for (size_t i = 0; i < layer->columns; i++)
    for (size_t k = 0; k < i; k++) layer->matrix[k * layer->columns + i] = layer->matrix[i * layer->columns + k];
}

/* The columns by falling absolute value, B2 last. */
static void order_columns(struct output_layer *layer)
{
  const size_t hidden = layer->columns - 1;
  for (size_t i = 0; i < hidden; i++) {
    size_t k = i;
    for (; k > 0 && fabs(layer->values[layer->order[k - 1]]) < fabs(layer->values[i]); k--)
      layer->order[k] = layer->order[k - 1];
    layer->order[k] = i;
  }
  layer->order[hidden] = hidden;
}

/* ---- corrections --------------------------------------------------------------------------------------------- */

static double matrix_at(const struct output_layer *layer, size_t i, size_t k)
{
  return layer->matrix[layer->order[i] * layer->columns + layer->order[k]];
}

/* Cholesky factor, by rows with reciprocal diagonals, of the matrix of the columns order[from] .. */
static bool factorise_rest(struct output_layer *layer, size_t from)
{
  const size_t n = layer->columns - from;
  for (size_t i = 0; i < n; i++) {
    double *row = layer->factor + i * n;
    for (size_t k = 0; k <= i; k++) {
      const double *other = layer->factor + k * n;
      double sum = matrix_at(layer, from + i, from + k);
      if (i == k) sum = fma(RIDGE, sum > 0.0 ? sum : 1.0, sum);
      for (size_t q = 0; q < k; q++) sum = fma(-row[q], other[q], sum);
      if (i == k && !(sum > 0.0 && sum < INFINITY)) return false;
      row[k] = i == k ? 1.0 / sqrt(sum) : sum * other[k];
    }
  }
  return true;
}

/* The corrections of the columns order[from] .. that make the sum of squares smallest, those before being fixed. */
static bool correct_rest(struct output_layer *layer, size_t from)
{
  const size_t n = layer->columns - from;
  double *solution = layer->row;
  if (!factorise_rest(layer, from)) return false;
  for (size_t i = 0; i < n; i++) {
    double rest = layer->gradient[layer->order[from + i]];
    for (size_t k = 0; k < from; k++)
      rest = fma(-matrix_at(layer, from + i, k), layer->corrections[layer->order[k]], rest);
    for (size_t q = 0; q < i; q++) rest = fma(-layer->factor[i * n + q], solution[q], rest);
    solution[i] = rest * layer->factor[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t q = i + 1; q < n; q++) solution[i] = fma(-layer->factor[q * n + i], solution[q], solution[i]);
    solution[i] *= layer->factor[i * n + i];
  }
  for (size_t i = 0; i < n; i++) layer->corrections[layer->order[from + i]] = solution[i];
  return true;
}

/* Rounds the values one by one; output: [hidden + 1], W2 and B2. False: not finite, or no solution. */
static bool round_output(struct output_layer *layer, float *output)
{
  order_columns(layer);
  for (size_t i = 0; i < layer->columns; i++) {
    const size_t column = layer->order[i];
    if (!correct_rest(layer, i)) return false;
    output[column] = (float)(layer->values[column] + layer->corrections[column]);
    if (!isfinite(output[column])) return false;
    layer->corrections[column] = output[column] - layer->values[column];
  }
  return true;
}

/* ---- the better of two --------------------------------------------------------------------------------------- */

static double strict_loss(const struct network_task *task, clfit_activation activation,
                          const struct weighted_samples *samples, const float *record)
{
  double loss = 0.0;
  for (uint32_t i = 0; i < task->samples; i++) {
    float z;
    clfit_reference_evaluate(task->hidden, activation, record, 1, &samples->x[i], &z);
    const double e = (double)z - samples->y[i], weighted = e * (samples->weights ? samples->weights[i] : 1.0);
    loss = fma(weighted, e, loss);
  }
  return loss;
}

clfit_status clfit_round_network(const struct network_task *task, clfit_activation activation,
                                 const struct weighted_samples *samples, const double *value, float *record,
                                 clfit_error *error)
{
  const size_t count = clfit_parameter_count(task->hidden), first = 2 * (size_t)task->hidden;
  float plain[LM_PARAMETERS(LM_HIDDEN_MAX)], corrected[LM_PARAMETERS(LM_HIDDEN_MAX)];
  struct output_layer layer;
  clfit_status status = make_layer(task->hidden, &layer, error);
  if (status) return status;
  for (size_t i = 0; i < count; i++) plain[i] = corrected[i] = (float)value[i];
  memcpy(layer.values, value + first, layer.columns * sizeof *value);
  fill_layer(task, activation, samples, plain, &layer);
  const bool solved = round_output(&layer, corrected + first);
  const bool better =
      solved && strict_loss(task, activation, samples, corrected) <= strict_loss(task, activation, samples, plain);
  memcpy(record, better ? corrected : plain, count * sizeof *record);
  free_layer(&layer);
  return CLFIT_OK;
}
