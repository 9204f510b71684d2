"""oneDNN, called from C++ (native/onednn.cpp) with its preferred weight forms; reorders of weights
are not timed. The package built on OpenMP is used: the newest one runs
on SYCL, which wants a driver of its own; PyTorch holds a newer oneDNN, too."""
import ctypes

import numpy

import environment
from ours.kernels import pool_high
from ours.runtime import aligned, numpy_type
from peers.native import numbers, pointers, prefix

EPILOGUE = {"": 0, "relu": 1, "gelu": 2}


class OneDnn:
    name = "onednn"

    def __init__(self, context):
        root = prefix()
        folder = root / "lib"
        flags = ["-std=c++17", f"-I{root / 'include'}", f"-L{folder}", "-ldnnl",
                 f"-Wl,-rpath,{folder}", "-Wl,--allow-shlib-undefined", "-Wl,--disable-new-dtags"]
        library = environment.build_helper(["onednn.cpp"], flags, "onednn", "c++")
        self.library = ctypes.CDLL(str(library))
        self.library.onednn_run.restype = ctypes.c_bool
        self.library.onednn_make.restype = ctypes.c_void_p
        for name in ("onednn_message", "onednn_version"):
            getattr(self.library, name).restype = ctypes.c_char_p
        self.version = self.library.onednn_version().decode()

    def kernel(self, case, arrays):
        describe = DESCRIBE.get(case.op)
        return describe and Kernel(self.library, case, arrays, describe)


class Kernel:
    def __init__(self, library, case, arrays, describe):
        self.library, self.case = library, case
        self.memory = {name: aligned(array) for name, array in arrays.items()}
        self.memory |= {name: aligned(numpy.zeros(tensor.shape, numpy_type(
            3 if tensor.dtype == "bf16" else 0))) for name, tensor in case.outputs.items()}
        kind, values, names = describe(case)
        self.handle = ctypes.c_void_p(library.onednn_make(
            kind.encode(), numbers(values),
            pointers([name and self.memory.get(name) for name in names])))
        if not self.handle:
            raise RuntimeError(library.onednn_message().decode())

    def reset(self):
        pass

    def run(self, count):
        if not self.library.onednn_run(self.handle, ctypes.c_int64(count)):
            raise RuntimeError(self.library.onednn_message().decode())

    def outputs(self):
        self.library.onednn_fetch(self.handle)
        return {name: self.memory[name] for name in self.case.outputs}

    def close(self):
        self.library.onednn_free(self.handle)


# How native/onednn.cpp wants each operation: the kind, its numbers, the names of its pointers.

def dense_forward(case):
    (m, k), (_, n) = case.inputs["x"].shape, case.inputs["w"].shape
    return ("matmul", [1, m, k, n, 0, 0, EPILOGUE[case.epilogue], case.dtype == "bf16", 1],
            ["x", "w", "b", "y"])


def dense_input_gradient(case):
    (m, n), (k, _) = case.inputs["dy"].shape, case.inputs["w"].shape
    return "matmul", [1, m, n, k, 0, 1, 0, case.dtype == "bf16", 1], ["dy", "w", None, "dx"]


def dense_weight_gradient(case):
    (m, k), (_, n) = case.inputs["x"].shape, case.inputs["dy"].shape
    return "dense_dw", [m, k, n, case.dtype == "bf16"], ["x", "dy", "dw", "db"]


def batched_matmul(case):
    (batch, m, k), n = case.inputs["a"].shape, case.outputs["y"].shape[2]
    return ("matmul", [batch, m, k, n, 0, case.transposed, 0, case.dtype == "bf16", 0],
            ["a", "b", None, "y"])


def convolution(kind, names):
    def describe(case):
        from ours.kernels import high_padding
        layer = case.layer
        tensors = {**case.inputs, **case.outputs}
        sizes = [size for name in names for size in tensors[name].shape]
        return ("conv", [kind, len(layer.image), layer.stride, layer.pad, high_padding(layer)[0],
                         layer.dilation, layer.groups, case.dtype == "bf16", *sizes], names)
    return describe


def softmax(backward):
    def describe(case):
        names = ["y", "dy", "dx"] if backward else ["x", "y"]
        return "softmax", [*case.inputs[names[0]].shape, backward], names
    return describe


def normalisation(kind, backward):
    def describe(case):
        shape = case.inputs["x"].shape
        groups = case.attributes.get("groups", 1)
        return ("norm", [kind, backward, groups, len(shape), *shape],
                ["x", "scale", "offset", "y", "dy", "dx", "dscale", "doffset"])
    return describe


def gelu(backward):
    def describe(case):
        elements = case.inputs["x"].shape[0] * case.inputs["x"].shape[1]
        return "gelu", [elements, backward], ["x", "dy", "dx"] if backward else ["x", "y"]
    return describe


def pool(backward):
    def describe(case):
        return ("pool", [case.kind == "avg", backward, case.window, case.stride, case.padding,
                         pool_high(case)[0], *case.inputs["x"].shape, *case.outputs["y"].shape],
                ["x", "y", "dy", "dx"])
    return describe


def transpose(case):
    shape = case.inputs["x"].shape
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return ("transpose", [len(shape), *(shape[a] for a in case.order),
                          *(strides[a] for a in case.order)], ["x", "y"])


def total(case):
    shape = case.inputs["x"].shape
    return "sum", [len(shape), case.axis, *shape], ["x", "y"]


DESCRIBE = {
    "dense_forward": dense_forward, "dense_input_gradient": dense_input_gradient,
    "dense_weight_gradient": dense_weight_gradient, "batched_matmul": batched_matmul,
    "conv_forward": convolution(0, ["x", "w", "y"]),
    "conv_input_gradient": convolution(1, ["dx", "w", "dy"]),
    "conv_weight_gradient": convolution(2, ["x", "dw", "dy"]),
    "softmax_forward": softmax(False), "softmax_backward": softmax(True),
    "layer_norm_forward": normalisation(0, False), "layer_norm_both": normalisation(0, True),
    "batch_norm_forward": normalisation(1, False), "batch_norm_both": normalisation(1, True),
    "group_norm_forward": normalisation(2, False), "group_norm_both": normalisation(2, True),
    "gelu_forward": gelu(False), "gelu_backward": gelu(True),
    "pool_forward": pool(False), "pool_both": pool(True),
    "transpose": transpose, "sum": total,
}
