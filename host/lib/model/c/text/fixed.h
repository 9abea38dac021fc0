/* The output's code; a code below IN_MIN counts as IN_MIN, one beyond IN_MAX as IN_MAX. */
static inline uint32_t NAME(uint32_t code)
{
  const NAME_int x = (NAME_int)(code > NAME_IN_MAX ? NAME_IN_MAX : code > NAME_IN_MIN ? code : NAME_IN_MIN);
  NAME_int sum = NAME_BIAS;
  int j;
  for (j = 0; j < NAME_HIDDEN; j++)
    sum += NAME_weights[j][2] * NAME_activation(NAME_weights[j][0] * x + NAME_weights[j][1]);
  if (sum < 0) return 0;
  sum >>= NAME_SUM_BITS;
  return sum < NAME_OUT_MAX ? (uint32_t)sum : NAME_OUT_MAX;
}
