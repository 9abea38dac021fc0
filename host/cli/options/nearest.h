/* Finds the name that is most similar to a mistyped one. */
#ifndef CLFIT_CLI_NEAREST_H
#define CLFIT_CLI_NEAREST_H

#include <stddef.h>

struct nearest {
  const char *typed;
  const char *name; /* the best so far, or NULL: none is near */
  size_t distance;  /* its distance from what was typed */
};

/* Starts a search; typed must outlive it. */
void nearest_begin(struct nearest *nearest, const char *typed);

/* Offers a name, which must outlive the search. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
