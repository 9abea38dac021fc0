#include "config/activation.h"

#include "base/names.h"
#include "numerics.h"

#include <assert.h>

/*
 * The members of struct activation behind `slope`, and the alias. Operations are what a plain implementation takes:
 * multiply_adds, divisions, exps, compares. sigmoid is 1/(1 + exp(-z)), and tanh(z) is 1 - 2/(1 + exp(2 z)), whose
 * signs and factors can be multiplied into the weights; silu and gelu are z/(1 + exp(t)). A logarithm and a sine count
 * as an exp. ONNX's LeakyRelu and Elu have 0.01 and 1 for alpha unless a node says otherwise. The errors in units are
 * at least those of docs/arithmetic.md: an ulp is up to two units of the value.
 */
#define ALIAS_sigmoid "logistic"
#define REST_sigmoid  {1, 1, 1, 0}, {{.operation = "Sigmoid"}}, {0.25, true, 0, 3}, true, true

#define ALIAS_tanh NULL
#define REST_tanh  {1, 1, 1, 0}, {{.operation = "Tanh"}}, {1, true, 0, 3}, true, true

#define ALIAS_relu NULL
#define REST_relu  {0, 0, 0, 1}, {{.operation = "Relu"}}, {1, false, 0, 0}, false, false

#define ALIAS_softsign NULL
#define REST_softsign  {1, 1, 0, 0}, {{.operation = "Softsign"}}, {1, true, 0, 3}, true, false

#define ALIAS_softplus NULL
#define REST_softplus  {2, 0, 2, 1}, {{.operation = "Softplus"}}, {1, false, 0.7, 4}, false, true

#define ALIAS_leakyrelu "leaky_relu"
#define REST_leakyrelu  {1, 0, 0, 1}, {{.operation = "LeakyRelu"}}, {1, false, 0, 1}, false, false

#define ALIAS_elu NULL
#define REST_elu  {1, 0, 1, 1}, {{.operation = "Elu"}}, {1, false, 0, 2}, false, true

#define ALIAS_silu "swish"
#define REST_silu                                                                                                      \
  {1, 1, 1, 0}, {{.operation = "Sigmoid"}, {.operation = "Mul", .second = ONNX_ARGUMENT}}, {1.1, false, 0, 3}, true,   \
      true

#define ALIAS_gelu NULL
#define REST_gelu                                                                                                      \
  {4, 1, 1, 0},                                                                                                        \
      {{.operation = "Mul", .second = ONNX_ARGUMENT},                                                                  \
       {.operation = "Mul", .second = ONNX_NUMBER, .number = GELU_3},                                                  \
       {.operation = "Add", .second = ONNX_NUMBER, .number = GELU_1},                                                  \
       {.operation = "Mul", .second = ONNX_ARGUMENT},                                                                  \
       {.operation = "Sigmoid"},                                                                                       \
       {.operation = "Mul", .second = ONNX_ARGUMENT}},                                                                 \
      {1.13, false, 0, 3}, true, true

#define ALIAS_sine "sin"
#define REST_sine  {0, 0, 1, 0}, {{.operation = "Sin"}}, {1, true, 0, 2}, false, false

#define ROW(name) {#name, ALIAS_##name, activate_##name, slope_##name, REST_##name},
static const struct activation table[] = {CLFIT_ACTIVATIONS(ROW)};

#define INDEX(name) INDEX_##name,
enum { CLFIT_ACTIVATIONS(INDEX) COUNT };
_Static_assert(INDEX_sigmoid == CLFIT_SIGMOID, "the public constants follow the table");
_Static_assert(INDEX_tanh == CLFIT_TANH, "the public constants follow the table");
_Static_assert(INDEX_relu == CLFIT_RELU, "the public constants follow the table");
_Static_assert(INDEX_softsign == CLFIT_SOFTSIGN, "the public constants follow the table");
_Static_assert(INDEX_softplus == CLFIT_SOFTPLUS, "the public constants follow the table");
_Static_assert(INDEX_leakyrelu == CLFIT_LEAKYRELU, "the public constants follow the table");
_Static_assert(INDEX_elu == CLFIT_ELU, "the public constants follow the table");
_Static_assert(INDEX_silu == CLFIT_SILU, "the public constants follow the table");
_Static_assert(INDEX_gelu == CLFIT_GELU, "the public constants follow the table");
_Static_assert(INDEX_sine == CLFIT_SINE, "the public constants follow the table");

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
