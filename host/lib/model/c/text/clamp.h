/* x held to the range. */
static inline NAME_real NAME_clamp(NAME_real x)
{
  if (NAME_above(x, NAME_TAKE(NAME_X_MAX))) return NAME_TAKE(NAME_X_MAX);
  return NAME_above(x, NAME_TAKE(NAME_X_MIN)) ? x : NAME_TAKE(NAME_X_MIN);
}
