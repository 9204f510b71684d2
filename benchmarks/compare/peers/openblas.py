"""OpenBLAS, for plain f32 matrix products: the library of the scipy-openblas32 package, else the
system's. Called in a loop in C."""
import ctypes
import ctypes.util

import numpy

from ours.runtime import aligned


class Gemm(ctypes.Structure):
    _fields_ = [("function", ctypes.c_void_p), ("a", ctypes.c_void_p), ("b", ctypes.c_void_p),
                ("c", ctypes.c_void_p)]
    _fields_ += [(name, ctypes.c_int64) for name in ("m", "n", "k", "batch", "transpose_a",
                                                     "transpose_b")]


def find():
    """The library and the prefix of its names."""
    try:
        import pathlib
        import scipy_openblas32
        return next(pathlib.Path(scipy_openblas32.get_lib_dir()).glob("*.so")), "scipy_"
    except ImportError:
        library = ctypes.util.find_library("openblas")
        if not library:
            raise
        return library, ""


class OpenBlas:
    name = "openblas"

    def __init__(self, context):
        path, start = find()
        self.library, self.stick = ctypes.CDLL(str(path)), context.stick
        self.sgemm = getattr(self.library, start + "cblas_sgemm")
        getattr(self.library, start + "openblas_set_num_threads")(context.threads)
        config = getattr(self.library, start + "openblas_get_config")
        config.restype = ctypes.c_char_p
        self.version = config().decode().split()[1]

    def kernel(self, case, arrays):
        describe = DESCRIBE.get(case.op)
        if not describe or case.dtype != "f32":
            return None
        sizes = describe(case)
        return sizes and Kernel(self, arrays, *sizes)


class Kernel:
    def __init__(self, peer, arrays, a, b, c, sizes, shape):
        self.stick, self.name = peer.stick, c
        self.memory = [aligned(arrays[a]), aligned(arrays[b]),
                       aligned(numpy.zeros(shape, numpy.float32))]
        function = ctypes.cast(peer.sgemm, ctypes.c_void_p).value
        self.gemm = Gemm(function, *(array.ctypes.data for array in self.memory), *sizes)

    def reset(self):
        pass

    def run(self, count):
        self.stick.stick_run_gemm(ctypes.byref(self.gemm), ctypes.c_int64(count))

    def outputs(self):
        return {self.name: self.memory[2]}

    def close(self):
        self.memory = None


# Names of a, b and c; m, n, k, batch, transposition of a and b; the shape of c.

def dense_forward(case):
    if case.epilogue:
        return None  # it has products only
    (m, k), (_, n) = case.inputs["x"].shape, case.inputs["w"].shape
    return "x", "w", "y", (m, n, k, 1, 0, 0), (m, n)


def dense_input_gradient(case):
    (m, n), (k, _) = case.inputs["dy"].shape, case.inputs["w"].shape
    return "dy", "w", "dx", (m, k, n, 1, 0, 1), (m, k)


def dense_weight_gradient(case):
    (m, k), (_, n) = case.inputs["x"].shape, case.inputs["dy"].shape
    return "x", "dy", "dw", (k, n, m, 1, 1, 0), (k, n)


def batched_matmul(case):
    (batch, m, k), n = case.inputs["a"].shape, case.outputs["y"].shape[2]
    return "a", "b", "y", (m, n, k, batch, 0, case.transposed), (batch, m, n)


DESCRIBE = {"dense_forward": dense_forward, "dense_input_gradient": dense_input_gradient,
            "dense_weight_gradient": dense_weight_gradient, "batched_matmul": batched_matmul}
