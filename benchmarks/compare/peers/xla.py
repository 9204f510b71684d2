"""JAX's compiler on the CPU.

A kernel runs in a loop inside one compiled program, so that the microseconds of a call from Python
are not held against it. Barriers keep the compiler from moving the kernel out of the loop or from
dropping it. Where the loop turns out slower than calls (some kernels lose their threads there), the
calls count.
"""
import os
import time

import numpy


class Xla:
    name = "xla"

    def __init__(self, context):
        # Read when the first array is made; the number of threads follows the process's processors.
        flags = os.environ.get("XLA_FLAGS", "")
        if context.threads == 1:
            flags += " --xla_cpu_multi_thread_eigen=false"
        os.environ["XLA_FLAGS"] = flags.strip()
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        import jax
        jax.config.update("jax_cpu_enable_async_dispatch", False)
        jax.devices()
        self.version, self.threads = jax.__version__, context.threads

    def kernel(self, case, arrays):
        from peers.xla_kernels import FUNCTIONS
        make = FUNCTIONS.get(case.op)
        return make and Kernel(case, make(case), arrays)


class Kernel:
    def __init__(self, case, function, arrays):
        import jax
        self.case, self.arrays, self.jax = case, arrays, jax
        self.state = [name for name in case.outputs if name in case.inputs]
        self.reset()
        self.direct = jax.jit(function)
        self.loop = jax.jit(self.looped(function), donate_argnums=(2,))
        self.result = None
        self.use_loop = True
        if not self.state:
            self.use_loop = self.seconds(self.run_loop) < self.seconds(self.run_direct)

    def reset(self):
        self.inputs = {name: self.jax.device_put(array) for name, array in self.arrays.items()}

    def looped(self, function):
        lax, state = self.jax.lax, self.state

        def body(_, carried):
            inputs, _ = carried
            outputs = function(inputs)
            if state:
                inputs = {**inputs, **{name: outputs[name] for name in state}}
                outputs = {}
            return lax.optimization_barrier((inputs, outputs))

        def loop(count, inputs, outputs):
            return lax.fori_loop(0, count, body, (inputs, outputs))
        return loop

    def seconds(self, run):
        run(1)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            run(3)
            best = min(best, time.process_time() - start)
        return best

    def run(self, count):
        self.run_loop(count) if self.use_loop else self.run_direct(count)

    def run_direct(self, count):
        for _ in range(count):
            result = self.direct(self.inputs)
        self.result = self.jax.block_until_ready(result)

    def run_loop(self, count):
        numpy_ = self.jax.numpy
        if self.result is None:
            shapes = {} if self.state else self.jax.eval_shape(self.direct, self.inputs)
            self.result = {name: numpy_.zeros(s.shape, s.dtype) for name, s in shapes.items()}
        inputs, self.result = self.jax.block_until_ready(
            self.loop(count, self.inputs, self.result))
        if self.state:
            self.inputs = inputs

    def outputs(self):
        values = self.inputs if self.state else self.result
        return {name: numpy.asarray(values[name]) for name in self.case.outputs}

    def close(self):
        self.inputs = self.result = None
