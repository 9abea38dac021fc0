/*
 * cminpack's lmder (MINPACK's Levenberg-Marquardt, Moré 1978) with the analytic Jacobian and the C library's tanh, one
 * start after another on one core. It ends where clfit ends: at a step that lowers the sum of squares by at most 1e-6
 * of it (clfit asks for five in a row), at a cosine between errors and columns of at most 1e-10, or after ITERATIONS.
 */
#include "fit.h"

#include <cminpack.h>
#include <math.h>
#include <stdlib.h>

#define FTOL   1e-6
#define XTOL   1e-15
#define GTOL   1e-10
#define FACTOR 100.0 /* MINPACK's first bound of the step, in units of the scaled parameters */

typedef struct problem {
  const float *x, *y;
  int hidden;
  /* The activations [samples * hidden] of the last point evaluated, where lmder asks for the Jacobian next. */
  double *activations;
} problem;

static void evaluate_errors(const problem *self, int m, const double *p, double *errors)
{
  const int h = self->hidden;
  for (int i = 0; i < m; i++) {
    double z = p[3 * h], *a = self->activations + (size_t)i * h;
    for (int j = 0; j < h; j++) {
      a[j] = tanh(p[j] * self->x[i] + p[h + j]);
      z += p[2 * h + j] * a[j];
    }
    errors[i] = z - self->y[i];
  }
}

/* Column by column, as lmder wants it. */
static void evaluate_jacobian(const problem *self, int m, const double *p, double *jacobian, int stride)
{
  const int h = self->hidden;
  for (int j = 0; j < h; j++) {
    double *w1 = jacobian + (size_t)j * stride, *b1 = w1 + (size_t)h * stride, *w2 = b1 + (size_t)h * stride;
    for (int i = 0; i < m; i++) {
      const double a = self->activations[(size_t)i * h + j];
      b1[i] = p[2 * h + j] * (1.0 - a * a);
      w1[i] = b1[i] * self->x[i];
      w2[i] = a;
    }
  }
  for (int i = 0; i < m; i++) jacobian[(size_t)3 * h * stride + i] = 1.0;
}

static int evaluate(void *context, int m, int n, const double *p, double *errors, double *jacobian, int stride,
                    int what)
{
  (void)n;
  if (what == 1) evaluate_errors(context, m, p, errors);
  if (what == 2) evaluate_jacobian(context, m, p, jacobian, stride);
  return 0;
}

/* Memory for one start: errors and Jacobian, and what lmder works with. */
typedef struct work {
  double *errors, *jacobian, *vectors;
  int *pivots;
} work;

static void fit_one(const problem *self, int m, int limit, const work *memory, fit *result)
{
  const int n = 3 * self->hidden + 1;
  double *v = memory->vectors;
  int evaluations, jacobians;
  lmder(evaluate, (void *)self, m, n, result->parameters, memory->errors, memory->jacobian, m, FTOL, XTOL, GTOL, limit,
        v, 1, FACTOR, 0, &evaluations, &jacobians, memory->pivots, v + n, v + 2 * n, v + 3 * n, v + 4 * n, v + 5 * n);
  double norm = enorm(m, memory->errors);
  *result = (fit){(uint64_t)evaluations, (uint64_t)jacobians, norm * norm, result->parameters};
}

static void train(const clfit_data *data, size_t n, clfit_state *states, fit *fits)
{
  const size_t m = clfit_data_count(data), h = states[0].network.hidden, count = 3 * h + 1;
  double *all = fit_allocate((m * (2 + h + count) + 6 * count) * sizeof *all);
  const work memory = {all, all + m, all + m * (1 + count), fit_allocate(count * sizeof(int))};
  const problem self = {clfit_data_x_float(data), clfit_data_y_float(data), (int)h,
                        all + m * (1 + count) + m + 6 * count};
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < count; k++) fits[i].parameters[k] = states[i].parameters[k];
  fit_clock_start();
  for (size_t i = 0; i < n; i++) fit_one(&self, (int)m, (int)states[i].network.epochs, &memory, &fits[i]);
  fit_clock_stop();
  free(memory.pivots);
  free(all);
}

int main(void)
{
  return fit_serve(&(fitter){
      .name = "lmder", .version = CLFIT_CMINPACK_VERSION, .what = "cminpack, analytic Jacobian, libm", .train = train});
}
