/* How many configurations of a sweep are different: those that differ only in fields that mean nothing for their
 * optimizer are not. */
#include "study/base/fail.h"
#include "study/plan/axes.h"

#include <math.h>
#include <stdlib.h>

#define COUNTED_MOST (1u << 20)

static bool is_of_optimizers(const struct axis *axis)
{
  return axis->field->offset == offsetof(clfit_network, optimizer);
}

/* A network with point k of the axis of optimizers, or with the preset's optimizer, which all of its rows have. */
static clfit_network network_with(const struct axes *axes, uint64_t k)
{
  clfit_network network;
  clfit_network_default(&network);
  if (axes->preset) preset_apply(axes->preset, 0, &network);
  for (size_t i = 0; i < axes->n; i++)
    if (is_of_optimizers(&axes->axis[i])) clfit_field_set(axes->axis[i].field, axis_value(&axes->axis[i], k), &network);
  return network;
}

/* ---- the grid -------------------------------------------------------------------------------------------------- */

static uint64_t count_optimizers(const struct axes *axes)
{
  const struct axis *optimizers = axes_find(axes, "optimizer");
  return optimizers ? optimizers->count : 1;
}

/* Different configurations with that optimizer. */
static uint64_t count_with(const struct axes *axes, uint64_t k)
{
  const clfit_network network = network_with(axes, k);
  uint64_t count = axes->preset ? axes->preset->n : 1;
  for (size_t i = 0; i < axes->n; i++) {
    const struct axis *axis = &axes->axis[i];
    if (!is_of_optimizers(axis) && clfit_field_applies(axis->field, &network, true)) count *= axis->count;
  }
  return count;
}

static uint64_t count_grid(const struct axes *axes)
{
  const uint64_t optimizers = count_optimizers(axes);
  uint64_t count = 0;
  for (uint64_t k = 0; k < optimizers; k++) count += count_with(axes, k);
  return count;
}

/* ---- draws ----------------------------------------------------------------------------------------------------- */

/* The first place in the grid whose configuration is not different from the one at a place. */
static uint64_t first_alike(const struct axes *axes, uint64_t place)
{
  uint64_t rest = place, k = 0, stride = 1, first = 0;
  for (size_t i = axes->n; i-- > 0; rest /= axes->axis[i].count)
    if (is_of_optimizers(&axes->axis[i])) k = rest % axes->axis[i].count;
  const clfit_network network = network_with(axes, k);
  rest = place;
  for (size_t i = axes->n; i-- > 0;) {
    const struct axis *axis = &axes->axis[i];
    if (clfit_field_applies(axis->field, &network, true)) first += rest % axis->count * stride;
    stride *= axis->count;
    rest /= axis->count;
  }
  return first;
}

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
  for (size_t id = 0; id < n; id++) places[id] = first_alike(axes, axes_place(axes, id));
  qsort(places, n, sizeof *places, compare);
  *distinct = 1;
  for (size_t i = 1; i < n; i++) *distinct += places[i] != places[i - 1];
  free(places);
  return CLFIT_OK;
}

/* Of n draws each of d equally probable configurations, which together have the probability p, is missed with the
 * probability (1 - p/d)^n. */
static uint64_t expect_draws(const struct axes *axes)
{
  const uint64_t optimizers = count_optimizers(axes);
  const double n = (double)axes->count;
  double expected = 0;
  for (uint64_t k = 0; k < optimizers; k++) {
    const double d = (double)count_with(axes, k);
    expected -= d * expm1(n * log1p(-1 / (d * (double)optimizers)));
  }
  return expected < n ? (uint64_t)(expected + 0.5) : axes->count;
}

clfit_status axes_distinct(const struct axes *axes, uint64_t *distinct, bool *counted, clfit_error *error)
{
  *counted = !axes->random || axes->count <= COUNTED_MOST;
  *distinct = axes->count;
  if (axes->count == 0) return CLFIT_OK;
  if (axes->random && *counted) return count_draws(axes, distinct, error);
  *distinct = axes->random ? expect_draws(axes) : count_grid(axes);
  return CLFIT_OK;
}
