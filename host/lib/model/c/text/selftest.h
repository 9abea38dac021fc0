/* Computes 64 values and returns how many of them have other bits than those of clfit: 0 unless the compiler, its
 * options, or the processor change what is computed. Every NaN counts as the same. */
static inline int NAME_selftest(void)
{
  int i, wrong = 0;
  for (i = 0; i < 64; i++) {
    const uint32_t bits = NAME_bits_of(NAME(NAME_float_of(NAME_selftest_bits[i][0])));
    const int is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
    wrong += (is_nan ? 0x7fc00000u : bits) != NAME_selftest_bits[i][1];
  }
  return wrong;
}
