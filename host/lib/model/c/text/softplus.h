/* softplus(z) = max(z, 0) + log(1 + u), u = exp(-|z|), z at least -64. */
static inline NAME_real NAME_activation(NAME_real z)
{
  NAME_real power, value, t, u;
  z = NAME_above(z, NAME_TAKE(-64.0f)) ? z : NAME_TAKE(-64.0f);
  t = NAME_above(z, NAME_TAKE(0.0f)) ? NAME_minus(z) : z;
  t = NAME_above(t, NAME_TAKE(-64.0f)) ? t : NAME_TAKE(-64.0f);
  value = NAME_exp(t, &power);
  u = NAME_fma(power, value, power);
  value = NAME_fma(NAME_TAKE(-0x1.b22adep-9f), u, NAME_TAKE(0x1.4a9226p-6f));
  value = NAME_fma(value, u, NAME_TAKE(-0x1.d7efa8p-5f));
  value = NAME_fma(value, u, NAME_TAKE(0x1.b53c48p-4f));
  value = NAME_fma(value, u, NAME_TAKE(-0x1.3a6736p-3f));
  value = NAME_fma(value, u, NAME_TAKE(0x1.935568p-3f));
  value = NAME_fma(value, u, NAME_TAKE(-0x1.ff2556p-3f));
  value = NAME_fma(value, u, NAME_TAKE(0x1.554ddap-2f));
  value = NAME_fma(value, u, NAME_TAKE(-0x1.ffffd2p-2f));
  value = NAME_fma(value, NAME_product(u, u), u);
  return NAME_sum(NAME_above(z, NAME_TAKE(0.0f)) ? z : NAME_TAKE(0.0f), value);
}
