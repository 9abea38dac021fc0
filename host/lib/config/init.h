/* The table of initialisations: how the parameters of a network are drawn before its first step. */
#ifndef CLFIT_HOST_INIT_H
#define CLFIT_HOST_INIT_H

#include "base/mt19937.h"
#include "clfit.h"

/* What an initialisation draws from and where it puts it. */
struct drawing {
  struct mt19937 stream; /* seeded */
  uint32_t hidden;
  double scale;        /* s: the configuration's, or the initialisation's own */
  double low, high;    /* range of x */
  float *w1, *b1, *w2; /* [hidden], all +0 */
};

struct init {
  const char *name;
  const char *alias; /* or NULL */
  double scale;      /* its own */
  void (*draw)(struct drawing *drawing);
};

const struct init *clfit_init_get(clfit_init init);

#endif
