/* The graph of an ONNX file while it is made: nodes in their order, each of one or two inputs and one output, and the
 * constants that they take. */
#ifndef CLFIT_MODEL_ONNX_GRAPH_H
#define CLFIT_MODEL_ONNX_GRAPH_H

#include "model/tensor.h"

#include <onnx.pb-c.h>
#include <stdbool.h>

#define GRAPH_NODES_MAX 15

struct graph_node {
  Clfit__Onnx__NodeProto node;
  char *inputs[2], *output;
};

struct graph_constant {
  Clfit__Onnx__TensorProto tensor;
  int64_t dims[2];
};

/* A float32 column of a batch: N rows, N being whatever the caller gives. */
struct graph_value {
  Clfit__Onnx__ValueInfoProto value;
  Clfit__Onnx__TypeProto type;
  Clfit__Onnx__TypeProto__Tensor tensor;
  Clfit__Onnx__TensorShapeProto shape;
  Clfit__Onnx__TensorShapeProto__Dimension dims[2], *dim_pointers[2];
};

/* Holds pointers into itself: it stays where it was made. Begin with clfit_graph_init. */
struct graph {
  Clfit__Onnx__GraphProto proto;
  struct graph_node nodes[GRAPH_NODES_MAX];
  Clfit__Onnx__NodeProto *node_pointers[GRAPH_NODES_MAX];
  struct graph_constant constants[GRAPH_NODES_MAX];
  Clfit__Onnx__TensorProto *constant_pointers[GRAPH_NODES_MAX];
  struct graph_value input, output;
  Clfit__Onnx__ValueInfoProto *input_pointer, *output_pointer;
  const char *last; /* the value that the next node takes */
  bool failed;      /* there was no memory */
};

/* An empty graph from a column x to a column y. All texts that a graph is given must outlive it. */
void clfit_graph_init(struct graph *graph);
void clfit_graph_clear(struct graph *graph);

/* output = operation(last). */
void clfit_graph_apply(struct graph *graph, const char *operation, const char *output);

/* output = operation(last, value), another value of the graph. */
void clfit_graph_apply_value(struct graph *graph, const char *operation, const char *value, const char *output);

/* output = operation(last, constant), the constant being a matrix of that size, or one number. */
void clfit_graph_apply_matrix(struct graph *graph, const char *operation, const char *constant, uint32_t rows,
                              uint32_t columns, const float *values, const char *output);
void clfit_graph_apply_number(struct graph *graph, const char *operation, const char *constant, float value,
                              const char *output);

#endif
