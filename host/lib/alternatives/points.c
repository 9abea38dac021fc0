#include "alternatives/points.h"

#include "base/error.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

struct row {
  double x, y, w;
};

bool clfit_points_create(struct points *points, size_t n)
{
  *points = (struct points){.n = n};
  points->x = malloc(3 * (n ? n : 1) * sizeof *points->x);
  if (!points->x) return false;
  points->y = points->x + n;
  points->w = points->y + n;
  return true;
}

void clfit_points_clear(struct points *points)
{
  free(points->x);
  *points = (struct points){0};
}

static int compare(double a, double b)
{
  return (a > b) - (a < b);
}

/* Equal x in the order of y: sums do not depend on the order in which the caller has the rows. */
static int compare_rows(const void *a, const void *b)
{
  const struct row *first = a, *second = b;
  int order = compare(first->x, second->x);
  if (order == 0) order = compare(first->y, second->y);
  return order != 0 ? order : compare(first->w, second->w);
}

static clfit_status check_row(size_t i, struct row row, clfit_error *error)
{
  if (!(fabs(row.x) <= FLT_MAX) || !(fabs(row.y) <= FLT_MAX)) {
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "row %zu: x and y must be finite float32 numbers", i + 1);
  }
  if (!(row.w >= 0) || isinf(row.w)) {
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "row %zu: a weight must be 0 or more, and finite", i + 1);
  }
  return CLFIT_OK;
}

/* Copies the rows with a positive weight; *count of them. */
static clfit_status copy_rows(size_t n, const double *x, const double *y, const double *weights, struct row *rows,
                              size_t *count, clfit_error *error)
{
  *count = 0;
  for (size_t i = 0; i < n; i++) {
    struct row row = {x[i], y[i], weights ? weights[i] : 1};
    clfit_status status = check_row(i, row, error);
    if (status) return status;
    if (row.w > 0) rows[(*count)++] = row;
  }
  if (*count == 0) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no row with a positive weight");
  return CLFIT_OK;
}

static void sort_rows(size_t n, struct row *rows)
{
  size_t i = 1;
  while (i < n && compare_rows(&rows[i - 1], &rows[i]) <= 0) i++;
  if (i < n) qsort(rows, n, sizeof *rows, compare_rows);
}

clfit_status clfit_points_sort(struct points *points, size_t n, const double *x, const double *y, const double *weights,
                               clfit_error *error)
{
  struct row *rows = malloc((n ? n : 1) * sizeof *rows);
  if (!rows) return clfit_fail_memory(error);
  size_t count = 0;
  clfit_status status = copy_rows(n, x, y, weights, rows, &count, error);
  if (!status && !clfit_points_create(points, count)) status = clfit_fail_memory(error);
  if (!status) {
    sort_rows(count, rows);
    for (size_t i = 0; i < count; i++) {
      points->x[i] = rows[i].x;
      points->y[i] = rows[i].y;
      points->w[i] = rows[i].w;
    }
  }
  free(rows);
  return status;
}

size_t clfit_points_distinct(const struct points *points)
{
  size_t distinct = points->n > 0;
  for (size_t i = 1; i < points->n; i++) distinct += points->x[i] != points->x[i - 1];
  return distinct;
}

/* The end of the cell that begins at row i. Rows of equal x are never divided. */
static size_t cell_end(const struct points *points, size_t i, double width, size_t rows)
{
  size_t end = i + 1;
  while (end < points->n) {
    bool same = points->x[end] == points->x[end - 1];
    if (!same && (points->x[end] - points->x[i] > width || end - i >= rows)) break;
    end++;
  }
  return end;
}

/* The weighted mean of the rows i to end - 1, and in *spread the variance of x. Weights count relative to the largest,
 * so that no sum overflows. */
static void mean_of_cell(const struct points *points, size_t i, size_t end, double largest, struct points *thin,
                         double *spread)
{
  double w = 0, wx = 0, wy = 0, wxx = 0;
  for (size_t k = i; k < end; k++) {
    double weight = points->w[k] / largest, dx = points->x[k] - points->x[i];
    w += weight;
    wx += weight * dx;
    wxx += weight * dx * dx;
    wy += weight * (points->y[k] - points->y[i]);
  }
  if (!(w > 0)) w = DBL_MIN; /* weights that vanish beside the largest */
  size_t at = thin->n++;
  thin->x[at] = points->x[i] + wx / w;
  thin->y[at] = points->y[i] + wy / w;
  thin->w[at] = w;
  *spread = fmax(wxx / w - (wx / w) * (wx / w), 0);
}

/* Half the second derivative at point i, of the parabola through it and its neighbours; of the ends, where the
 * neighbours' changes, continued straight, but to no more than twice the neighbour's and not beyond 0. */
static double curvature(const struct points *thin, size_t i)
{
  size_t last = thin->n - 1;
  if (i > 0 && i < last) {
    const double *x = thin->x + i, *y = thin->y + i;
    return ((y[1] - y[0]) / (x[1] - x[0]) - (y[0] - y[-1]) / (x[0] - x[-1])) / (x[1] - x[-1]);
  }
  size_t next = i == 0 ? 1 : last - 1, after = i == 0 ? 2 : last - 2;
  double c = curvature(thin, next), change = c - curvature(thin, after);
  double reach = (thin->x[i] - thin->x[next]) / (thin->x[next] - thin->x[after]);
  double ratio = c != 0 ? 1 + change / c * reach : 1;
  return c * fmin(fmax(ratio, 0), 2);
}

/* The mean of y in a cell is off the curve at the mean of x by half the second derivative times the variance of x. */
static void take_off_curvature(struct points *thin, double *spread)
{
  if (thin->n < 5) return;
  for (size_t i = 0; i < thin->n; i++) spread[i] *= spread[i] > 0 ? curvature(thin, i) : 0;
  for (size_t i = 0; i < thin->n; i++) thin->y[i] -= spread[i];
}

static double largest_of(size_t n, const double *values)
{
  double largest = 0;
  for (size_t i = 0; i < n; i++) {
    if (values[i] > largest) largest = values[i];
  }
  return largest;
}

bool clfit_points_thin(const struct points *points, size_t limit, struct points *thin)
{
  assert(points->n > 0 && limit >= 2);
  bool few = clfit_points_distinct(points) <= limit;
  double width = few ? 0 : (points->x[points->n - 1] - points->x[0]) * 2 / (double)limit;
  size_t rows = few ? 1 : points->n * 2 / limit + 1;
  double *spread = malloc(points->n * sizeof *spread);
  if (!spread || !clfit_points_create(thin, points->n)) {
    free(spread);
    return false;
  }
  double largest = largest_of(points->n, points->w);
  thin->n = 0;
  for (size_t i = 0, end; i < points->n; i = end) {
    end = cell_end(points, i, width, rows);
    mean_of_cell(points, i, end, largest, thin, &spread[thin->n]);
  }
  if (!few) take_off_curvature(thin, spread);
  free(spread);
  return true;
}

bool clfit_points_choose(const struct points *points, size_t limit, struct points *chosen)
{
  size_t n = points->n < limit ? points->n : limit;
  if (!clfit_points_create(chosen, n)) return false;
  for (size_t i = 0; i < n; i++) {
    size_t row = n == points->n ? i : (size_t)((double)i * (double)(points->n - 1) / (double)(n - 1));
    chosen->x[i] = points->x[row];
    chosen->y[i] = points->y[row];
    chosen->w[i] = points->w[row];
  }
  return true;
}
