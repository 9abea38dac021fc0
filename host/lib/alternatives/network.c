/* A network as a row beside its alternatives. */
#include "alternatives/columns.h"

#include "base/error.h"
#include "config/activation.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

double clfit_operations_weigh(const clfit_operations *operations)
{
  assert(operations);
  return (double)operations->multiply_adds + operations->compares + 4.0 * operations->divisions +
         20.0 * operations->exps;
}

/* A multiply-add before the activation and one after it; the sum begins with b2. */
static clfit_operations operations_of(uint32_t hidden, clfit_activation activation)
{
  const clfit_operations *one = &clfit_activation_get(activation)->operations;
  return (clfit_operations){hidden * (2 + one->multiply_adds), hidden * one->divisions, hidden * one->exps,
                            hidden * one->compares};
}

clfit_status clfit_alternatives_network(size_t n, const double *x, const double *y, const double *weights,
                                        const clfit_alternatives_options *options, uint32_t hidden,
                                        clfit_activation activation, clfit_curve curve, void *context,
                                        clfit_alternative *row, clfit_error *error)
{
  assert(curve && row);
  if (hidden < 1 || hidden > CLFIT_HIDDEN_MAX || activation >= clfit_activation_count()) {
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no network of %" PRIu32 " neurons of activation %" PRIu32,
                      hidden, activation);
  }
  struct comparison comparison;
  clfit_status status = clfit_comparison_create(&comparison, n, x, y, weights, options, error);
  if (status) return status;
  clfit_alternative_clear(row, "network");
  snprintf(row->description, sizeof row->description, "%" PRIu32 " %s neuron%s", hidden,
           clfit_activation_name(activation), hidden == 1 ? "" : "s");
  row->parameters = clfit_parameter_count(hidden);
  row->bytes = row->parameters * sizeof(float);
  row->operations = operations_of(hidden, activation);
  clfit_alternative_measure(&comparison, curve, context, row);
  clfit_comparison_clear(&comparison);
  return CLFIT_OK;
}
