/* silu(z) = z / (1 + exp(-z)), z at least -64; 0 for |z| <= 2^-100. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real power, value, t;
  z = NAME_above(z, NAME_TAKE(-64.0f)) ? z : NAME_TAKE(-64.0f);
  t = NAME_above(z, NAME_TAKE(64.0f)) ? NAME_TAKE(64.0f) : z;
  if ((NAME_BITS(z) & 0x7fffffffu) <= 0x0d800000u) z = NAME_TAKE(0.0f);
  value = NAME_exp(NAME_minus(t), &power);
  return NAME_product(z, NAME_reciprocal(NAME_fma(power, value, NAME_sum(power, NAME_TAKE(1.0f)))));
}
