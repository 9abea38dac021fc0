/*
 * Compares exported fixed-point functions with the exported double ones, which compare.c compares with clfit: over
 * every code no farther than the header says, which is a thousandth of y's range at most. C99 and C++17. Prints as
 * compare.c.
 */
#include <stdint.h>
#include <stdio.h>

struct network {
  uint32_t (*function)(uint32_t);
  double (*function_double)(double);
  int (*self_test)(void);
  int codes;
  double x_min, x_step, y_min, y_step, bound;
};

#include "list_fixed.h"

#define COUNT ((int)(sizeof networks / sizeof *networks))

/* The header's bound is exact; this computes the same differences with roundings of its own. */
static long compare(const struct network *network)
{
  long differing = 0;
  double low = 1e300, high = -1e300;
  int code;
  for (code = 0; code < network->codes; code++) {
    const double y = network->function_double(network->x_min + code * network->x_step);
    const double error = network->y_min + network->function((uint32_t)code) * network->y_step - y;
    const double bound = network->bound * (1 + 1e-9);
    if (!(error <= bound && -error <= bound)) differing++;
    if (y < low) low = y;
    if (y > high) high = y;
  }
  if (high > low && network->bound > 1e-3 * (high - low)) differing++;
  if (network->function(0xffffffffu) != network->function((uint32_t)network->codes - 1u)) differing++;
  return differing;
}

int main(void)
{
  long differing = 0, failed = 0, values = 0;
  int i;
  for (i = 0; i < COUNT; i++) {
    differing += compare(&networks[i]);
    failed += networks[i].self_test() != 0;
    values += networks[i].codes;
  }
  printf("%d networks, %ld values, %ld differing, %ld self-tests failed, in fixed point\n", COUNT, values, differing,
         failed);
  return differing || failed;
}
