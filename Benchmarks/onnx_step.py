"""One step of the network as an ONNX graph: what ONNX Runtime is given to do."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 20


class Graph:
    """Nodes put one after another; each call gives the name of what it computes."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def __call__(self, operator, *inputs, outputs=1, **attributes):
        names = [f"{operator}_{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names


def floats(numbers):
    return np.array(numbers, np.float32)


def integers(*numbers):
    return np.array(numbers, np.int64)


def step_of(model):
    """The graph of an Accompanist's step: inputs x (1, D), cosine and sine (K / 2), and keys_n and
    values_n (G, T, K) of each layer; outputs state (1, D), and each layer's keys and values with the
    new ones."""
    c, graph = model.c, Graph()
    group = c.heads // c.key_value_heads
    epsilon, root = graph.constant(floats(c.norm_epsilon)), c.head_size**-0.5
    scale = graph.constant(floats(root))
    queries_shape = graph.constant(integers(c.key_value_heads, group, c.head_size))
    keys_shape = graph.constant(integers(c.key_value_heads, 1, c.head_size))
    state_shape, last = graph.constant(integers(1, c.width)), graph.constant(integers(-1))

    def weight(tensor):
        return graph.constant(tensor.detach().numpy())

    def linear(x, module):
        return graph("MatMul", x, weight(module.weight.T))

    def normalised(x, norm):
        mean = graph("ReduceMean", graph("Mul", x, x), last, keepdims=1)
        rms = graph("Sqrt", graph("Add", mean, epsilon))
        return graph("Mul", graph("Div", x, rms), weight(norm.weight))

    def rotated(x):
        first, second = graph("Split", x, outputs=2, axis=-1, num_outputs=2)
        left = graph("Sub", graph("Mul", first, "cosine"), graph("Mul", second, "sine"))
        right = graph("Add", graph("Mul", second, "cosine"), graph("Mul", first, "sine"))
        return graph("Concat", left, right, axis=-1)

    x, remembered = "x", []
    for index, layer in enumerate(model.stack):
        h = normalised(x, layer.attention_norm)
        q = rotated(graph("Reshape", linear(h, layer.queries), queries_shape))
        k = rotated(graph("Reshape", linear(h, layer.keys), keys_shape))
        v = graph("Reshape", linear(h, layer.values), keys_shape)
        k = graph("Concat", f"keys_{index}", k, axis=1)
        v = graph("Concat", f"values_{index}", v, axis=1)
        remembered += [k, v]
        scores = graph("MatMul", graph("Mul", q, scale), graph("Transpose", k, perm=[0, 2, 1]))
        mixed = graph("MatMul", graph("Softmax", scores, axis=-1), v)
        mixed = graph("Reshape", mixed, state_shape)
        x = graph("Add", x, linear(mixed, layer.attention_output))
        h = normalised(x, layer.feed_forward_norm)
        gate = graph("Gelu", linear(h, layer.gate), approximate="tanh")
        x = graph("Add", x, linear(graph("Mul", gate, linear(h, layer.up)), layer.down))
    state = normalised(x, model.norm)

    def value(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    half = c.head_size // 2
    past = [
        value(f"{name}_{index}", c.key_value_heads, "T", c.head_size)
        for index in range(c.layers)
        for name in ("keys", "values")
    ]
    inputs = [value("x", 1, c.width), value("cosine", half), value("sine", half), *past]
    outputs = [value(state, 1, c.width)]
    outputs += [value(name, c.key_value_heads, "S", c.head_size) for name in remembered]
    made = helper.make_graph(graph.nodes, "step", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(model)
    return model
