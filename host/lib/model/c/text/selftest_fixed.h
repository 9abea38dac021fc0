/* Computes 64 values and returns how many of them are others than those of clfit. */
static inline int NAME_selftest(void)
{
  int i, wrong = 0;
  for (i = 0; i < 64; i++) wrong += NAME(NAME_selftest_codes[i][0]) != NAME_selftest_codes[i][1];
  return wrong;
}
