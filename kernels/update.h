/*
 * Optimizers: what a training step does with the gradient of one parameter. One table for hosts and devices; an
 * optimizer is a row in CLFIT_OPTIMIZERS, its SETS and SCALE, and a RULE at the end of this file. (The reference, the
 * specification, has rules of its own in C.)
 *
 * A parameter is a struct with a member for each set of its optimizer: `value`, the parameter itself, and whatever else
 * the optimizer keeps of it, as momentum. Sets are laid out alike (W1, B1, W2, B2), on the host one after the other, on
 * a device in buffers of their own; all but `value` are +0 before the first step.
 *
 * A step on the sample (x, y) with the error e = z - y moves
 *
 *     W2[j] with the scale  SCALE(rate) * e        and the factor  a[j]
 *     B1[j] with the scale  SCALE(rate) * e        and the factor  g[j] = slope[j] * W2[j], with W2 before the step
 *     W1[j] with the scale  SCALE(rate) * e * x    and the factor  g[j]
 *     B2    with the scale  SCALE(rate)            and the factor  e
 *
 * scale * factor is the gradient times SCALE(rate). An optimizer that works on gradients has SCALE 1; the plain one has
 * the rate there, so that a step is one fma.
 *
 * What a rule must keep to:
 *  - Strict arithmetic (numerics.h): a product meets a sum through fma() only, which is here a function of two types.
 *  - Padding stays padding: a padded neuron has a = -0 and W2 = +0, so that its factors are zeros of either sign. With
 *    all of its sets +0, a finite scale and a factor of +0 or -0, a rule returns +0 in all of its sets: were W2 -0, or
 *    not 0, the neuron would enter the sum of the output. (A scale that is not finite makes every W2 infinite or NaN:
 *    the network diverges at its next sample.)
 *  - Nothing else is known: no neuron, layer or lane, nor the number of the step.
 */
#ifndef CLFIT_UPDATE_H
#define CLFIT_UPDATE_H

/* X(name, the constant of clfit.h), in the order of the constants. */
#define CLFIT_OPTIMIZERS(X) X(sgd, CLFIT_SGD)

/* What rules read of a configuration: members of clfit_network, float64 there, rounded once to float32 on the way to
 * struct network_task, where they have the same names. */
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

/* Of the chosen optimizer, where TYPE is real, or float for a b2 that only one lane has. */
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
/* RULE(name, statements): from `at`, the parameter before the step, `by`, the numbers, scale and factor to `at` after
 * it. */
#define RULE(name, ...) RULE_FOR(real, name, __VA_ARGS__) RULE_FOR(float, name, __VA_ARGS__)

RULE(sgd, at.value = fma(-scale, factor, at.value))

#endif
#endif
