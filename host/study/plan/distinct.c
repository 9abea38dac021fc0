/* How many configurations of a sweep are different. */
#include "study/base/fail.h"
#include "study/plan/axes.h"

#include <math.h>
#include <stdlib.h>

#define COUNTED_MOST (1u << 20)

static int compare(const void *a, const void *b)
{
  const uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
  return one < other ? -1 : one > other;
}

static clfit_status count_draws(const struct axes *axes, uint64_t *distinct, clfit_error *error)
{
  const size_t n = (size_t)axes->count;
  uint64_t *places = malloc(n * sizeof *places);
  if (!places) return clfit_fail_memory(error);
  for (size_t id = 0; id < n; id++) places[id] = axes_place(axes, id);
  qsort(places, n, sizeof *places, compare);
  *distinct = 1;
  for (size_t i = 1; i < n; i++) *distinct += places[i] != places[i - 1];
  free(places);
  return CLFIT_OK;
}

/* Of n draws from a grid of g places each place is missed with the probability (1 - 1/g)^n. */
static uint64_t expect_draws(const struct axes *axes)
{
  const double g = (double)axes->grid_count, n = (double)axes->count;
  const double expected = -g * expm1(n * log1p(-1 / g));
  return expected < n ? (uint64_t)expected : axes->count;
}

clfit_status axes_distinct(const struct axes *axes, uint64_t *distinct, bool *counted, clfit_error *error)
{
  *counted = !axes->random || axes->count <= COUNTED_MOST;
  *distinct = axes->count;
  if (!axes->random || axes->count == 0) return CLFIT_OK;
  if (*counted) return count_draws(axes, distinct, error);
  *distinct = axes->grid_count > 1 ? expect_draws(axes) : 1;
  return CLFIT_OK;
}
