#include "alternatives/columns.h"

#include <math.h>

/* Points that are evaluated at once. */
#define BLOCK 256

/* Points of the grid between the data's ends, at least, and between neighbours. */
#define GRID       8192
#define NEIGHBOURS 4

void clfit_alternative_clear(clfit_alternative *row, const char *kind)
{
  *row = (clfit_alternative){.size = sizeof *row, .kind = kind, .rmse = NAN, .max_error = NAN, .departure = NAN};
}

void clfit_curve_errors(const struct points *points, clfit_curve curve, void *context, double *rmse, double *max_error)
{
  double z[BLOCK], rss = 0, largest = 0;
  for (size_t i = 0; i < points->n; i += BLOCK) {
    size_t n = points->n - i < BLOCK ? points->n - i : BLOCK;
    curve(context, n, points->x + i, z);
    for (size_t k = 0; k < n; k++) {
      double error = fabs(z[k] - points->y[i + k]);
      rss += error * error;
      if (!(error <= largest)) largest = isfinite(error) ? error : INFINITY;
    }
  }
  *max_error = largest;
  *rmse = isfinite(rss) ? sqrt(rss / (double)points->n) : INFINITY;
}

/* 1 if y never falls, -1 if it never rises, 0 if it does both. Equal values throughout count as never falling. */
static int direction(const struct points *points)
{
  bool rises = false, falls = false;
  for (size_t i = 1; i < points->n; i++) {
    rises = rises || points->y[i] > points->y[i - 1];
    falls = falls || points->y[i] < points->y[i - 1];
  }
  if (rises && falls) return 0;
  return falls ? -1 : 1;
}

/* What is found on a walk along a curve. */
struct walk {
  int direction;
  double tolerance; /* falls up to here are rounding */
  double highest;   /* of the curve so far, times direction */
  bool monotone;
  double departure;
};

static void walk_over(struct walk *walk, double z, double straight)
{
  double height = walk->direction * z, departure = fabs(z - straight);
  if (!(height >= walk->highest - walk->tolerance)) walk->monotone = false;
  if (height > walk->highest) walk->highest = height;
  if (!(departure <= walk->departure)) walk->departure = isfinite(departure) ? departure : INFINITY;
}

/* The points from a up to, not including, the next one, `between` of them. */
static void walk_interval(struct walk *walk, const struct points *points, size_t a, size_t between, clfit_curve curve,
                          void *context)
{
  double x0 = points->x[a], dx = points->x[a + 1] - x0, y0 = points->y[a], dy = points->y[a + 1] - y0;
  double x[BLOCK], z[BLOCK];
  for (size_t first = 0; first < between; first += BLOCK) {
    size_t n = between - first < BLOCK ? between - first : BLOCK;
    for (size_t k = 0; k < n; k++) x[k] = x0 + dx * ((double)(first + k) / (double)between);
    curve(context, n, x, z);
    for (size_t k = 0; k < n; k++) walk_over(walk, z[k], y0 + dy * ((double)(first + k) / (double)between));
  }
}

static double largest_value(const struct points *points)
{
  double largest = 0;
  for (size_t i = 0; i < points->n; i++) largest = fmax(largest, fabs(points->y[i]));
  return largest;
}

static void walk_all(struct walk *walk, const struct points *points, clfit_curve curve, void *context)
{
  size_t last = points->n - 1;
  size_t between = last > 0 && GRID / last > NEIGHBOURS ? GRID / last + 1 : NEIGHBOURS + 1;
  for (size_t i = 0; i < last; i++) walk_interval(walk, points, i, between, curve, context);
  double z;
  curve(context, 1, &points->x[last], &z);
  walk_over(walk, z, points->y[last]);
}

void clfit_alternative_measure(const struct comparison *comparison, clfit_curve curve, void *context,
                               clfit_alternative *row)
{
  const struct points *points = &comparison->fine;
  struct walk walk = {direction(points), 0x1p-22 * largest_value(points), -INFINITY, true, 0};
  walk_all(&walk, points, curve, context);
  row->monotone = CLFIT_MONOTONE_NOT_ASKED;
  if (walk.direction != 0) row->monotone = walk.monotone ? CLFIT_MONOTONE_YES : CLFIT_MONOTONE_NO;
  row->departure = walk.departure;
  clfit_curve_errors(&comparison->rows, curve, context, &row->rmse, &row->max_error);
  row->met = row->max_error <= comparison->max_error && row->rmse <= comparison->rmse;
}
