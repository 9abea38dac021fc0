/* tanh(z) = (exp(2 z) - 1) / (exp(2 z) + 1), computed for -|z| within 10; 0 for |z| <= 2^-100. */
static inline NAME_real NAME_activation(NAME_real z)
{
  const int positive = NAME_above(z, NAME_TAKE(0.0f));
  NAME_real t = positive ? NAME_minus(z) : z, power, value, numerator;
  t = NAME_above(t, NAME_TAKE(-10.0f)) ? t : NAME_TAKE(-10.0f);
  value = NAME_exp(NAME_sum(t, t), &power);
  numerator = NAME_fma(power, value, NAME_sum(power, NAME_TAKE(-1.0f)));
  if (positive) numerator = NAME_minus(numerator);
  if ((NAME_BITS(z) & 0x7fffffffu) <= 0x0d800000u) numerator = NAME_TAKE(0.0f);
  return NAME_product(numerator, NAME_reciprocal(NAME_fma(power, value, NAME_sum(power, NAME_TAKE(1.0f)))));
}
