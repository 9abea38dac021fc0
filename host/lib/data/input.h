/* Bytes of a file or of standard input, read once from the beginning; what comes first can be looked at before. */
#ifndef CLFIT_HOST_INPUT_H
#define CLFIT_HOST_INPUT_H

#include "clfit.h"

#include <stdio.h>

#define CLFIT_INPUT_SIZE (1u << 16)

struct input {
  FILE *stream;         /* NULL: nothing follows what is in bytes */
  unsigned char *bytes; /* [CLFIT_INPUT_SIZE] */
  size_t at, count;     /* the next byte of the `count` in bytes */
};

/* Opens a file, "-" is standard input, and fills the bytes; regular: only a regular file, nothing else is even opened.
 * name is for messages. CLFIT_ERROR_FILE: why not. Close in any case. */
clfit_status clfit_input_open(struct input *input, const char *path, const char *name, bool regular,
                              clfit_error *error);
void clfit_input_close(struct input *input);

/* Reads more bytes when all are used; false: there are none. */
bool clfit_input_fill(struct input *input);

/* The next byte, EOF at the end; _peek leaves it there. */
static inline int clfit_input_peek(struct input *input)
{
  return input->at < input->count || clfit_input_fill(input) ? input->bytes[input->at] : EOF;
}

static inline int clfit_input_get(struct input *input)
{
  return input->at < input->count || clfit_input_fill(input) ? input->bytes[input->at++] : EOF;
}

#endif
