/* The table of kinds. */
#include "alternatives/gsl/kinds.h"

#include <assert.h>
#include <float.h>
#include <math.h>

static const struct kind *const table[CLFIT_KINDS] = {&clfit_kind_table, &clfit_kind_spline, &clfit_kind_polynomial,
                                                      &clfit_kind_rational};

const struct kind *clfit_kind_get(size_t index)
{
  assert(index < CLFIT_KINDS);
  return table[index];
}

/* The largest float32 factor that does not take `reach` beyond `span`. */
static float largest_factor(double reach, double span)
{
  if (!(reach > 0)) return 0;
  double wanted = span / reach;
  float factor = wanted < (double)FLT_MAX ? (float)wanted : FLT_MAX;
  while ((double)factor * reach > span) factor = nextafterf(factor, 0);
  return factor;
}

void clfit_fit_scale(struct fit *fit, double low, double high, size_t span)
{
  if (span == 0) {
    fit->offset = (float)(low + (high - low) / 2);
    double reach = fmax(high - (double)fit->offset, (double)fit->offset - low);
    fit->factor = largest_factor(reach, 1);
    return;
  }
  fit->offset = (float)low;
  if ((double)fit->offset > low) fit->offset = nextafterf(fit->offset, -FLT_MAX);
  fit->factor = largest_factor(high - (double)fit->offset, (double)span);
}
