"""A case: one thing to measure, stated once and rendered for every side.

A case names an operation (`op`), its attributes, its inputs and outputs and how much work it is.
Our text (ours/) and each peer (peers/) turn the operation into a program; none of them adds sizes
of its own, so that all sides do the same.

Layouts are row-major: images are [batch, spatial..., channels], filters [spatial..., channels in /
groups, channels out]. Bytes count every input and output once, which is the least that any program
must move; flops count a multiplication and an addition as two, on real elements only as far as the
usual formula goes (padding counts as work).
"""
import dataclasses
import math

BYTES = {"f32": 4, "bf16": 2, "i32": 4, "i64": 8}


@dataclasses.dataclass(frozen=True)
class Tensor:
    shape: tuple
    dtype: str = "f32"
    fill: str = "normal"  # normal, or "below N": integers in [0, N)
    weight: bool = False  # a variable of the model, whose physical form a side may choose
    scale: float = 1.0

    @property
    def bytes(self):
        return math.prod(self.shape) * BYTES[self.dtype]


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    op: str
    inputs: dict  # name to Tensor
    outputs: dict  # name to Tensor
    flops: int = 0
    attributes: dict = dataclasses.field(default_factory=dict)
    dtype: str = "f32"
    quick: bool = True  # part of --quick, too

    @property
    def bytes(self):
        return sum(tensor.bytes for tensor in (*self.inputs.values(), *self.outputs.values()))

    def dtype_name(self):
        return {"f32": "float32", "bf16": "bfloat16"}[self.dtype]

    def __getattr__(self, name):
        try:
            return self.__dict__["attributes"][name]
        except KeyError:
            raise AttributeError(name) from None


def arrays_of(case, seed=1):
    """The values of all inputs, the same for every side and every run."""
    import numpy
    random = numpy.random.default_rng(seed)
    return {name: fill(tensor, random, numpy) for name, tensor in case.inputs.items()}


def fill(tensor, random, numpy):
    if tensor.fill.startswith("below "):
        below = int(tensor.fill.split()[1])
        kind = numpy.int64 if tensor.dtype == "i64" else numpy.int32
        return random.integers(0, below, tensor.shape).astype(kind)
    values = random.standard_normal(tensor.shape, dtype=numpy.float32) * numpy.float32(tensor.scale)
    if tensor.fill == "positive":
        values = abs(values)
    if tensor.dtype == "bf16":
        import ml_dtypes
        return values.astype(ml_dtypes.bfloat16)
    return values
