#include "cli/io/defect.h"

#include "cli/io/message.h"

#include <math.h>

static double r2_of(const clfit_figures *test, const clfit_figures *fit)
{
  return isnan(test->mse) ? fit->r2 : test->r2;
}

clfit_defect defect_of(const clfit_state *state, const clfit_data *data, const clfit_figures *test,
                       const clfit_figures *fit)
{
  return clfit_fit_defect(state, data, r2_of(test, fit));
}

static bool is_constant(const clfit_data *data)
{
  const double *y = clfit_data_y(data);
  size_t same = 1;
  while (same < clfit_data_count(data) && y[same] == y[0]) same++;
  return same == clfit_data_count(data);
}

void defect_note(const clfit_state *state, const clfit_data *data, const clfit_figures *test, const clfit_figures *fit)
{
  const clfit_defect defect = defect_of(state, data, test, fit);
  const bool rate = state->network.optimizer != CLFIT_LM; /* least squares has none */
  if (defect == CLFIT_DEFECT_SATURATED)
    note("warning: every neuron is saturated or dead at every sample, so the fit is piecewise constant; try other "
         "initial weights%s or --scale range",
         rate ? ", a smaller --rate" : "");
  if (defect == CLFIT_DEFECT_NONE && is_constant(data))
    note("warning: y is the same at every sample, which a constant fits exactly; R2 says nothing then");
  if (defect == CLFIT_DEFECT_CONSTANT)
    note("warning: R2 is %.3g, below %g: a constant fits about as well, or better; try %s", r2_of(test, fit),
         CLFIT_CONSTANT_R2,
         rate ? "more epochs, other initial weights or another --rate" : "other initial weights or more neurons");
}

size_t defect_infinite(const clfit_state *state)
{
  const size_t count = clfit_parameter_count(state->network.hidden);
  size_t bad = 0;
  for (size_t i = 0; i < count; i++) bad += !isfinite(state->parameters[i]);
  return bad;
}
