/* Every activation and its derivative with the C library, in float64 and in long double, by their formulas. */
#ifndef CLFIT_TESTS_EXACT_ACTIVATION_H
#define CLFIT_TESTS_EXACT_ACTIVATION_H

#include "clfit.h"

#include <math.h>

#define CUBIC 0.044715L /* of gelu */

/* leak: the slope of leakyrelu below 0, which is 0.01 rounded. gelu is z sigmoid(inner), inner = sqrt(8/pi) (z +
 * 0.044715 z^3). 1 - sigmoid(z) is computed as sigmoid(-z), without cancellation. */
#define DEFINE_EXACT(type, suffix, name, leak)                                                                         \
  static inline type name##_sigmoid(type z)                                                                            \
  {                                                                                                                    \
    return 1 / (1 + exp##suffix(-z));                                                                                  \
  }                                                                                                                    \
  static inline type name##_inner(type z)                                                                              \
  {                                                                                                                    \
    return sqrt##suffix(8 / (type)3.14159265358979323846264338327950288L) * (z + (type)CUBIC * z * z * z);             \
  }                                                                                                                    \
  static inline type name##_value(clfit_activation activation, type z)                                                 \
  {                                                                                                                    \
    switch (activation) {                                                                                              \
    case CLFIT_SIGMOID: return name##_sigmoid(z);                                                                      \
    case CLFIT_TANH: return tanh##suffix(z);                                                                           \
    case CLFIT_RELU: return z > 0 ? z : 0;                                                                             \
    case CLFIT_SOFTSIGN: return z / (1 + fabs##suffix(z));                                                             \
    case CLFIT_SOFTPLUS: return (z > 0 ? z : 0) + log1p##suffix(exp##suffix(-fabs##suffix(z)));                        \
    case CLFIT_LEAKYRELU: return z > 0 ? z : (type)(leak)*z;                                                           \
    case CLFIT_ELU: return z > 0 ? z : expm1##suffix(z);                                                               \
    case CLFIT_SILU: return z * name##_sigmoid(z);                                                                     \
    case CLFIT_GELU: return z * name##_sigmoid(name##_inner(z));                                                       \
    case CLFIT_SINE: return sin##suffix(z);                                                                            \
    default: return (type)NAN;                                                                                         \
    }                                                                                                                  \
  }                                                                                                                    \
  static inline type name##_slope(clfit_activation activation, type z)                                                 \
  {                                                                                                                    \
    const type inner = activation == CLFIT_GELU ? name##_inner(z) : z;                                                 \
    const type s = name##_sigmoid(inner), other = name##_sigmoid(-inner);                                              \
    const type steepness = name##_inner(1) / (1 + (type)CUBIC) * (1 + 3 * (type)CUBIC * z * z);                        \
    switch (activation) {                                                                                              \
    case CLFIT_SIGMOID: return s * other;                                                                              \
    case CLFIT_TANH: return (1 - tanh##suffix(z)) * (1 + tanh##suffix(z));                                             \
    case CLFIT_RELU: return z > 0;                                                                                     \
    case CLFIT_SOFTSIGN: return 1 / ((1 + fabs##suffix(z)) * (1 + fabs##suffix(z)));                                   \
    case CLFIT_SOFTPLUS: return s;                                                                                     \
    case CLFIT_LEAKYRELU: return z > 0 ? 1 : (type)(leak);                                                             \
    case CLFIT_ELU: return z > 0 ? 1 : exp##suffix(z);                                                                 \
    case CLFIT_SILU: return s + z * s * other;                                                                         \
    case CLFIT_GELU: return s + z * steepness * s * other;                                                             \
    case CLFIT_SINE: return cos##suffix(z);                                                                            \
    default: return (type)NAN;                                                                                         \
    }                                                                                                                  \
  }

DEFINE_EXACT(double, , exact, 0.01f)
DEFINE_EXACT(long double, l, exact_long, 0.01)

#endif
