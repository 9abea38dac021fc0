/* 1/d, correctly rounded, for 1 <= d < 2^125: with the instruction an approximation and Newton steps as the training
 * has them, without it a division of integers. Both give the same bits. */
NAME_CALLED NAME_real NAME_reciprocal(NAME_real d)
{
#if NAME_INTEGER
  const uint32_t mantissa = (d & 0x7fffffu) | 0x800000u;
  uint32_t quotient = 0, rest = 0x800000u;
  int i;
  for (i = 0; i < 26; i++) { /* 2^48 / mantissa */
    quotient <<= 1;
    if (rest >= mantissa) {
      rest -= mantissa;
      quotient |= 1;
    }
    rest <<= 1;
  }
  return ((252 - (d >> 23)) << 23) + ((quotient + 1) >> 1); /* the quotient's leading bit is added to the exponent */
#else
  NAME_real r = NAME_REAL(0x7ef386f7u - NAME_BITS(d));
  NAME_real e = NAME_fma(NAME_minus(d), r, 1.0f);
  r = NAME_fma(NAME_fma(e, e, e), r, r);
  e = NAME_fma(NAME_minus(d), r, 1.0f);
  r = NAME_fma(e, r, r);
  e = NAME_fma(NAME_minus(d), r, 1.0f);
  return NAME_fma(e, NAME_REAL(NAME_BITS(r) | 1u), r);
#endif
}
