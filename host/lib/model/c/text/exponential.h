/* exp(t) = power (1 + value), |t| <= 64; power = 2^n. */
NAME_CALLED NAME_real NAME_exp(NAME_real t, NAME_real *power)
{
  const NAME_real shifted = NAME_fma(t, NAME_TAKE(0x1.715476p+0f), NAME_TAKE(0x1.8000fep+23f)); /* n in the low bits */
  const NAME_real n = NAME_sum(shifted, NAME_TAKE(-0x1.8000fep+23f));
  const NAME_real high = NAME_fma(n, NAME_TAKE(-0x1.62e4p-1f), t); /* t - n ln 2 */
  const NAME_real rest = NAME_fma(n, NAME_TAKE(-0x1.7f7d1cp-20f), high);
  NAME_real value = NAME_fma(NAME_TAKE(0x1.6b71d4p-10f), rest, NAME_TAKE(0x1.1227cep-7f));
  value = NAME_fma(value, rest, NAME_TAKE(0x1.555718p-5f));
  value = NAME_fma(value, rest, NAME_TAKE(0x1.5554b0p-3f));
  value = NAME_fma(value, rest, NAME_TAKE(0x1.fffffep-2f));
  *power = NAME_REAL(NAME_BITS(shifted) << 23);
  return NAME_fma(value, NAME_product(rest, rest), rest);
}
