/* Names and shapes of a network's tensors, as every file has them. */
#ifndef CLFIT_HOST_TENSOR_H
#define CLFIT_HOST_TENSOR_H

#include "config/record.h"

/* Bytes that the name of a set takes, with its NUL, and those of a tensor's. */
#define SET_NAME_SIZE    32
#define TENSOR_NAME_SIZE (SET_NAME_SIZE + 4)

struct tensor {
  char name[TENSOR_NAME_SIZE]; /* "W1" or, of a set beside the parameters, "NAME.W1" */
  uint32_t rows, columns;      /* W1 [H,1], B1 [H,1], W2 [1,H], B2 [1,1] */
  const float *values;         /* in a state; NULL: its values are float64 */
  const double *precise;       /* the float64 values; NULL: they are float32 */
};

/* Name of the tensor [1,N] of the float64 values that are not per parameter. */
#define TENSOR_SCALARS "scalars"

/* Of a plane of a set, without values; the name of the first set, the parameters, is "". */
struct tensor clfit_tensor_of(const char *set, int plane, uint32_t hidden);

/* Number of values. */
static inline size_t clfit_tensor_size(const struct tensor *tensor)
{
  return (size_t)tensor->rows * tensor->columns;
}

/* Number of tensors of a model: those of the sets and, of a training by least squares under way, those of the float64
 * sets and the one of the scalars. */
uint32_t clfit_tensor_count(const clfit_state *state);

/* Tensor `index` of a model, set after set in the order of config/record.h, then in that of clfit_state.precise. */
struct tensor clfit_tensor_get(const clfit_state *state, uint32_t index);

#endif
