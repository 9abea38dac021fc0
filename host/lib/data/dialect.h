/* What a text file of samples looks like, guessed from its beginning. */
#ifndef CLFIT_HOST_DIALECT_H
#define CLFIT_HOST_DIALECT_H

#include "data/input.h"

struct dialect {
  char separator; /* ',', ';', '\t', ' ' */
  bool header;    /* the first record has names */
};

/* Looks at the bytes that an input has read, and leaves them there. Any input gets a dialect: what is wrong with its
 * lines is told when they are read. CLFIT_ERROR_MEMORY. */
clfit_status clfit_dialect_guess(const struct input *input, struct dialect *dialect, clfit_error *error);

#endif
