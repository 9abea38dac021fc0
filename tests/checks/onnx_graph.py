"""Checks exported ONNX files: onnx_graph.py FOLDER COUNT [PART], where the folder has N.onnx, N.csv, the predictions of
the same model, N.safetensors and N.json for N from 0 to COUNT - 1. The graph is evaluated by onnxruntime where there is
one, and always here, operator by operator in float32, as Debian's onnx evaluates none. Its y must be within a bound that
follows from the roundings, and within PART of y's range, if given."""
import json
import sys

import numpy
import onnx
from onnx import checker, numpy_helper

from safetensors_file import bits, read_safetensors

try:
    import onnxruntime
except ImportError:
    onnxruntime = None


def sigmoid(a):
    """Without an overflow of exp."""
    e = numpy.exp(-numpy.abs(a))
    return numpy.where(a < 0, e, numpy.float32(1)) / (1 + e)


OPERATORS = {
    "Sub": numpy.subtract,
    "Mul": numpy.multiply,
    "Add": numpy.add,
    "MatMul": numpy.matmul,
    "Sigmoid": sigmoid,
    "Tanh": numpy.tanh,
    "Relu": lambda a: numpy.maximum(a, numpy.float32(0)),
    "Softsign": lambda a: a / (1 + numpy.abs(a)),
    "Softplus": lambda a: numpy.maximum(a, 0) + numpy.log1p(numpy.exp(-numpy.abs(a))),
    "LeakyRelu": lambda a: numpy.where(a < 0, a * numpy.float32(0.01), a),  # the default of alpha
    "Elu": lambda a: numpy.where(a < 0, numpy.expm1(numpy.minimum(a, 0)), a),  # with alpha 1, the default
    "Sin": numpy.sin,
}


def evaluate(graph, x):
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values["x"] = x
    for node in graph.node:
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input))
    assert values["y"].dtype == numpy.float32 and values["y"].shape == x.shape
    return values["y"]


def check_head(model):
    checker.check_model(model, full_check=True)
    assert model.ir_version == 4 and model.opset_import[0].version == 9 and len(model.opset_import) == 1
    assert model.producer_name == "clfit" and model.producer_version and model.doc_string
    for values, name in (model.graph.input, "x"), (model.graph.output, "y"):
        (value,) = values
        shape = value.type.tensor_type.shape.dim
        assert value.name == name and value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
        assert len(shape) == 2 and shape[0].dim_param == "N" and shape[1].dim_value == 1


def check_tensors(graph, tensors):
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name in ("W1", "B1", "W2", "B2"):
        assert found[name].size == tensors[name].size and (bits(found[name]) == bits(tensors[name])).all(), name


def check_metadata(model, described):
    """All of the JSON object but the tensors, as texts; without what is unknown."""
    properties = {entry.key: entry.value for entry in model.metadata_props}
    for key, value in described.items():
        if isinstance(value, str):
            assert properties.pop(key) == value, key
        elif isinstance(value, (int, float)) and key in properties:
            assert float(properties.pop(key)) == value, key
    for key, value in properties.items():
        assert value in ("nan", "inf", "-inf"), key


UNIT = 2.0**-24  # half of the last bit of 1: a rounding changes a value by at most this part of it
# The largest slope of the activation made of these operators, and its value.
SLOPE = {
    "Sigmoid": 0.25, "Tanh": 1, "Relu": 1, "Softsign": 1, "Softplus": 1, "LeakyRelu": 1, "Elu": 1, "Sin": 1,
    "Sigmoid Mul": 1.1, "Mul Mul Add Mul Sigmoid Mul": 1.13,
}
BOUNDED = ("Sigmoid", "Tanh", "Softsign", "Sin")
ACTIVATION_UNITS = 8  # clfit's function and a runtime's together, values being at most 1 or |argument| + 0.7


