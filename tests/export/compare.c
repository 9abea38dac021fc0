/*
 * Compares exported functions with what clfit says, bit for bit: compare EXPECTED.bin [STEP]. C99 and C++17, for every
 * compiler and processor. list.h includes the headers (networks.c makes it). STEP: only every so many codes, a power of two up to
 * 256.
 *
 * Prints "NETWORKS networks, VALUES values, DIFFERING differing, FAILED self-tests failed, with integers|with fma";
 * returns 1 if anything differs.
 */
#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct network {
  float (*function)(float);
#if DBL_MANT_DIG >= 53
  double (*function_double)(double);
#endif
  int (*self_test)(void);
  int wild, integer;
};

#if DBL_MANT_DIG >= 53
#define DOUBLE(name) name,
#else
#define DOUBLE(name)
#endif

#include "list.h"

#define COUNT ((int)(sizeof networks / sizeof *networks))

static uint32_t bits_of(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* As networks.c has it. */
static float input(int wild, uint32_t code)
{
  const uint32_t bits = code << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return wild ? value : (float)code / 16384.0f - 2.0f;
}

static int is_nan(uint32_t bits)
{
  return (bits & 0x7fffffffu) > 0x7f800000u;
}

static int differs(uint32_t bits, uint32_t expected)
{
  return bits != expected && !(is_nan(bits) && is_nan(expected));
}

#define BLOCK 256 /* values read at once: a microcontroller has little memory */

static long compare(const struct network *network, uint32_t first, const uint32_t *expected, uint32_t step)
{
  uint32_t i;
  long differing = 0;
  for (i = 0; i < BLOCK; i += step) {
    const float x = input(network->wild, first + i);
    differing += differs(bits_of(network->function(x)), expected[i]);
#if DBL_MANT_DIG >= 53
    if (i % 16 == 0) differing += differs(bits_of((float)network->function_double((double)x)), expected[i]);
#endif
  }
  return differing;
}

int main(int count, char **arguments)
{
  static uint32_t expected[BLOCK];
  const uint32_t step = count > 2 ? (uint32_t)atoi(arguments[2]) : 1u;
  FILE *file = count > 1 ? fopen(arguments[1], "rb") : NULL;
  long differing = 0, failed = 0;
  uint32_t first;
  int i;
  for (i = 0; i < COUNT; i++) {
    for (first = 0; first < 65536u; first += BLOCK) {
      if (!file || fread(expected, sizeof *expected, BLOCK, file) != BLOCK) {
        printf("compare: expected values are missing\n");
        return 2;
      }
      differing += compare(&networks[i], first, expected, step);
    }
    failed += networks[i].self_test() != 0;
  }
  fclose(file);
  printf("%d networks, %ld values, %ld differing, %ld self-tests failed, %s\n", COUNT,
         (long)COUNT * (65536 / (long)step), differing, failed, networks[0].integer ? "with integers" : "with fma");
  return differing || failed;
}
