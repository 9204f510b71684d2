"""Our side of a network: the compiled model, with weights that peers get, too."""
import math

import numpy

from ours.runtime import Program

SOURCES = "models"
WEIGHT, STATISTIC = 0, 2  # roles of variables
# The scale behind a residual branch (ResNet's names). It is small in networks that train; at 1
# each block magnifies what its input was rounded by, fifty layers of them until gradients in bf16
# are as far from those in f32 as two random vectors, of every program.
END_OF_BRANCH = "_3_bn/gamma"


def compile_network(context, network, dropping=True):
    """The artifact. `dropping` False builds the network without dropout."""
    import environment
    flags = list(network.flags)
    if network.dropout and not dropping:
        flags.append("-DDROPOUT=0")
    name = network.name + ("" if dropping or not network.dropout else "-no-dropout")
    source = environment.HERE / SOURCES / network.file
    artifact = context.compiler.folder / f"{name.replace(' ', '-')}.dlca"
    policy = ["--dtype-policy", network.policy] if network.policy else []
    return context.compiler.compile_file(source, artifact, *policy,
                                         *(["--", *flags] if flags else []))


def weights_for(variables, seed=1):
    """Values that keep activations in a sensible range, by the names that layers give."""
    random = numpy.random.default_rng(seed)
    weights = {}
    for info in variables:
        if info.role not in (WEIGHT, STATISTIC):
            continue
        name, shape = info.name.decode(), tuple(info.dims[:info.rank])
        values = random.standard_normal(shape, dtype=numpy.float32)
        if name.endswith("kernel"):
            fan = shape[0] * shape[1] if "depthwise" in name else math.prod(shape) // shape[-1]
            if len(shape) == 3 and not name.endswith("attention_output/kernel"):
                fan = shape[0]
            values *= numpy.float32(fan ** -0.5)
        elif name.endswith("embeddings"):
            values *= numpy.float32(0.02)
        elif name.endswith(("gamma", "moving_variance")):
            values = 1 + numpy.float32(0.1) * abs(values)
            if name.endswith(END_OF_BRANCH):
                values *= numpy.float32(0.1)
        else:
            values *= numpy.float32(0.05)
        weights[name] = values
    return weights


class Side:
    """An entry of a network in this process."""

    def __init__(self, context, artifact, entry, batch, arrays):
        self.program = Program(context.stick, artifact, context.threads, {"B": batch})
        self.initialize = self.program.entry("initialize").bind({})
        self.weights = weights_for(self.program.variables())
        self.trains = entry == "train_step"
        self.reset()
        self.entry = self.program.entry(entry).bind(arrays)

    def reset(self):
        self.initialize.run(1)
        for name, value in self.weights.items():
            self.program.set(name, value)

    def run(self, count):
        self.entry.run(count)

    def outputs(self):
        outputs = self.entry.outputs
        if not self.trains:
            return {"y": next(iter(outputs.values()))}
        total, weight = outputs["loss.total"], outputs["loss.weight"]
        return {"loss": total / weight, **self.gradients()}

    def gradients(self):
        """From Adam's averages after one step."""
        found = {}
        for info in self.program.variables():
            name = info.name.decode()
            if name.startswith("optimizer/") and name.endswith("/momentum"):
                found[name[len("optimizer/"):-len("/momentum")]] = self.program.get(name) * 10
        return found

    def close(self):
        self.program.close()
