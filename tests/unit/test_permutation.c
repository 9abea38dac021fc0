/* The order of the samples in a shuffled epoch. */
#include "permutation.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

static struct permutation order_of(uint32_t seed, uint32_t epoch, uint32_t count)
{
  const struct philox keys = permutation_keys(seed, epoch);
  return (struct permutation){
      .keys = {keys.word0, keys.word1, keys.word2, keys.word3}, .width = permutation_width(count), .count = count};
}

/* ---- permutations -------------------------------------------------------------------------------------------- */

static void expect_permutation(uint32_t seed, uint32_t epoch, uint32_t count)
{
  const struct permutation order = order_of(seed, epoch, count);
  unsigned char *seen = calloc(count, 1);
  cr_assert(seen);
  for (uint32_t position = 0; position < count; position++) {
    const uint32_t sample = permute(order, position);
    cr_assert(sample < count && !seen[sample], "seed %u, epoch %u, %u samples: sample %u", seed, epoch, count, sample);
    seen[sample] = 1;
  }
  free(seen);
}

Test(permutation, every_sample_once)
{
  static const uint32_t large[] = {1023, 1024, 1025, 4096, 4097, 65535, 65536, 65537, 1000003, 1u << 22};
  for (uint32_t count = 1; count <= 300; count++)
    for (uint32_t epoch = 0; epoch < 8; epoch++) expect_permutation(count, epoch, count);
  for (size_t i = 0; i < sizeof large / sizeof *large; i++) expect_permutation(2, CLFIT_PERMUTATION_ONCE, large[i]);
}

/* The largest data set, at some places: positions of equal samples would be found by their difference. */
Test(permutation, largest_count)
{
  const uint32_t count = 1u << 27;
  const struct permutation order = order_of(2, 0, count);
  for (uint32_t i = 0; i < 1000; i++)
    cr_assert(permute(order, i) < count && permute(order, i) != permute(order, count - 1 - i));
}

/* ---- chance -------------------------------------------------------------------------------------------------- */

#define EPOCHS 2000u

/*
 * How often each sample is at each position in 2000 epochs. If all permutations were equally likely, chi-squared of the
 * table would have (n - 1)^2 degrees of freedom, hence that mean, and a variance of twice as much. Six deviations are
 * allowed: a normal variable is beyond them once in 10^9, and with few degrees of freedom, where chi-squared has a
 * longer tail (2: e^-7), still once in 1000; the seeds are fixed.
 */
static double deviations_of_positions(uint32_t seed, uint32_t count)
{
  const double expected = (double)EPOCHS / count, freedom = (count - 1.0) * (count - 1.0);
  uint32_t *table = calloc((size_t)count * count, sizeof *table);
  double chi_squared = 0;
  cr_assert(table);
  for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
    const struct permutation order = order_of(seed, epoch, count);
    for (uint32_t position = 0; position < count; position++) table[position * count + permute(order, position)]++;
  }
  for (uint32_t i = 0; i < count * count; i++) chi_squared += pow(table[i] - expected, 2) / expected;
  free(table);
  return (chi_squared - freedom) / sqrt(2 * freedom);
}

Test(permutation, every_sample_is_everywhere_equally_often)
{
  for (uint32_t count = 2; count <= 70; count++)
    for (uint32_t seed = 0; seed < 3; seed++) {
      const double deviations = deviations_of_positions(seed, count);
      cr_assert(deviations < 6, "seed %u, %u samples: %g deviations", seed, count, deviations);
    }
}

/* Neighbours in one epoch are no neighbours in the next one more often than chance has it: in a random permutation of n
 * samples a pair of neighbouring positions holds samples i, i + 1 with the probability 1/n: n - 1 pairs, EPOCHS times.
 */
Test(permutation, neighbours_are_parted)
{
  for (uint32_t count = 16; count <= 1000; count += 41) {
    double followed = 0;
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
      const struct permutation order = order_of(7, epoch, count);
      for (uint32_t i = 0, last = permute(order, 0), next; i + 1 < count; i++, last = next) {
        next = permute(order, i + 1);
        followed += next == last + 1;
      }
    }
    const double expected = (double)EPOCHS * (count - 1) / count; /* a Poisson variable, nearly */
    cr_assert(fabs(followed - expected) < 6 * sqrt(expected), "%u samples: %g neighbours, not about %g", count,
              followed, expected);
  }
}

/* Another epoch, another seed and the order of all epochs are other orders. */
Test(permutation, epochs_and_seeds_differ)
{
  static const struct {
    uint32_t seed, epoch;
  } keys[] = {{2, 0}, {2, 1}, {3, 0}, {3, 1}, {2, CLFIT_PERMUTATION_ONCE}, {3, CLFIT_PERMUTATION_ONCE}};
  const uint32_t count = 100, orders = sizeof keys / sizeof *keys;
  for (uint32_t i = 0; i < orders; i++)
    for (uint32_t k = 0; k < i; k++) {
      const struct permutation one = order_of(keys[i].seed, keys[i].epoch, count);
      const struct permutation other = order_of(keys[k].seed, keys[k].epoch, count);
      uint32_t same = 0;
      for (uint32_t position = 0; position < count; position++)
        same += permute(one, position) == permute(other, position);
      cr_assert(same < 10, "%u of 100 samples are at the same position", same); /* 1 by chance; 10: once in 10^7 */
    }
}
