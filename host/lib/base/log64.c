#include "base/log64.h"

#include "base/strict.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * Computed with pairs of doubles (high + low, some 104 bits). x = 2^exponent m, sqrt(1/2) <= m < sqrt(2), and with
 * s = (m - 1)/(m + 1), |s| <= 0.1716:
 *
 *   ln x = exponent ln 2 + 2 s (1 + s^2/3 + s^4/5 + s^6/7 + ...)
 *
 * TERMS terms leave 0.02944^20/41 = 2^-107 of the sum. Every operation on pairs has a relative error below 2^-101; the
 * two summands of ln x have at most one bit of cancellation. In all ln x is known to 2^-98, 2^-44 units of the last
 * place. A speed of a microsecond is enough: normal initial weights are all that needs it.
 *
 * Operations: + - *, fma and division. A product that becomes a summand is written as fma(a, b, 0), which no compiler
 * contracts.
 */
#define TERMS 20

struct pair {
  double high, low; /* |low| is at most half a unit of the last place of high */
};

/* Exactly a + b. */
static struct pair add_exactly(double a, double b)
{
  const double sum = a + b, back = sum - a;
  return (struct pair){sum, (a - (sum - back)) + (b - back)};
}

static struct pair add(struct pair a, struct pair b)
{
  const struct pair high = add_exactly(a.high, b.high), low = add_exactly(a.low, b.low);
  const struct pair sum = add_exactly(high.high, high.low + low.high);
  return add_exactly(sum.high, sum.low + low.low);
}

static struct pair multiply(struct pair a, struct pair b)
{
  const double high = fma(a.high, b.high, 0.0);
  return add_exactly(high, fma(a.low, b.high, fma(a.high, b.low, fma(a.high, b.high, -high))));
}

static struct pair divide(double a, struct pair b)
{
  const double high = a / b.high;
  const double rest = fma(-high, b.low, fma(-high, b.high, a)); /* the inner fma is exact */
  return add_exactly(high, rest / b.high);
}

/* 2 s (1 + s^2/3 + s^4/5 + ...), by Horner's rule. */
static struct pair sum_series(struct pair s)
{
  const struct pair square = multiply(s, s);
  struct pair sum = {0, 0};
  for (int term = TERMS - 1; term >= 0; term--)
    sum = add(multiply(sum, square), divide(1.0, (struct pair){2 * term + 1, 0}));
  const struct pair product = multiply(s, sum);
  return (struct pair){product.high + product.high, product.low + product.low};
}

/* x as 2^exponent m. x is positive and finite. */
static double split(double x, int *exponent)
{
  *exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p+54;
    *exponent = -54;
  }
  uint64_t pattern;
  memcpy(&pattern, &x, sizeof pattern);
  /* The upper half of the exponent's unit begins at the pattern of sqrt(1/2), so that both sides of 1 have exponent 0:
   * otherwise exponent ln 2 and ln m would cancel for x just below 1. */
  const uint64_t shifted = pattern - 0x3fe6a09e667f3bcdu;
  const int64_t whole = (int64_t)(shifted >> 52) - (shifted >> 63 ? 4096 : 0);
  pattern -= (uint64_t)whole << 52;
  memcpy(&x, &pattern, sizeof x);
  *exponent += (int)whole;
  return x;
}

double clfit_log64(double x)
{
  static const struct pair ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
  if (x == 0) return -INFINITY;
  if (!(x > 0)) return NAN;
  if (x > 0x1.fffffffffffffp+1023) return x;
  int exponent;
  const double m = split(x, &exponent);
  const struct pair s = divide(m - 1.0, add_exactly(m, 1.0));
  return add(multiply((struct pair){exponent, 0}, ln2), sum_series(s)).high;
}