def activation_of(graph):
    """The operators between the argument and the sum, and their function in float64."""
    names = [node.output[0] for node in graph.node]
    nodes = graph.node[names.index("argument") + 1 : names.index("sum")]

    def function(argument):
        values = {tensor.name: numpy_helper.to_array(tensor).astype(numpy.float64) for tensor in graph.initializer}
        values["argument"] = argument
        for node in nodes:
            values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input))
        return values["activation"]

    return " ".join(node.op_type for node in nodes), function


def bound(model, tensors, x):
    """How far two evaluations in float32, in any order, are from each other at most. To first order; a hundredth more."""
    w1, b1, w2, b2 = (tensors[name].astype(numpy.float64).ravel() for name in ("W1", "B1", "W2", "B2"))
    constants = {tensor.name: float(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer
                 if tensor.name[1:2] == "_"}
    operator, function = activation_of(model.graph)
    scaled = "x_slope" in constants
    if scaled:
        x = (x - constants["x_offset"] - constants["x_offset_rest"]) * constants["x_slope"]
    product, argument = w1 * x, w1 * x + b1
    # clfit rounds x and an fma; a graph two differences, the slope and its product, then a product and a sum.
    argument_error = (6 if scaled else 1) * numpy.abs(product) + 2 * numpy.abs(argument)
    value = function(argument)
    most = 1 if operator in BOUNDED else numpy.abs(argument) + 0.7
    value_error = SLOPE[operator] * argument_error + (0 if operator == "Relu" else ACTIVATION_UNITS * most)
    if operator == "Mul Mul Add Mul Sigmoid Mul":  # the roundings of sigmoid's argument, at most 5/4 of it in the value
        value_error = value_error + 5 * most
    z = value @ w2 + b2
    size = numpy.abs(value) @ numpy.abs(w2) + numpy.abs(b2)
    error = value_error @ numpy.abs(w2) + 2 * (len(w2) + 1) * size
    if "y_factor" in constants:
        z = z * constants["y_factor"]
        error = (error + 2 * numpy.abs(z / constants["y_factor"])) * constants["y_factor"]
        error = error + abs(constants["y_offset"]) + numpy.abs(z + constants["y_offset"])
    return 1.01 * UNIT * error


def check_values(path, model, tensors, table, part):
    """Returns the largest error, as a part of y's range. A batch of one gives what it gives among many."""
    x, y = table[:, :1], table[:, 1]
    single = x.astype(numpy.float32)
    assert (single == x).all(), "the table's x are no float32, so that its y are those of another x"
    answers = [("numpy", lambda x: evaluate(model.graph, x))]
    if onnxruntime:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        answers.append(("onnxruntime", lambda x: session.run(["y"], {"x": x})[0]))
    allowed = numpy.minimum(bound(model, tensors, x), part * numpy.ptp(y))
    largest = 0
    for name, answer in answers:
        errors = numpy.abs(answer(single)[:, 0].astype(numpy.float64) - y)
        assert (errors <= allowed).all(), (path, name, (errors / allowed).max())
        alone = abs(float(answer(single[7:8])[0, 0]) - y[7])
        assert alone <= allowed[7], (path, name, alone / allowed[7])
        largest = max(largest, errors.max() / numpy.ptp(y))
    return largest


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    part = float(sys.argv[3]) if len(sys.argv) > 3 else numpy.inf
    largest = 0
    assert count > 0
    for number in range(count):
        path = "%s/%d." % (folder, number)
        model = onnx.load(path + "onnx")
        tensors, _ = read_safetensors(path + "safetensors")
        check_head(model)
        check_tensors(model.graph, tensors)
        with open(path + "json", encoding="ascii") as file:
            check_metadata(model, json.load(file))
        table = numpy.genfromtxt(path + "csv", delimiter=",", skip_header=1)  # nothing is NaN
        if numpy.isfinite(table).all():
            largest = max(largest, check_values(path + "onnx", model, tensors, table, part))
        else:
            assert numpy.isnan(evaluate(model.graph, table[:, :1].astype(numpy.float32))).all(), path
    print("%d graphs, %s: at most %.2g of y's range from clfit's predictions"
          % (count, "numpy and onnxruntime" if onnxruntime else "numpy", largest))


main()
