/*
 * The step of plain gradient descent, for the kernels wide, packed and team: how it changes one parameter, given the
 * gradient of a sample. All other training goes through batch.cl and rule.h. (The reference, which is the
 * specification, has its own implementation.)
 *
 * A parameter is a struct with a member for each set of its optimizer: `value`, the parameter itself, and one for each
 * further value that the optimizer keeps per parameter, such as momentum. All sets have the same layout (W1, B1, W2,
 * B2): on the host one after the other, on a device in separate buffers. All sets but `value` are +0 before the first
 * step.
 *
 * A step on the sample (x, y) with the error e = z - y calls the rule with
 *
 *     for W2[j]: scale = SCALE(rate) * e        factor = a[j]
 *     for B1[j]: scale = SCALE(rate) * e        factor = g[j] = slope[j] * W2[j], with W2 from before the step
 *     for W1[j]: scale = SCALE(rate) * e * x    factor = g[j]
 *     for B2:    scale = SCALE(rate)            factor = e
 *
 * scale * factor is the gradient times SCALE(rate). An optimizer that needs the gradient itself defines SCALE as 1.
 * Plain gradient descent defines it as the rate, so that a step is a single fma.
 *
 * Requirements of a rule:
 *  - Strict arithmetic (numerics.h): a product is added only by fma(), which is called with floats or float16 here.
 *  - Padding must stay zero: a padded neuron has a = -0 and W2 = +0, so its factors are zeros of either sign. If all
 *    sets of a parameter are +0, the scale is finite and the factor is +0 or -0, the rule must return +0 in all sets.
 *    Otherwise the padded neuron would contribute to the sum of the output. (A scale that is not finite makes every W2
 *    infinite or NaN, so the network diverges at its next sample anyway.)
 *  - A rule sees nothing else: no index of a neuron, plane or lane, nor the number of the step.
 */
#ifndef CLFIT_UPDATE_H
#define CLFIT_UPDATE_H

/* The numbers of a configuration that rules use: members of clfit_network, float64 there. They are rounded once to
 * float32 when struct network_task is filled, where they have the same names. */
#define CLFIT_UPDATE_NUMBERS(X) X(rate)

/* Gradient descent: value - rate * gradient. */
#define SETS_sgd(X)     X(value)
#define SCALE_sgd(rate) (rate)

#ifdef __OPENCL_VERSION__
#include "numerics.h"

#ifndef OPTIMIZER
#define OPTIMIZER sgd /* programs name another by an option */
#endif

#define JOIN_TWO(one, other) one##other
#define JOIN(one, other)     JOIN_TWO(one, other)
#define JOIN_NAME(one, name) JOIN_TWO(one, _##name)

/* The names that belong to the chosen optimizer. `type` is real, or float where a single network has a scalar (b2 in
 * wide and team). */
#define SETS            JOIN(SETS_, OPTIMIZER)
#define SCALE           JOIN(SCALE_, OPTIMIZER)
#define PARAMETER(type) struct JOIN_NAME(OPTIMIZER, type)
#define UPDATE(type)    JOIN_NAME(JOIN(update_, OPTIMIZER), type)

/* The numbers of one network or, in packed, of LANES networks. */
#define REAL_NUMBER(name)  real name;
#define FLOAT_NUMBER(name) float name;
struct numbers_real {
  CLFIT_UPDATE_NUMBERS(REAL_NUMBER)
};
struct numbers_float {
  CLFIT_UPDATE_NUMBERS(FLOAT_NUMBER)
};

#define SET_OF_real(set)  real set;
#define SET_OF_float(set) float set;
#define RULE_FOR(type, name, ...)                                                                                      \
  struct name##_##type {                                                                                               \
    SETS_##name(SET_OF_##type)                                                                                         \
  };                                                                                                                   \
  INLINE struct name##_##type update_##name##_##type(struct name##_##type at, struct numbers_##type by, type scale,    \
                                                     type factor)                                                      \
  {                                                                                                                    \
    __VA_ARGS__;                                                                                                       \
    return at;                                                                                                         \
  }
/* RULE(name, statements): the statements compute the parameter after the step in `at`, which holds the parameter
 * before it, from `by` (the numbers), `scale` and `factor`. */
#define RULE(name, ...) RULE_FOR(real, name, __VA_ARGS__) RULE_FOR(float, name, __VA_ARGS__)

RULE(sgd, at.value = fma(-scale, factor, at.value))

#endif
#endif
