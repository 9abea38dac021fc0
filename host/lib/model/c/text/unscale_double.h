#if defined(__GNUC__) && (defined(__FP_FAST_FMA) || defined(__FMA__) || defined(__aarch64__) ||                        \
                          (defined(__riscv_flen) && __riscv_flen >= 64))
/* Y_FACTOR z + Y_OFFSET, rounded once: one instruction. */
static inline double NAME_unscale_double(float z)
{
  return __builtin_fma(NAME_Y_FACTOR, (double)z, NAME_Y_OFFSET);
}
#else
/* a + b = sum + the rest returned (Knuth, The Art of Computer Programming, 4.2.2). */
static inline double NAME_two_sum(double a, double b, double *sum)
{
  const double s = a + b, part = s - a;
  *sum = s;
  return (a - (s - part)) + (b - part);
}

/* Y_FACTOR z + Y_OFFSET, rounded once. The products of z with the factor's halves are exact; their sum with the offset
 * is rounded to odd before the last addition (Boldo and Melquiond, Emulation of FMA and correctly rounded sums). */
static inline double NAME_unscale_double(float z)
{
  const double high = (double)z * NAME_Y_FACTOR_HIGH, low = (double)z * NAME_Y_FACTOR_LOW;
  double product, sum, first, odd, rest;
  uint64_t bits;
  if (!((double)z - (double)z >= 0.0)) return high + NAME_Y_OFFSET; /* infinite or NaN */
  rest = NAME_two_sum(high, low, &product);
  rest = NAME_two_sum(NAME_Y_OFFSET, rest, &sum);
  rest = NAME_two_sum(rest, NAME_two_sum(product, sum, &first), &odd);
  memcpy(&bits, &odd, sizeof bits);
  if ((rest > 0.0 || rest < 0.0) && !(bits & 1u)) {
    if ((rest > 0.0) == (odd > 0.0))
      bits++;
    else
      bits--;
    memcpy(&odd, &bits, sizeof odd);
  }
  return first + odd;
}
#endif
