/* Initialisations. include/clfit.h has the formulas (clfit_state_init_over). Everything is computed in float64 with
 * operations that IEEE 754 fixes, in the order in which NumPy computes it, and rounded to float32 once. */
#include "config/init.h"

#include "base/names.h"
#include "base/strict.h"

#include <assert.h>
#include <math.h>

/* Deviation of W2 in spread: small, so that z begins near 0 and no neuron decides it alone. */
#define SPREAD_W2 0.3

/* As np.random.uniform(low, high). */
static double draw_between(struct mt19937 *stream, double low, double high)
{
  double width = high - low;
  return low + width * clfit_mt19937_uniform(stream);
}

static void draw_uniform(struct mt19937 *stream, double b, size_t n, float *weights)
{
  for (size_t i = 0; i < n; i++) weights[i] = (float)draw_between(stream, -b, b);
}

/* As deviation * np.random.randn(n). */
static void draw_normal(struct mt19937 *stream, double deviation, size_t n, float *weights)
{
  for (size_t i = 0; i < n; i++) weights[i] = (float)(deviation * clfit_mt19937_normal(stream));
}

static void draw_xavier(struct drawing *drawing)
{
  double b = drawing->scale * (sqrt(6.0) / sqrt(1.0 + (double)drawing->hidden));
  draw_uniform(&drawing->stream, b, drawing->hidden, drawing->w1);
  draw_uniform(&drawing->stream, b, drawing->hidden, drawing->w2);
}

/* A neuron has one input, the output has `hidden`. */
static void draw_he(struct drawing *drawing)
{
  double s = drawing->scale;
  draw_normal(&drawing->stream, s * sqrt(2.0), drawing->hidden, drawing->w1);
  draw_normal(&drawing->stream, s * sqrt(2.0 / (double)drawing->hidden), drawing->hidden, drawing->w2);
}

static void draw_near_zero(struct drawing *drawing)
{
  draw_normal(&drawing->stream, drawing->scale, drawing->hidden, drawing->w1);
  draw_normal(&drawing->stream, drawing->scale, drawing->hidden, drawing->w2);
}

static void draw_nothing(struct drawing *drawing)
{
  (void)drawing;
}

static void draw_spread(struct drawing *drawing)
{
  const double low = drawing->low, high = drawing->high, s = drawing->scale;
  const double b = high > low ? 2 * s / (high - low) : s;
  struct mt19937 slopes = drawing->stream; /* once more, for B1 in float64: a network draws few numbers */
  draw_uniform(&drawing->stream, b, drawing->hidden, drawing->w1);
  for (uint32_t j = 0; j < drawing->hidden; j++) {
    double slope = draw_between(&slopes, -b, b);
    drawing->b1[j] = (float)(-slope * draw_between(&drawing->stream, low, high));
  }
  draw_normal(&drawing->stream, SPREAD_W2, drawing->hidden, drawing->w2);
}

static const struct init table[] = {
    [CLFIT_INIT_XAVIER] = {"xavier", .alias = "glorot", .scale = 1, .draw = draw_xavier},
    [CLFIT_INIT_HE] = {"he", .alias = "kaiming", .scale = 1, .draw = draw_he},
    [CLFIT_INIT_NORMAL] = {"normal", .scale = 0.01, .draw = draw_near_zero},
    [CLFIT_INIT_ZERO] = {"zero", .draw = draw_nothing},
    [CLFIT_INIT_SPREAD] = {"spread", .scale = 6, .draw = draw_spread},
};

#define COUNT (sizeof table / sizeof *table)

clfit_init clfit_init_count(void)
{
  return COUNT;
}

const char *clfit_init_name(clfit_init init)
{
  return init < COUNT ? table[init].name : NULL;
}

const struct init *clfit_init_get(clfit_init init)
{
  assert(init < COUNT);
  return &table[init];
}

static const char *alias_of(clfit_init init)
{
  return table[init].alias;
}

clfit_status clfit_init_find(const char *name, clfit_init *init, clfit_error *error)
{
  assert(name && init);
  return clfit_name_find("initialisation", clfit_init_name, alias_of, name, init, error);
}
