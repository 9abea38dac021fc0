/* sin(z) = (-1)^n sin(z - n pi), z within +-2^13; 0 for |z| <= 2^-100. pi is subtracted in three parts. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real shifted, n, rest, square, value;
  z = NAME_above(z, NAME_TAKE(-0x1p+13f)) ? z : NAME_TAKE(-0x1p+13f);
  z = NAME_above(z, NAME_TAKE(0x1p+13f)) ? NAME_TAKE(0x1p+13f) : z;
  if ((NAME_BITS(z) & 0x7fffffffu) <= 0x0d800000u) return NAME_TAKE(0.0f);
  shifted = NAME_fma(z, NAME_TAKE(0x1.45f306p-2f), NAME_TAKE(0x1.8p+23f)); /* n in the low bits */
  n = NAME_sum(shifted, NAME_TAKE(-0x1.8p+23f));
  rest = NAME_fma(n, NAME_TAKE(-0x1.921fb6p+1f), z);
  rest = NAME_fma(n, NAME_TAKE(0x1.777a5cp-24f), rest);
  rest = NAME_fma(n, NAME_TAKE(0x1.ee59dap-49f), rest);
  square = NAME_product(rest, rest);
  value = NAME_fma(NAME_TAKE(0x1.5dc884p-19f), square, NAME_TAKE(-0x1.9f70ecp-13f));
  value = NAME_fma(value, square, NAME_TAKE(0x1.110edap-7f));
  value = NAME_fma(value, square, NAME_TAKE(-0x1.55554cp-3f));
  value = NAME_fma(value, NAME_product(square, rest), rest);
  return NAME_REAL(NAME_BITS(value) ^ (NAME_BITS(shifted) << 31));
}
