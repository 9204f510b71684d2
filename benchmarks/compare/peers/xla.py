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

    def inference(self, network, weights, arrays):
        return Inference(network, weights, arrays)

    def training(self, network, weights, arrays, labels, dropping):
        return Training(network, weights, arrays, labels, dropping)

    def compile_training(self, network, weights, arrays, labels, watch):
        import jax
        jax.clear_caches()
        side = Training(network, weights, arrays, labels, True)
        watch.restart()
        side.compiled()
        return watch.milliseconds()


def flops_of(function, *arguments):
    """What the network does, counted before anything is optimised."""
    return int((function.lower(*arguments).cost_analysis() or {}).get("flops", 0))


class Inference:
    """A compiled function of weights and inputs."""

    def __init__(self, network, weights, arrays):
        import jax
        from peers.xla_layers import Layers
        self.jax = jax
        self.weights, self.inputs = jax.device_put(weights), jax.device_put(tuple(arrays.values()))
        self.call = jax.jit(lambda weights, inputs: network.function(Layers(weights), *inputs))
        self.flops = flops_of(self.call, self.weights, self.inputs)

    def reset(self):
        pass

    def run(self, count):
        for _ in range(count):
            result = self.call(self.weights, self.inputs)
        self.result = self.jax.block_until_ready(result)

    def outputs(self):
        return {"y": numpy.asarray(self.result)}

    def close(self):
        self.weights = self.inputs = self.result = None


class Training:
    """Forward, backward, Adam and moved statistics as one compiled function, which reuses the
    memory of the variables it is given."""

    def __init__(self, network, weights, arrays, labels, dropping):
        import jax
        self.jax, self.first, self.network, self.dropping = jax, weights, network, dropping
        self.inputs = jax.device_put(tuple(arrays.values()))
        self.labels = jax.device_put(labels)
        self.call = jax.jit(self.step, donate_argnums=(0,))
        self.reset()
        self.flops = flops_of(self.call, self.state, self.inputs, self.labels)

    def reset(self):
        trained = [name for name in self.first if "/moving_" not in name]
        zeros = {name: numpy.zeros_like(self.first[name]) for name in trained}
        self.state = self.jax.device_put({
            "weights": self.first, "mean": zeros, "square": zeros, "step": numpy.int32(0)})

    def compiled(self):
        return self.call.lower(self.state, self.inputs, self.labels).compile()

    def planned(self):
        """Bytes of arguments, results that are no arguments, and temporaries."""
        plan = self.compiled().memory_analysis()
        return (plan.argument_size_in_bytes + plan.output_size_in_bytes -
                plan.alias_size_in_bytes + plan.temp_size_in_bytes)

    def step(self, state, inputs, labels):
        jax, jnp = self.jax, self.jax.numpy
        from peers.xla_layers import Layers
        trained = {name: state["weights"][name] for name in state["mean"]}
        key = jax.random.key(state["step"], impl="rbg") if self.dropping else None

        def loss_of(trained):
            layers = Layers({**state["weights"], **trained}, True, key,
                            self.network.bf16)
            logits = jax.nn.log_softmax(self.network.function(layers, *inputs))
            picked = jnp.take_along_axis(logits, labels[..., None], -1)
            return -picked.mean(), layers.statistics
        (loss, statistics), grads = jax.value_and_grad(loss_of, has_aux=True)(trained)
        step = state["step"] + 1
        rate = 1e-3 * jnp.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step)
        mean = {n: m + (grads[n] - m) * 0.1 for n, m in state["mean"].items()}
        square = {n: v + (grads[n] ** 2 - v) * 0.001 for n, v in state["square"].items()}
        moved = {n: w - rate * mean[n] / (jnp.sqrt(square[n]) + 1e-7) for n, w in trained.items()}
        weights = {**state["weights"], **moved, **statistics}
        return {"weights": weights, "mean": mean, "square": square, "step": step}, loss

    def run(self, count):
        for _ in range(count):
            self.state, self.loss = self.call(self.state, self.inputs, self.labels)
        self.jax.block_until_ready((self.state, self.loss))

    def outputs(self):
        """The loss and, from Adam's averages after one step, the gradients."""
        return {"loss": numpy.asarray(self.loss), **{
            name: numpy.asarray(mean) * 10 for name, mean in self.state["mean"].items()}}

    def close(self):
        self.state = None


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
