#include "model/onnx/graph.h"

#include "base/little_endian.h"

#include <assert.h>
#include <stdlib.h>

/* protobuf-c has no const for texts, which it only reads. */
static char *text_of(const char *text)
{
  return (char *)text;
}

static void init_value(struct graph_value *value, const char *name)
{
  clfit__onnx__value_info_proto__init(&value->value);
  clfit__onnx__type_proto__init(&value->type);
  clfit__onnx__type_proto__tensor__init(&value->tensor);
  clfit__onnx__tensor_shape_proto__init(&value->shape);
  for (int i = 0; i < 2; i++) {
    clfit__onnx__tensor_shape_proto__dimension__init(&value->dims[i]);
    value->dim_pointers[i] = &value->dims[i];
  }
  value->dims[0].value_case = CLFIT__ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
  value->dims[0].dim_param = text_of("N");
  value->dims[1].value_case = CLFIT__ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
  value->dims[1].dim_value = 1;
  value->shape.n_dim = 2;
  value->shape.dim = value->dim_pointers;
  value->tensor.has_elem_type = 1;
  value->tensor.elem_type = CLFIT__ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  value->tensor.shape = &value->shape;
  value->type.value_case = CLFIT__ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  value->type.tensor_type = &value->tensor;
  value->value.name = text_of(name);
  value->value.type = &value->type;
}

void clfit_graph_init(struct graph *graph)
{
  *graph = (struct graph){.last = "x"};
  clfit__onnx__graph_proto__init(&graph->proto);
  init_value(&graph->input, "x");
  init_value(&graph->output, "y");
  graph->input_pointer = &graph->input.value;
  graph->output_pointer = &graph->output.value;
  graph->proto.name = text_of("clfit");
  graph->proto.node = graph->node_pointers;
  graph->proto.initializer = graph->constant_pointers;
  graph->proto.n_input = graph->proto.n_output = 1;
  graph->proto.input = &graph->input_pointer;
  graph->proto.output = &graph->output_pointer;
}

void clfit_graph_clear(struct graph *graph)
{
  for (size_t i = 0; i < graph->proto.n_initializer; i++) free(graph->constants[i].tensor.raw_data.data);
}

static struct graph_node *add_node(struct graph *graph, const char *operation, const char *output)
{
  const size_t index = graph->proto.n_node++;
  assert(index < GRAPH_NODES_MAX);
  struct graph_node *node = &graph->nodes[index];
  clfit__onnx__node_proto__init(&node->node);
  node->inputs[0] = text_of(graph->last);
  node->output = text_of(output);
  node->node.name = node->output;
  node->node.op_type = text_of(operation);
  node->node.n_input = node->node.n_output = 1;
  node->node.input = node->inputs;
  node->node.output = &node->output;
  graph->node_pointers[index] = &node->node;
  graph->last = output;
  return node;
}

static void add_constant(struct graph *graph, const char *name, size_t count, const float *values,
                         const int64_t dims[2], size_t n_dims)
{
  const size_t index = graph->proto.n_initializer++;
  struct graph_constant *constant = &graph->constants[index];
  clfit__onnx__tensor_proto__init(&constant->tensor);
  memcpy(constant->dims, dims, n_dims * sizeof *dims);
  constant->tensor.n_dims = n_dims;
  constant->tensor.dims = constant->dims;
  constant->tensor.has_data_type = 1;
  constant->tensor.data_type = CLFIT__ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  constant->tensor.name = text_of(name);
  constant->tensor.has_raw_data = 1;
  constant->tensor.raw_data.data = malloc(4 * count);
  if (!constant->tensor.raw_data.data) graph->failed = true;
  constant->tensor.raw_data.len = graph->failed ? 0 : 4 * count;
  for (size_t i = 0; i < count && !graph->failed; i++)
    clfit_store_float(constant->tensor.raw_data.data + 4 * i, values[i]);
  graph->constant_pointers[index] = &constant->tensor;
}

void clfit_graph_apply(struct graph *graph, const char *operation, const char *output)
{
  add_node(graph, operation, output);
}

static void take_second(struct graph_node *node, const char *second)
{
  node->inputs[1] = text_of(second);
  node->node.n_input = 2;
}

void clfit_graph_apply_value(struct graph *graph, const char *operation, const char *value, const char *output)
{
  take_second(add_node(graph, operation, output), value);
}

void clfit_graph_apply_matrix(struct graph *graph, const char *operation, const char *constant, uint32_t rows,
                              uint32_t columns, const float *values, const char *output)
{
  const int64_t dims[2] = {rows, columns};
  take_second(add_node(graph, operation, output), constant);
  add_constant(graph, constant, (size_t)rows * columns, values, dims, 2);
}

void clfit_graph_apply_number(struct graph *graph, const char *operation, const char *constant, float value,
                              const char *output)
{
  const int64_t dims[2] = {0};
  take_second(add_node(graph, operation, output), constant);
  add_constant(graph, constant, 1, &value, dims, 0);
}
