/* The output's code; a code beyond IN_MAX counts as IN_MAX. */
static inline uint32_t NAME(uint32_t code)
{
  const NAME_int x = (NAME_int)(code < NAME_IN_MAX ? code : NAME_IN_MAX);
  NAME_int sum = NAME_BIAS;
  int j;
  for (j = 0; j < NAME_HIDDEN; j++)
    sum += NAME_weights[j][2] * NAME_activation(NAME_weights[j][0] * x + NAME_weights[j][1]);
  if (sum < 0) return 0;
  sum >>= NAME_SUM_BITS;
  return sum < NAME_OUT_MAX ? (uint32_t)sum : NAME_OUT_MAX;
}
