/*
 * How the ids of a sweep change if its axes get more points. An id is a position in the grid, the last axis fastest, so
 * that more points of an axis move the networks of all slower ones: id = sum of index * stride over the axes, with
 * stride = product of the counts of the faster axes. Ids stay if only the slowest axis with several points grows, at
 * its end.
 */
#ifndef CLFIT_STUDY_GROWTH_H
#define CLFIT_STUDY_GROWTH_H

#include "study/plan/axes.h"

struct growth_axis {
  uint64_t count;    /* points before */
  uint64_t *indices; /* [count] where each of them is now; NULL: at its index + shift */
  uint64_t shift;
  bool contained; /* there are all points of before */
  bool same;      /* and they are at the same indices */
};

struct growth {
  struct growth_axis *axis; /* [axes->n] */
  const struct axes *axes;  /* after */
  bool longer;              /* an axis has more points than before */
  bool moves;               /* ids change */
};

/* Compares the axes of before with those after: the same fields in the same order, and the same preset. Axes `after`
 * must outlive the growth. Release with growth_clear, also after a failure. */
clfit_status growth_make(struct growth *growth, const struct axes *before, const struct axes *after,
                         clfit_error *error);
void growth_clear(struct growth *growth);

/* The id that a configuration has now. All axes must be contained, and the id be one of the grid before. */
uint64_t growth_id(const struct growth *growth, uint64_t id);

#endif
