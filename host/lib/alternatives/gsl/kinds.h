/* The kinds of curves that are fitted, and one that is fitted. */
#ifndef CLFIT_HOST_KINDS_H
#define CLFIT_HOST_KINDS_H

#include "alternatives/points.h"

#define TABLE_MOST      4096
#define SPLINE_MOST     1024
#define POLYNOMIAL_MOST 64
#define RATIONAL_MOST   20

struct fit {
  const struct kind *kind;
  size_t size;          /* coefficients */
  size_t split;         /* rational: those of the numerator */
  bool warm;            /* rational: c holds an earlier solution, from which the next one starts */
  float offset, factor; /* u = (x - offset) factor */
  float c[TABLE_MOST];  /* [size] */
};

struct kind {
  const char *name;
  size_t least, most; /* coefficients */
  size_t ends;        /* u lies in [0, size - ends]; 0: in [-1, 1] */
  bool coarse;        /* fitted to the coarse cells */
  size_t splits;      /* variants of a size */
  /* Whether there is variant i of that size; sets fit->split. NULL: there is one variant. */
  bool (*divide)(struct fit *fit, size_t i);
  /* Sets fit->c to the weighted least squares; false: there is no such fit. */
  bool (*solve)(struct fit *fit, const struct points *points);
  clfit_curve evaluate; /* context: the fit */
  clfit_operations (*operations)(const struct fit *fit);
  void (*describe)(const struct fit *fit, char *text, size_t size);
};

#define CLFIT_KINDS 4
/* table, spline, polynomial, rational. */
const struct kind *clfit_kind_get(size_t index);

extern const struct kind clfit_kind_table, clfit_kind_spline, clfit_kind_polynomial, clfit_kind_rational;

/* Constants of a fit: the coefficients, offset and factor. */
#define FIT_CONSTANTS 2

/* Sets offset and factor so that u lies within [0, span], or [-1, 1] for span 0, where x does in [low, high]. */
void clfit_fit_scale(struct fit *fit, double low, double high, size_t span);

/* (x - offset) factor. */
static inline double fit_position(const struct fit *fit, double x)
{
  return (x - (double)fit->offset) * (double)fit->factor;
}

/*
 * Least squares with a basis of which `width` neighbouring functions (at most 4) are not 0 at any u in [0, intervals]:
 * those of the coefficients floor(u) to floor(u) + width - 1, whose values weigh() gives for the fraction of u.
 * Where the rows say nothing of a coefficient, its neighbours continue as straight as possible.
 */
struct basis {
  size_t width;
  void (*weigh)(double fraction, double values[4]);
};
bool clfit_banded_solve(const struct basis *basis, struct fit *fit, const struct points *points);

/* Splits u into an interval, 0 .. intervals - 1, and the fraction within it. */
size_t clfit_interval(double u, size_t intervals, double *fraction);

/* Minimises the squares of A c - b by QR; A [rows*columns] and b [rows] are overwritten. false: c is not determined. */
bool clfit_dense_solve(size_t rows, size_t columns, double *a, double *b, double *c);

/* values[k] = T_k(t), k < n. */
void clfit_chebyshev_values(double t, size_t n, double *values);

/* s[i] = sum of c_k T_k(t_i), k < n, i < count, by Clenshaw's recurrence. */
#define CHEBYSHEV_BLOCK 64
void clfit_chebyshev_sums(size_t n, const float *c, size_t count, const double *t, double *s);

struct lawson {
  size_t limit; /* rows to work on */
  double bound; /* the largest error wanted */
  /* Is asked about each improvement, with its largest error on the rows in work; true ends the iteration. */
  bool (*accept)(void *context, const struct fit *fit, double largest);
  void *context;
};

/* Makes the largest error smaller by weights that grow with the errors; *fit is the least squares, and the best fit
 * afterwards. Whether one was accepted. */
bool clfit_lawson_improve(const struct lawson *lawson, const struct points *rows, struct fit *fit);

#endif
