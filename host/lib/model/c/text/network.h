/* The network's own output for its own input. Neuron j is added to sum j mod 32, then the sums are added in pairs. */
static inline NAME_real NAME_network(NAME_real x)
{
  NAME_real sums[NAME_SUMS];
  int i, j, stride;
  for (i = 0; i < NAME_SUMS; i++) sums[i] = NAME_TAKE(0.0f);
  for (j = 0; j < NAME_HIDDEN; j++) {
    const NAME_real z = NAME_fma(NAME_TAKE(NAME_weights[j][0]), x, NAME_TAKE(NAME_weights[j][1]));
    sums[j % NAME_SUMS] = NAME_fma(NAME_TAKE(NAME_weights[j][2]), NAME_activation(z), sums[j % NAME_SUMS]);
  }
  for (stride = NAME_STRIDE; stride > 0; stride /= 2)
    for (i = 0; i < stride && i + stride < NAME_SUMS; i++) sums[i] = NAME_sum(sums[i], sums[i + stride]);
  return NAME_sum(sums[0], NAME_TAKE(NAME_BIAS));
}
