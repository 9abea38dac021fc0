/*
 * The record of a network in a safetensors file: the tensors W1 [H,1], B1 [H,1], W2 [1,H], B2 [1,1] of the parameters
 * and, for each further set NAME, NAME.W1 [H,1], NAME.B1 [H,1], NAME.W2 [1,H], NAME.B2 [1,1]; of a training by least
 * squares under way also such sets of float64 and the tensor scalars [1,N], float64 too.
 *
 *     8 bytes      length of the header, little-endian
 *     header       a JSON object: NAME: {"dtype": "F32" or "F64", "shape": [..], "data_offsets": [begin, end]} for every tensor,
 *                  offsets in bytes from the header's end, and "__metadata__": an object of strings; spaces after it
 *     values ..    little-endian, row by row, the tensors without gaps; float64 first, so that all are aligned
 */
#ifndef CLFIT_HOST_SAFETENSORS_H
#define CLFIT_HOST_SAFETENSORS_H

#include "model/tensor.h"

#include <jansson.h>

/* Longest header that is read or written, in bytes. One of ours has about 1200; formulas and paths may be long. */
#define CLFIT_HEADER_MAX (1u << 20)

/* Sets in a file, of both types together, and values of the tensor scalars, at most. */
#define TENSOR_SETS_MAX    16
#define TENSOR_SCALARS_MAX 16

struct tensors {
  uint32_t hidden;
  uint32_t sets;                                  /* of float32, from 1; with precise_sets at most TENSOR_SETS_MAX */
  char set_names[TENSOR_SETS_MAX][SET_NAME_SIZE]; /* [sets]; of the first, the parameters, "" */
  float *values;                                  /* set after set, each in the order of config/record.h */
  uint32_t precise_sets, scalars;                 /* float64 sets, and values of the tensor scalars; 0: none */
  char precise_names[TENSOR_SETS_MAX][SET_NAME_SIZE]; /* [precise_sets] */
  double *precise;  /* the float64 sets in the same order, then the scalars; or NULL */
  json_t *metadata; /* an object of strings, perhaps empty */
};

/* Writes the tensors set after set in the order above. What cannot be written shows in the stream.
 * CLFIT_ERROR_ARGUMENT: the metadata is too long. */
clfit_status clfit_tensors_write(const struct tensors *tensors, FILE *stream, clfit_error *error);

/* Reads a file of any program with these tensors and no others, in any order and also as [H] and [1]; its sets come in
 * the order of their tensors W1. Everything in the file is checked before it is used, and sizes from the file are
 * limited before memory is allocated for them. CLFIT_ERROR_FORMAT says what is wrong. Release with clfit_tensors_clear.
 * */
clfit_status clfit_tensors_read(struct tensors *tensors, const char *path, clfit_error *error);

void clfit_tensors_clear(struct tensors *tensors);

#endif
