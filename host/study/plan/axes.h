/*
 * The axes of a sweep and its configurations: every combination of one point of each axis (the grid), or random draws
 * from them.
 *
 * An axis is written as values separated by commas. Each may also be a range:
 *
 *     A..B        the whole numbers from A to B, both included
 *     A:B:N       N points from A to B, both included, equally spaced
 *     A:B:logN    N points from A to B, both included, with equal factors between them
 *
 * Points between the two ends are rounded to 12 significant digits, so that 0.1:0.5:5 contains exactly 0.3 and
 * differences between implementations of pow() have no effect; on an axis of whole numbers they are rounded to whole
 * numbers. The values of a CLFIT_FIELD_CODE are listed one by one. Repeated points are dropped. A configuration's id
 * is its position in the grid, the last axis fastest.
 */
#ifndef CLFIT_STUDY_AXES_H
#define CLFIT_STUDY_AXES_H

#include "clfit.h"
#include "study/plan/preset.h"

#define AXIS_POINTS_MAX (1u << 20) /* for points that are stored one by one; a single range A..B may have 2^32 */

struct axis {
  const clfit_field *field;
  uint64_t count;
  double *values; /* [count]; NULL: first, first + 1, ... */
  double first;
  /* numbers of points that were rounded to whole numbers, and that were dropped as repeated */
  uint32_t rounded, dropped;
};

struct axes {
  struct axis *axis; /* [n], the last fastest */
  size_t n;
  const struct preset *preset; /* its rows are the slowest axis; or NULL */
  uint64_t grid_count;         /* number of configurations of the grid: the product of the axes' counts */
  uint64_t count;              /* configurations: the grid, or those drawn from it */
  bool random;                 /* configurations are drawn from the grid */
  uint32_t random_seed;
};

/* Appends the axis of a field. Release with axes_clear, also after a failure. */
clfit_status axes_add(struct axes *axes, const clfit_field *field, const char *text, clfit_error *error);

/* Configurations become `count` draws from the grid: each point of each axis equally probable, id i always the same
 * whatever the count. Call it after the last axes_add. */
void axes_draw(struct axes *axes, uint32_t count, uint32_t seed);

/* Makes a preset's rows the slowest axis. Call it before the first axes_add; none of the fields that the rows set may
 * be another axis. */
void axes_preset(struct axes *axes, const struct preset *preset);

void axes_clear(struct axes *axes);

double axis_value(const struct axis *axis, uint64_t index);

/* The place in the grid, from 0, of configuration id: the id itself unless configurations are drawn. */
uint64_t axes_place(const struct axes *axes, uint64_t id);

/* Number of different configurations: fewer than axes->count where draws repeat each other, or where configurations
 * differ only in fields that mean nothing for their optimizer. Up to 2^20 draws are counted; of more the expected
 * number is given, and *counted is false. */
clfit_status axes_distinct(const struct axes *axes, uint64_t *distinct, bool *counted, clfit_error *error);

/* Sets the fields that are axes to the values of configuration id < axes->count; other fields are not changed. */
void axes_configuration(const struct axes *axes, uint64_t id, clfit_network *configuration);

/* The points as text from which axes_add makes the same points ("4,8,16", "0..9"). Free it; NULL: no memory. */
char *axis_print(const struct axis *axis);

/* The points as text for people, without the middle points of a long axis. Free it; NULL: no memory. */
char *axis_show(const struct axis *axis);

/* The axis of the field of that name, or NULL. */
const struct axis *axes_find(const struct axes *axes, const char *name);

/* Sum of the work of a sample, samples trained on and min(epochs, most_epochs) over all configurations; for random
 * draws, its expected value.
 * base gives the values that are not axes. */
double axes_work(const struct axes *axes, const clfit_network *base, uint32_t most_epochs);

/* The largest value of a field of whole numbers in any configuration; `otherwise` if the field is no axis. */
uint32_t axes_largest(const struct axes *axes, const char *name, uint32_t otherwise);

#endif
