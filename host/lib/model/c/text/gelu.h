/* gelu(z) = z / (1 + exp(-sqrt(8/pi) (z + 0.044715 z^3))), z at least -8.75; 0 for |z| <= 2^-100. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real power, value, t;
  z = NAME_above(z, NAME_TAKE(-8.75f)) ? z : NAME_TAKE(-8.75f);
  t = NAME_above(z, NAME_TAKE(8.75f)) ? NAME_TAKE(8.75f) : z;
  if ((NAME_BITS(z) & 0x7fffffffu) <= 0x0d800000u) z = NAME_TAKE(0.0f);
  value = NAME_fma(NAME_product(t, t), NAME_TAKE(0x1.2444f2p-4f), NAME_TAKE(0x1.988454p+0f));
  value = NAME_exp(NAME_product(NAME_minus(t), value), &power);
  return NAME_product(z, NAME_reciprocal(NAME_fma(power, value, NAME_sum(power, NAME_TAKE(1.0f)))));
}
