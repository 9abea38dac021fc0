/* elu(z) = z, or exp(z) - 1 for negative z, at least -20; 0 for |z| <= 2^-100. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real power, value;
  if ((NAME_BITS(z) & 0x7fffffffu) <= 0x0d800000u) return NAME_TAKE(0.0f);
  if (NAME_above(z, NAME_TAKE(0.0f))) return z;
  z = NAME_above(z, NAME_TAKE(-20.0f)) ? z : NAME_TAKE(-20.0f);
  value = NAME_exp(z, &power);
  return NAME_fma(power, value, NAME_sum(power, NAME_TAKE(-1.0f)));
}
