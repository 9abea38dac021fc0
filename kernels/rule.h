/*
 * Rules: how a training through gradients changes one parameter, given the gradient of a batch. One list for hosts and
 * devices: a rule is a row of CLFIT_RULES, the macro SETS_name, the values that it keeps for each parameter, the first
 * of them `value`, and a TAKE at the end of this file. (The reference, which is the specification, has its own
 * implementation of each rule.) docs/arithmetic.md has the formulas.
 *
 * The rule `plain` is gradient descent sample by sample with the operations of the kernels wide, packed and team, for
 * trainings that need what only batch.cl has, such as an order or a schedule. It has no gradient, so it is no TAKE.
 *
 * Requirements of a TAKE:
 *  - Strict arithmetic (numerics.h): a product is added only by FMA().
 *  - Padding must stay zero: if all sets are +0 and the gradient is +0, the rule must return zeros.
 *  - All sets but `value` are +0 before the first step.
 */
#ifndef CLFIT_RULE_H
#define CLFIT_RULE_H

/* X(name, constant of clfit.h), plain apart. */
#define CLFIT_RULES(X)                                                                                                 \
  X(sgd, CLFIT_SGD)                                                                                                    \
  X(momentum, CLFIT_MOMENTUM)                                                                                          \
  X(nesterov, CLFIT_NESTEROV)                                                                                          \
  X(adam, CLFIT_ADAM)                                                                                                  \
  X(adamw, CLFIT_ADAMW)                                                                                                \
  X(rmsprop, CLFIT_RMSPROP)

#define SETS_plain(X)    X(value)
#define SETS_sgd(X)      X(value)
#define SETS_momentum(X) X(value) X(momentum)
#define SETS_nesterov(X) X(value) X(momentum)
#define SETS_adam(X)     X(value) X(momentum) X(square)
#define SETS_adamw(X)    X(value) X(momentum) X(square)
#define SETS_rmsprop(X)  X(value) X(square)

/* The numbers of a configuration that rules use beside the rate: members of clfit_network, float64 there, and of
 * struct batch_task. */
#define CLFIT_RULE_NUMBERS(X) X(momentum) X(beta1) X(beta2) X(eps) X(weight_decay) X(clip)

/* Moments smaller than this become +0, so that no moment that decays is ever denormal; at least NORMAL_ROOT_LEAST of
 * numerics.h. */
#define CLFIT_MOMENT_LEAST 0x1p-100f

/* Norms and denominators are held below this, so that their reciprocal is normal; a NaN becomes it, too. */
#define CLFIT_DENOMINATOR_MOST 0x1p+120f

/* For programs that name a rule, after numerics.h. (Not included here: the first #include of a header is the one that
 * counts in an embedded program, and a condition around it would leave the header out for all.) */
#if defined(__OPENCL_VERSION__) && defined(RULE_NAME)

#define JOIN_TWO(one, other) one##other
#define JOIN(one, other)     JOIN_TWO(one, other)
#define RULE_SETS            JOIN(SETS_, RULE_NAME)
#define TAKE_RULE            JOIN(take_, RULE_NAME)

/* What a step multiplies with, one network's in all lanes or, in packed, each lane's own. */
struct numbers {
  real rate; /* of this epoch */
  real momentum, beta1, beta2, eps, weight_decay, clip;
  real rest1, rest2;   /* 1 - beta1, 1 - beta2 */
  real step;           /* adam: rate / (1 - beta1^t); else the rate */
  real root_of_rest2t; /* adam: 1 / sqrt(1 - beta2^t); else 1 */
  real keep;           /* adamw: 1 - rate * weight_decay */
};

#define SET_OF(set) real set;
struct parameter {
  RULE_SETS(SET_OF)
};

INLINE real without_tiny(real moment)
{
  return fabs(moment) < CLFIT_MOMENT_LEAST ? (real)(0.0f) : moment;
}

INLINE real denominator(real value)
{
  return value < CLFIT_DENOMINATOR_MOST ? value : (real)(CLFIT_DENOMINATOR_MOST);
}

/* A moment: beta * moment + rest * value. */
#define MOMENT(beta, moment, rest, value) without_tiny(FMA(beta, moment, (rest) * (value)))
#define SQUARE(beta, square, rest, value) without_tiny(FMA((rest) * (value), value, (beta) * (square)))

/* What the moments of adam, adamw and rmsprop make of a step: moment / (root * sqrt(square) + eps). `square` is such as
 * normal_square_root takes: +0 or at least CLFIT_MOMENT_LEAST, by without_tiny, and not negative, because no state with
 * a negative one is trained; what an infinity or NaN gives, denominator makes the same number. */
INLINE real quotient(real moment, real square, struct numbers by)
{
  return moment * reciprocal(denominator(FMA(normal_square_root(square), by.root_of_rest2t, by.eps)));
}

/* TAKE(name, statements): the statements compute the parameter after the step in `at`, which holds the parameter
 * before it, from `by` (the numbers) and `gradient`, of the batch, clipped, without decay. */
#define TAKE(name, statements)                                                                                         \
  INLINE struct parameter take_##name(struct parameter at, struct numbers by, real gradient)                           \
  {                                                                                                                    \
    statements;                                                                                                        \
    return at;                                                                                                         \
  }
#define DECAYED FMA(by.weight_decay, at.value, gradient)

/* One rule a program: the members of `at` are those of its sets. */
#define IS_plain    0
#define IS_sgd      1
#define IS_momentum 2
#define IS_nesterov 3
#define IS_adam     4
#define IS_adamw    5
#define IS_rmsprop  6
#define RULE_NUMBER JOIN(IS_, RULE_NAME)
#define PLAIN       (RULE_NUMBER == IS_plain)
#define CORRECTS    (RULE_NUMBER == IS_adam || RULE_NUMBER == IS_adamw) /* biases of its moments */

#if PLAIN
TAKE(plain, (void)by; (void)gradient)
#elif RULE_NUMBER == IS_sgd
TAKE(sgd, at.value = FMA(-by.rate, DECAYED, at.value))
#elif RULE_NUMBER == IS_momentum
TAKE(momentum, at.momentum = without_tiny(FMA(by.momentum, at.momentum, DECAYED));
     at.value = FMA(-by.rate, at.momentum, at.value))
#elif RULE_NUMBER == IS_nesterov
TAKE(nesterov, const real slope = DECAYED; at.momentum = without_tiny(FMA(by.momentum, at.momentum, slope));
     at.value = FMA(-by.rate, FMA(by.momentum, at.momentum, slope), at.value))
#elif RULE_NUMBER == IS_adam
TAKE(adam, const real slope = DECAYED; at.momentum = MOMENT(by.beta1, at.momentum, by.rest1, slope);
     at.square = SQUARE(by.beta2, at.square, by.rest2, slope);
     at.value = FMA(-by.step, quotient(at.momentum, at.square, by), at.value))
#elif RULE_NUMBER == IS_adamw
TAKE(adamw, at.value = without_tiny(at.value * by.keep);
     at.momentum = MOMENT(by.beta1, at.momentum, by.rest1, gradient);
     at.square = SQUARE(by.beta2, at.square, by.rest2, gradient);
     at.value = FMA(-by.step, quotient(at.momentum, at.square, by), at.value))
#else
TAKE(rmsprop, const real slope = DECAYED; at.square = SQUARE(by.beta2, at.square, by.rest2, slope);
     at.value = FMA(-by.step, quotient(slope, at.square, by), at.value))
#endif

#endif
#endif
