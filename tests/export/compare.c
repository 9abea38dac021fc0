/*
 * Compares exported functions with what clfit says, bit for bit: compare EXPECTED.bin [STEP]. C99 and C++17, for every
 * compiler and processor. list.h includes the headers (networks.c makes it). STEP: only every so many codes, a power of
 * two up to 256.
 *
 * Prints "NETWORKS networks, VALUES values, DIFFERING differing, FAILED self-tests failed, with integers|with fma";
 * returns 1 if anything differs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct network {
  float (*function)(float);
  double (*function_double)(double);
  int (*self_test)(void);
  int wild, integer;
  double bound; /* of a network that is scaled: how far float may be from double; else 0 */
};

#include "list.h"

#define COUNT ((int)(sizeof networks / sizeof *networks))

/* As networks.c has it. */
static float input(int wild, uint32_t code)
{
  const uint32_t bits = code << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return wild ? value : (float)code / 16384.0f - 2.0f;
}

static int differs(double value, double expected)
{
  if (value != value || expected != expected) return (value != value) != (expected != expected);
  return memcmp(&value, &expected, sizeof value) != 0;
}

static int is_far(double value, double expected, double bound)
{
  return !(value - expected <= bound && expected - value <= bound);
}

#define BLOCK 256 /* values read at once: a microcontroller has little memory */

static long compare(const struct network *network, uint32_t first, const double *expected, uint32_t step)
{
  uint32_t i;
  long differing = 0;
  for (i = 0; i < BLOCK; i += step) {
    const float x = input(network->wild, first + i);
    const double y = (double)network->function(x);
    differing += network->bound > 0.0 ? is_far(y, expected[i], network->bound) : differs(y, expected[i]);
    if (i % 16 == 0 || network->bound > 0.0) differing += differs(network->function_double((double)x), expected[i]);
  }
  return differing;
}

int main(int count, char **arguments)
{
  static double expected[BLOCK];
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
