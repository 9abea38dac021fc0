/* y of the network's output. */
static inline NAME_real NAME_unscale(NAME_real z)
{
  return NAME_fma(z, NAME_TAKE(NAME_Y_FACTOR_FLOAT), NAME_TAKE(NAME_Y_OFFSET_FLOAT));
}
