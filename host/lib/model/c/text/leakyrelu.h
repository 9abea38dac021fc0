/* leakyrelu(z) = z, or 0.01 z for negative z; 0 from -2^-100 to 0. */
static inline NAME_real NAME_activation(NAME_real z)
{
  if (NAME_above(z, NAME_TAKE(0.0f))) return z;
  return NAME_above(NAME_minus(z), NAME_TAKE(0x1p-100f)) ? NAME_product(z, NAME_TAKE(0x1.47ae14p-7f)) : NAME_TAKE(0.0f);
}
