/* relu(z) = max(z, 0). */
static inline NAME_real NAME_activation(NAME_real z)
{
  return NAME_above(z, NAME_TAKE(0.0f)) ? z : NAME_TAKE(0.0f);
}
