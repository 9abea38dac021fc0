/*
 * The tensors W1 [H,1], B1 [H,1], W2 [1,H], B2 [1,1] in a safetensors file:
 *
 *     8 bytes      length of the header, little-endian
 *     header       a JSON object: NAME: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]} for every tensor,
 *                  offsets in bytes from the header's end, and "__metadata__": an object of strings; spaces after it
 *     float32 ..   little-endian, row by row, the tensors without gaps
 */
#ifndef CLFIT_HOST_SAFETENSORS_H
#define CLFIT_HOST_SAFETENSORS_H

#include "clfit.h"

#include <jansson.h>

/* Longest header that is read or written, in bytes. One of ours has about 1200; formulas and paths may be long. */
#define CLFIT_HEADER_MAX (1u << 20)

struct tensors {
  uint32_t hidden;
  float *parameters; /* [3*hidden + 1], in the order of clfit_state */
  json_t *metadata;  /* an object of strings, perhaps empty */
};

/* Writes the tensors first, second .. in the order above. What cannot be written shows in the stream.
 * CLFIT_ERROR_ARGUMENT: the metadata is too long. */
clfit_status clfit_tensors_write(const struct tensors *tensors, FILE *stream, clfit_error *error);

/* Reads a file of any program with these four tensors and no others, in any order and also as [H] and [1]. Nothing is
 * believed before it is checked, nothing allocated by a size out of the file without a limit. CLFIT_ERROR_FORMAT says
 * what is wrong. Release with clfit_tensors_clear. */
clfit_status clfit_tensors_read(struct tensors *tensors, const char *path, clfit_error *error);

void clfit_tensors_clear(struct tensors *tensors);

#endif
