/* The network's input. */
static inline NAME_real NAME_scale(NAME_real x)
{
  x = NAME_sum(x, NAME_TAKE(-(NAME_X_OFFSET_HIGH)));
  if (NAME_X_OFFSET_LOW < 0.0f || NAME_X_OFFSET_LOW > 0.0f) x = NAME_sum(x, NAME_TAKE(-(NAME_X_OFFSET_LOW)));
  return NAME_product(x, NAME_TAKE(NAME_X_SLOPE));
}
