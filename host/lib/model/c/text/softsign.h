/* softsign(z) = z / (1 + |z|), z within +-2^24; 0 for |z| <= 2^-100. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real size;
  z = NAME_above(z, NAME_TAKE(-0x1p+24f)) ? z : NAME_TAKE(-0x1p+24f);
  z = NAME_above(z, NAME_TAKE(0x1p+24f)) ? NAME_TAKE(0x1p+24f) : z;
  size = NAME_above(z, NAME_TAKE(0.0f)) ? z : NAME_minus(z);
  if ((NAME_BITS(z) & 0x7fffffffu) <= 0x0d800000u) z = NAME_TAKE(0.0f);
  return NAME_product(z, NAME_reciprocal(NAME_sum(size, NAME_TAKE(1.0f))));
}
