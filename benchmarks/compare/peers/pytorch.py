"""PyTorch on the CPU: its own kernels and the oneDNN and MKL inside it.

Networks are compiled (torch.compile; with frozen weights for inference); --quick, which cannot wait
for that, runs them eagerly. Kernels are called eagerly, in channels-last layout, without autograd
where the operation has a function of its own; a call from Python costs a few microseconds, which
shows in the smallest rows.
"""
import time

import numpy


class PyTorch:
    name = "pytorch"

    def __init__(self, context):
        import torch
        torch.set_num_threads(context.threads)
        torch.set_num_interop_threads(1)
        torch.manual_seed(1)
        self.version, self.torch = torch.__version__, torch
        self.eager = context.quick

    def kernel(self, case, arrays):
        from peers.pytorch_kernels import FUNCTIONS
        make = FUNCTIONS.get(case.op)
        return make and Kernel(case, make, arrays)

    def inference(self, network, weights, arrays):
        return Inference(network, weights, arrays, self.eager)

    def training(self, network, weights, arrays, labels, dropping):
        return Training(network, weights, arrays, labels, dropping, self.eager)

    def gradients_in_f64(self, network, weights, arrays, labels):
        """Of the first step, without dropout."""
        side = Training(network, weights, arrays, labels, False, True, self.torch.float64)
        side.run(1)
        return {name: gradient for name, gradient in side.outputs().items() if name != "loss"}

    def compile_training(self, network, weights, arrays, labels, watch):
        """The first step less a later one."""
        side = Training(network, weights, arrays, labels, True, True)
        side.loss_of = self.torch.compile(side.forward)
        watch.restart()
        side.run(1)
        first = watch.milliseconds()
        watch.restart()
        side.run(1)
        return first - watch.milliseconds()


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


def inputs_of(arrays):
    """Images become channels-last views."""
    tensors = [to_torch(array) for array in arrays.values()]
    return [x.permute(0, 3, 1, 2) if x.dim() == 4 else x for x in tensors]


def faster(side, name, compiled):
    """The attribute `name` of a side as it is, or compiled: small networks lose by the checks that
    a compiled function makes in every call."""
    eager = getattr(side, name)
    seconds = {}
    for call in (eager, compiled):
        setattr(side, name, call)
        side.run(2)
        start = time.process_time()
        side.run(5)
        seconds[call] = time.process_time() - start
    return min(seconds, key=seconds.get)


def make_module(network, weights):
    """A module without gradients, for compilers that want one."""
    import torch
    from peers.pytorch_layers import Layers, to_weight

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.names = {}
            for index, (name, array) in enumerate(weights.items()):
                self.names[name] = f"w{index}"
                self.register_buffer(f"w{index}", to_weight(name, array))

        def forward(self, *inputs):
            values = {name: getattr(self, key) for name, key in self.names.items()}
            return network.function(Layers(values), *inputs)
    return Module().eval()


class Inference:
    def __init__(self, network, weights, arrays, eager):
        import torch
        self.inputs = inputs_of(arrays)
        self.call = make_module(network, weights)
        if not eager:
            import torch._inductor.config
            torch._inductor.config.freezing = True
            torch._dynamo.reset()
            self.call = faster(self, "call", torch.compile(self.call))

    def reset(self):
        pass

    def run(self, count):
        import torch
        with torch.no_grad():
            for _ in range(count):
                self.result = self.call(*self.inputs)

    def outputs(self):
        return {"y": to_numpy(self.result)}

    def close(self):
        self.call = self.result = None


class Training:
    """Forward and backward pass, then the fused list kernel of Adam."""

    def __init__(self, network, weights, arrays, labels, dropping, eager, dtype=None):
        import torch
        self.network, self.first, self.dropping, self.eager = network, weights, dropping, eager
        self.dtype = dtype or torch.float32
        self.inputs, self.labels = inputs_of(arrays), to_torch(labels).long()
        self.inputs = [x.to(self.dtype) if x.is_floating_point() else x for x in self.inputs]
        self.reset()
        torch._dynamo.reset()
        self.loss_of = self.forward
        if not eager:
            self.loss_of = faster(self, "loss_of", torch.compile(self.forward))
            self.reset()

    def reset(self):
        import torch
        from peers.pytorch_layers import to_weight
        self.weights = {name: to_weight(name, array).to(self.dtype)
                        for name, array in self.first.items()}
        self.trained = {name: weight.requires_grad_() for name, weight in self.weights.items()
                        if "/moving_" not in name}
        self.optimizer = torch.optim.Adam(self.trained.values(), lr=1e-3, eps=1e-7, fused=True)

    def forward(self, weights, inputs, labels):
        import torch
        import torch.nn.functional as F
        from peers.pytorch_layers import Layers
        with torch.autocast("cpu", torch.bfloat16, enabled=self.network.bf16):
            logits = self.network.function(Layers(weights, True, self.dropping), *inputs)
        return F.cross_entropy(logits.to(self.dtype).flatten(0, -2), labels.flatten())

    def run(self, count):
        for _ in range(count):
            self.loss = self.loss_of(self.weights, self.inputs, self.labels)
            self.optimizer.zero_grad(set_to_none=True)
            self.loss.backward()
            self.optimizer.step()

    def outputs(self):
        from peers.pytorch_layers import from_weight
        averages = {name: self.optimizer.state[weight]["exp_avg"] * 10
                    for name, weight in self.trained.items() if weight in self.optimizer.state}
        return {"loss": to_numpy(self.loss), **{
            name: from_weight(name, average) for name, average in averages.items()}}

    def close(self):
        self.weights = self.trained = self.optimizer = None
