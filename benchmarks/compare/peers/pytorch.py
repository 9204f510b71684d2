"""PyTorch on the CPU: its own kernels and the oneDNN and MKL inside it.

Kernels are called eagerly, in channels-last layout, without autograd where the operation has a
function of its own; a call from Python costs a few microseconds, which shows in the smallest rows.
"""
import numpy


class PyTorch:
    name = "pytorch"

    def __init__(self, context):
        import torch
        torch.set_num_threads(context.threads)
        torch.set_num_interop_threads(1)
        torch.manual_seed(1)
        self.version, self.torch = torch.__version__, torch

    def kernel(self, case, arrays):
        from peers.pytorch_kernels import FUNCTIONS
        make = FUNCTIONS.get(case.op)
        return make and Kernel(case, make, arrays)


def to_torch(array):
    import torch
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(numpy.uint16).copy()).view(torch.bfloat16)
    return torch.from_numpy(array.copy())


def to_numpy(tensor):
    return tensor.detach().float().contiguous().numpy()


class Kernel:
    """`make(case, tensors)` prepares once and returns (call, names): call() computes, names(result)
    are the outputs in row-major order."""

    def __init__(self, case, make, arrays):
        self.make, self.case, self.arrays = make, case, arrays
        self.reset()

    def reset(self):
        tensors = {name: to_torch(array) for name, array in self.arrays.items()}
        self.call, self.names = self.make(self.case, tensors)

    def run(self, count):
        import torch
        call = self.call
        with torch.no_grad():
            for _ in range(count):
                result = call()
        self.result = result

    def outputs(self):
        return {name: to_numpy(tensor) for name, tensor in self.names(self.result).items()}

    def close(self):
        self.call = self.result = None
