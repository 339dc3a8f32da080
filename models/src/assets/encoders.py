"""Turns the published ImageNet weights of the two dev-mode encoders into ONNX graphs.

    encoders.py LITE0.pth MOBILENET_V2.pt OUTPUT_FOLDER

Reads the PyTorch files without PyTorch (and without running what a pickle may ask for), folds each batch
norm into the convolution before it, rounds the weights to float16 and writes a graph of Cast, Conv, Clip,
Add and pooling nodes. Outputs: low (1/8 of the input), mid (1/16), map (1/32) and pool, the mean of map.
"""

import io
import pickle
import struct
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}


def read_state_dict(path):
    """A state dict saved by PyTorch 1.5 or earlier: three header pickles, the dict, storage keys, bytes."""
    storages = {}

    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) == ("collections", "OrderedDict"):
                return OrderedDict
            if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
                return lambda key, offset, shape, strides, *_: (key, offset, shape, strides)
            if module == "torch" and name in DTYPES:
                return DTYPES[name]
            raise pickle.UnpicklingError(f"{path} asks for {module}.{name}, which tensors do not need")

        def persistent_load(self, pid):
            _, dtype, key = pid[:3]
            storages[key] = dtype
            return key

    file = io.BytesIO(Path(path).read_bytes())
    for _ in range(3):
        Reader(file).load()
    views = Reader(file).load()
    data = {}
    for key in Reader(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        dtype = np.dtype(storages[key])
        data[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    tensors = OrderedDict()
    for name, (key, offset, shape, strides) in views.items():
        flat = data[key][offset:]
        steps = [stride * flat.itemsize for stride in strides]
        tensors[name] = np.lib.stride_tricks.as_strided(flat, shape, steps).copy()
    return tensors


def folded(tensors, epsilon):
    """(weight, bias) of every convolution with its batch norm folded in; a classifier is left out."""
    names = list(tensors)
    for i, name in enumerate(names):
        weight = tensors[name]
        if weight.ndim == 4:
            gamma, beta, mean, variance = (tensors[n] for n in names[i + 1 : i + 5])
            scale = gamma / np.sqrt(variance + epsilon)
            yield weight * scale[:, None, None, None], beta - mean * scale


class Graph:
    """An ONNX graph as it grows, convolution by convolution."""

    def __init__(self, same_padding):
        self.same_padding = same_padding
        self.casts, self.nodes, self.initializers = [], [], []
        self.count = 0

    def conv(self, source, weight, bias, stride, clip):
        self.count += 1
        name = f"c{self.count}"
        kernel = weight.shape[2]
        # a depthwise convolution has one input channel for each group
        groups = weight.shape[0] if weight.shape[1] == 1 else 1
        padding = {"auto_pad": "SAME_UPPER"} if self.same_padding else {"pads": [kernel // 2] * 4}
        self.initializers.append(numpy_helper.from_array(weight.astype(np.float16), name + "wh"))
        self.initializers.append(numpy_helper.from_array(bias.astype(np.float32), name + "b"))
        self.casts.append(helper.make_node("Cast", [name + "wh"], [name + "w"], to=TensorProto.FLOAT))
        self.nodes.append(
            helper.make_node(
                "Conv",
                [source, name + "w", name + "b"],
                [name],
                kernel_shape=[kernel, kernel],
                strides=[stride, stride],
                group=groups,
                **padding,
            )
        )
        return self.node("Clip", [name, "lo", "hi"], name + "r") if clip else name

    def node(self, kind, sources, name):
        self.nodes.append(helper.make_node(kind, sources, [name]))
        return name


def encoder(convs, halvings, same_padding, taps_last):
    """A network of inverted residuals.

    `halvings` maps the widths of the blocks that halve the image to the name under which the map before
    that block is an output, if it is one. `taps_last` says where in the file the nodes of those outputs
    stand.
    """
    graph = Graph(same_padding)
    convs, halvings = list(convs), dict(halvings)
    x = graph.conv("x", *convs[0], stride=2, clip=True)
    width = convs[0][0].shape[0]
    taps = []
    i = 1
    while i < len(convs) - 1:
        # expansion (absent in the first block), depthwise, projection
        depthwise = i if convs[i][0].shape[1] == 1 else i + 1
        out = convs[depthwise + 1][0].shape[0]
        stride = 2 if out in halvings else 1
        tap = halvings.pop(out, None)
        if tap:
            taps.append((x, tap))
            if not taps_last:
                graph.node("Identity", [x], tap)
        y = graph.conv(x, *convs[i], stride=1, clip=True) if depthwise > i else x
        y = graph.conv(y, *convs[depthwise], stride=stride, clip=True)
        y = graph.conv(y, *convs[depthwise + 1], stride=1, clip=False)
        if stride == 1 and out == width:
            y = graph.node("Add", [y, x], y + "a")
        x, width, i = y, out, depthwise + 2
    x = graph.conv(x, *convs[-1], stride=1, clip=True)
    if taps_last:
        for source, tap in reversed(taps):
            graph.node("Identity", [source], tap)
    graph.node("Identity", [x], "map")
    graph.node("GlobalAveragePool", [x], "gp")
    graph.node("Flatten", ["gp"], "pool")
    for name, bound in (("lo", 0), ("hi", 6)):
        graph.initializers.append(numpy_helper.from_array(np.array(bound, np.float32), name))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in ("low", "mid", "map", "pool")
    ]
    model = helper.make_model(
        helper.make_graph(
            graph.casts + graph.nodes, "enc", inputs, outputs, graph.initializers
        ),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    return model.SerializeToString(deterministic=True)


def main(lite0, mobilenet, folder):
    graphs = {
        "lite0-f16.onnx": encoder(
            folded(read_state_dict(lite0), 1e-3),
            {24: None, 40: None, 80: "low", 192: "mid"},
            same_padding=True,
            taps_last=True,
        ),
        "mbv2-f16.onnx": encoder(
            folded(read_state_dict(mobilenet), 1e-5),
            {24: None, 32: None, 64: "low", 160: "mid"},
            same_padding=False,
            taps_last=False,
        ),
    }
    for name, graph in graphs.items():
        (Path(folder) / name).write_bytes(graph)


if __name__ == "__main__":
    main(*sys.argv[1:])
