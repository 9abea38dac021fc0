/* y at x. */
static inline float NAME(float x)
{
  if ((NAME_bits_of(x) & 0x7fffffffu) > 0x7f800000u) return x;
  return NAME_GIVE(NAME_network(NAME_clamp(NAME_TAKE(x))));
}

#if DBL_MANT_DIG >= 53
/* The same of a double, which is rounded to float first. */
static inline double NAME_double(double x)
{
  return (double)NAME((float)x);
}
#endif
