#include "study/plan/growth.h"

#include "study/base/fail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct point {
  double value;
  uint64_t index;
};

static int compare(const void *a, const void *b)
{
  const double left = ((const struct point *)a)->value, right = ((const struct point *)b)->value;
  return left < right ? -1 : left > right;
}

/* Whether an axis A..B has a value. */
static bool range_has(const struct axis *range, double value)
{
  return value >= range->first && value - range->first < (double)range->count;
}

/* The points of a list, sorted. NULL: no memory. */
static struct point *sort_points(const struct axis *list)
{
  struct point *points = malloc((size_t)list->count * sizeof *points);
  for (uint64_t i = 0; points && i < list->count; i++) points[i] = (struct point){list->values[i], i};
  if (points) qsort(points, (size_t)list->count, sizeof *points, compare);
  return points;
}

/* The index of a value, or the axis' count: there is none. sorted: the points of an axis that is a list. */
static uint64_t find(const struct axis *axis, const struct point *sorted, double value)
{
  const struct point wanted = {.value = value};
  if (!axis->values) return range_has(axis, value) ? (uint64_t)(value - axis->first) : axis->count;
  const struct point *found = bsearch(&wanted, sorted, (size_t)axis->count, sizeof *sorted, compare);
  return found ? found->index : axis->count;
}

/* Fills the indices of an axis; it has at most as many points as are stored one by one. */
static void fill_indices(struct growth_axis *of, const struct axis *before, const struct axis *after,
                         const struct point *sorted)
{
  of->contained = of->same = true;
  for (uint64_t i = 0; i < before->count && of->contained; i++) {
    of->indices[i] = find(after, sorted, axis_value(before, i));
    of->contained = of->indices[i] < after->count;
    of->same = of->same && of->indices[i] == i;
  }
}

static clfit_status map_axis(struct growth_axis *of, const struct axis *before, const struct axis *after,
                             clfit_error *error)
{
  *of = (struct growth_axis){.count = before->count};
  if (before->count > after->count) return CLFIT_OK;
  if (!before->values && !after->values) {
    of->contained = range_has(after, before->first) && range_has(after, axis_value(before, before->count - 1));
    of->shift = of->contained ? (uint64_t)(before->first - after->first) : 0;
    of->same = of->contained && of->shift == 0;
    return CLFIT_OK;
  }
  struct point *sorted = after->values ? sort_points(after) : NULL;
  of->indices = malloc((size_t)before->count * sizeof *of->indices);
  if (of->indices && (sorted || !after->values)) fill_indices(of, before, after, sorted);
  bool failed = !of->indices || (after->values && !sorted);
  free(sorted);
  return failed ? clfit_fail_memory(error) : CLFIT_OK;
}

/* An axis moves ids if it has one of its points elsewhere, or if it is not the slowest one with several points and has
 * more of them now. */
static bool finds_moves(const struct growth *growth, const struct axes *before)
{
  bool slower = before->preset && before->preset->n > 1; /* a slower axis has several points */
  for (size_t i = 0; i < before->n; i++) {
    if (!growth->axis[i].same) return true;
    if (slower && before->axis[i].count != growth->axes->axis[i].count) return true;
    slower = slower || before->axis[i].count > 1;
  }
  return false;
}

clfit_status growth_make(struct growth *growth, const struct axes *before, const struct axes *after, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  assert(before->n == after->n && before->preset == after->preset);
  *growth = (struct growth){.axes = after, .axis = calloc(after->n ? after->n : 1, sizeof *growth->axis)};
  if (!growth->axis) return clfit_fail_memory(error);
  for (size_t i = 0; i < after->n && !status; i++) {
    assert(before->axis[i].field == after->axis[i].field);
    status = map_axis(&growth->axis[i], &before->axis[i], &after->axis[i], error);
    growth->longer = growth->longer || after->axis[i].count > before->axis[i].count;
  }
  growth->moves = !status && finds_moves(growth, before);
  return status;
}

void growth_clear(struct growth *growth)
{
  for (size_t i = 0; growth->axis && i < growth->axes->n; i++) free(growth->axis[i].indices);
  free(growth->axis);
  memset(growth, 0, sizeof *growth);
}

uint64_t growth_id(const struct growth *growth, uint64_t id)
{
  uint64_t stride = 1, place = 0;
  for (size_t i = growth->axes->n; i-- > 0;) {
    const struct growth_axis *axis = &growth->axis[i];
    const uint64_t index = id % axis->count;
    place += stride * (axis->indices ? axis->indices[index] : index + axis->shift);
    stride *= growth->axes->axis[i].count;
    id /= axis->count;
  }
  return place + stride * id; /* what is left is the preset's row */
}
