/* sigmoid(z) = 1 / (1 + exp(-z)), z within +-64. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real power, value;
  z = NAME_above(z, NAME_TAKE(-64.0f)) ? z : NAME_TAKE(-64.0f);
  z = NAME_above(z, NAME_TAKE(64.0f)) ? NAME_TAKE(64.0f) : z;
  value = NAME_exp(NAME_minus(z), &power);
  return NAME_reciprocal(NAME_fma(power, value, NAME_sum(power, NAME_TAKE(1.0f))));
}
