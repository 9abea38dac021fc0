/*
 * The fma made of integers and the reciprocal of an exported header (net_0.h, of a sigmoid) against the C library's
 * fmaf and the processor's division: random operands of every kind, and every mantissa. Compiled with
 * -Dnet_0_INTEGER=1.
 */
#include "net_0.h"

#include <math.h>
#include <stdio.h>

static uint64_t random_state = 1;

static uint32_t draw(void)
{
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 32);
}

/* Any bits; or few mantissa bits, so that there are ties; or an exponent from 0 to 3 or 252 to 255. */
static uint32_t draw_operand(void)
{
  uint32_t bits = draw();
  const uint32_t kind = draw() % 8;
  if (kind == 1) bits &= 0xfff00003u;
  if (kind == 2) bits &= 0x81ffffffu;
  if (kind == 3) bits |= 0x7e000000u;
  if (kind == 4) bits &= 0xff800000u;
  if (kind >= 5) bits = (bits & 0x87ffffffu) | 0x38000000u; /* exponents that are near each other */
  return bits;
}

static int is_nan(uint32_t bits)
{
  return (bits & 0x7fffffffu) > 0x7f800000u;
}

/* Near -a b, so that most of it cancels. */
static uint32_t near_product(uint32_t a, uint32_t b)
{
  return net_0_bits_of(-(net_0_float_of(a) * net_0_float_of(b))) + draw() % 5 - 2;
}

static long compare_fma(long count)
{
  long differing = 0;
  for (; count > 0; count--) {
    const uint32_t a = draw_operand(), b = draw_operand(), c = count % 4 ? draw_operand() : near_product(a, b);
    const uint32_t right = net_0_bits_of(fmaf(net_0_float_of(a), net_0_float_of(b), net_0_float_of(c)));
    const uint32_t found = net_0_fma(a, b, c);
    differing += found != right && !(is_nan(found) && is_nan(right));
  }
  return differing;
}

static long compare_reciprocal(void)
{
  long differing = 0;
  uint32_t mantissa;
  for (mantissa = 0; mantissa < 0x800000u; mantissa++) {
    const uint32_t d = ((127 + mantissa % 93) << 23) | mantissa;
    differing += net_0_reciprocal(d) != net_0_bits_of(1.0f / net_0_float_of(d));
  }
  return differing;
}

int main(void)
{
  const long differing = compare_fma(5000000), reciprocals = compare_reciprocal();
  printf("fma of 5000000 operands: %ld differing; 8388608 reciprocals: %ld differing\n", differing, reciprocals);
  return differing || reciprocals;
}
