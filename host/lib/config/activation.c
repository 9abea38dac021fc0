#include "config/activation.h"

#include "base/names.h"
#include "numerics.h"

#include <assert.h>

#define ALIAS_sigmoid "logistic"
#define ALIAS_tanh    NULL
#define ALIAS_relu    NULL

/* What a plain implementation takes: multiply_adds, divisions, exps, compares. sigmoid is 1/(1 + exp(-z)), and tanh(z)
 * is 1 - 2/(1 + exp(2 z)), whose signs and factors can be multiplied into the weights. */
#define OPERATIONS_sigmoid                                                                                             \
  {                                                                                                                    \
    1, 1, 1, 0                                                                                                         \
  }
#define OPERATIONS_tanh                                                                                                \
  {                                                                                                                    \
    1, 1, 1, 0                                                                                                         \
  }
#define OPERATIONS_relu                                                                                                \
  {                                                                                                                    \
    0, 0, 0, 1                                                                                                         \
  }

/* ONNX's operator of the same function, of opset 9 or before. */
#define OPERATOR_sigmoid "Sigmoid"
#define OPERATOR_tanh    "Tanh"
#define OPERATOR_relu    "Relu"

#define ROW(name) {#name, ALIAS_##name, activate_##name, slope_##name, OPERATIONS_##name, OPERATOR_##name},
static const struct activation table[] = {CLFIT_ACTIVATIONS(ROW)};

#define INDEX(name) INDEX_##name,
enum { CLFIT_ACTIVATIONS(INDEX) COUNT };
_Static_assert(INDEX_sigmoid == CLFIT_SIGMOID, "the public constants follow the table");
_Static_assert(INDEX_tanh == CLFIT_TANH, "the public constants follow the table");
_Static_assert(INDEX_relu == CLFIT_RELU, "the public constants follow the table");

clfit_activation clfit_activation_count(void)
{
  return COUNT;
}

const char *clfit_activation_name(clfit_activation activation)
{
  return activation < COUNT ? table[activation].name : NULL;
}

const struct activation *clfit_activation_get(clfit_activation activation)
{
  assert(activation < COUNT);
  return &table[activation];
}

static const char *alias_of(clfit_activation activation)
{
  return table[activation].alias;
}

clfit_status clfit_activation_find(const char *name, clfit_activation *activation, clfit_error *error)
{
  assert(name && activation);
  return clfit_name_find("activation", clfit_activation_name, alias_of, name, activation, error);
}
