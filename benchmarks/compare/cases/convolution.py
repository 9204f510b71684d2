"""Convolutions: forward and both gradients, in one to three dimensions."""
import dataclasses
import math

from cases.case import Case, Tensor


@dataclasses.dataclass(frozen=True)
class Layer:
    """A convolution with the same window parameters in every spatial dimension."""
    name: str
    batch: int
    image: tuple
    channels: int
    filters: int
    window: int
    stride: int = 1
    padding: int | None = None  # on both sides; None: what keeps the size at stride 1
    dilation: int = 1
    groups: int = 1
    dtype: str = "f32"

    @property
    def pad(self):
        return self.dilation * (self.window - 1) // 2 if self.padding is None else self.padding

    @property
    def result(self):
        reach = self.dilation * (self.window - 1) + 1
        return tuple((size + 2 * self.pad - reach) // self.stride + 1 for size in self.image)

    @property
    def flops(self):
        return (2 * self.batch * math.prod(self.result) * self.filters *
                self.window ** len(self.image) * self.channels // self.groups)


LAYERS = [
    Layer("3x3 s1 56^2x64", 4, (56, 56), 64, 64, 3),
    Layer("3x3 s2 56^2x128", 4, (56, 56), 128, 128, 3, 2),
    Layer("3x3 s1 14^2x256", 4, (14, 14), 256, 256, 3),
    Layer("3x3 s1 7^2x512", 4, (7, 7), 512, 512, 3),
    Layer("1x1 28^2 512->128", 4, (28, 28), 512, 128, 1),
    Layer("7x7 s2 224^2 3->64", 1, (224, 224), 3, 64, 7, 2),
    Layer("3x3 28^2 1->32", 32, (28, 28), 1, 32, 3),
    Layer("5x5 28^2 32->64", 4, (28, 28), 32, 64, 5),
    Layer("3x3 dilated 2 28^2x128", 4, (28, 28), 128, 128, 3, dilation=2),
    Layer("3x3 grouped 8 28^2x256", 4, (28, 28), 256, 256, 3, groups=8),
    Layer("depthwise 3x3 112^2x32", 4, (112, 112), 32, 32, 3, groups=32),
    Layer("depthwise 3x3 s1 56^2x128", 4, (56, 56), 128, 128, 3, groups=128),
    Layer("depthwise 3x3 s2 56^2x128", 4, (56, 56), 128, 128, 3, 2, groups=128),
    Layer("depthwise 3x3 14^2x480", 4, (14, 14), 480, 480, 3, groups=480),
    Layer("depthwise 3x3 14^2x512", 4, (14, 14), 512, 512, 3, groups=512),
    Layer("depthwise 3x3 7^2x960", 4, (7, 7), 960, 960, 3, groups=960),
    Layer("1-D 9 1024x64", 8, (1024,), 64, 64, 9),
    Layer("3-D 3x3x3 16^3x32", 1, (16, 16, 16), 32, 32, 3),
    Layer("3x3 s1 56^2x64 bf16", 4, (56, 56), 64, 64, 3, dtype="bf16"),
]
# Called with the channels of the larger image last: this is the input gradient of that layer.
TRANSPOSED = Layer("transposed 4x4 s2 14^2x128->28^2x64", 4, (28, 28), 64, 128, 4, 2, padding=1)


def tensors_of(layer):
    x = Tensor((layer.batch, *layer.image, layer.channels), layer.dtype)
    fan = layer.window ** len(layer.image) * layer.channels // layer.groups
    w = Tensor((layer.window,) * len(layer.image) +
               (layer.channels // layer.groups, layer.filters), layer.dtype, weight=True,
               scale=fan ** -0.5)
    y = Tensor((layer.batch, *layer.result, layer.filters), layer.dtype)
    return x, w, y


def cases_of(layer):
    x, w, y = tensors_of(layer)
    dw = Tensor(w.shape, layer.dtype)
    for kind, op, inputs, outputs in (
            ("forward", "conv_forward", {"x": x, "w": w}, {"y": y}),
            ("dX", "conv_input_gradient", {"dy": y, "w": w}, {"dx": x}),
            ("dW", "conv_weight_gradient", {"x": x, "dy": y}, {"dw": dw})):
        yield Case(f"conv {layer.name} {kind}", op, inputs, outputs, layer.flops,
                   {"layer": layer}, layer.dtype)


def cases():
    for layer in LAYERS:
        yield from cases_of(layer)
    x, w, y = tensors_of(TRANSPOSED)
    yield Case(f"conv {TRANSPOSED.name} forward", "conv_input_gradient", {"dy": y, "w": w},
               {"dx": x}, TRANSPOSED.flops, {"layer": TRANSPOSED})
