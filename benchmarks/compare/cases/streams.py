"""Kernels whose cost is memory: rows, statistics, pointwise functions, windows, moves, updates.

"forward+backward" computes the outputs and the gradients for a given cotangent `dy` in one program:
sides differ in what they keep between the two, and a training step pays for both.
"""
import math

from cases.case import Case, Tensor


def normalisation(name, op, shape, channels, **attributes):
    x, c = Tensor(shape), Tensor((channels,), weight=True)
    inputs = {"x": x, "scale": c, "offset": c}
    yield Case(f"{name} forward", op + "_forward", inputs, {"y": x}, 0, attributes)
    outputs = {"y": x, "dx": x, "dscale": Tensor((channels,)), "doffset": Tensor((channels,))}
    yield Case(f"{name} forward+backward", op + "_both", {**inputs, "dy": x}, outputs, 0,
               attributes)


def pooling(name, kind, shape, window, stride, padding):
    sizes = tuple((size + 2 * padding - window) // stride + 1 for size in shape[1:3])
    x, y = Tensor(shape), Tensor((shape[0], *sizes, shape[3]))
    attributes = {"kind": kind, "window": window, "stride": stride, "padding": padding}
    yield Case(f"{name} forward", "pool_forward", {"x": x}, {"y": y}, 0, attributes)
    yield Case(f"{name} forward+backward", "pool_both", {"x": x, "dy": y}, {"y": y, "dx": x}, 0,
               attributes)


def rows():
    for shape in ((512, 1024), (32768, 1024)):
        x = Tensor(shape)
        label = "x".join(map(str, shape))
        yield Case(f"softmax {label} forward", "softmax_forward", {"x": x}, {"y": x})
        yield Case(f"softmax {label} backward", "softmax_backward",
                   {"y": Tensor(shape, fill="positive", scale=1e-3), "dy": x}, {"dx": x})
    for shape in ((128, 10), (4096, 1000), (512, 32000)):
        x, labels = Tensor(shape), Tensor(shape[:1], "i32", f"below {shape[1]}")
        yield Case(f"log-softmax + cross entropy {shape[0]}x{shape[1]} forward+backward",
                   "cross_entropy_both", {"x": x, "labels": labels},
                   {"loss": Tensor(()), "dx": x})
    for shape in ((512, 768), (4096, 768)):
        yield from normalisation(f"layer norm {shape[0]}x768", "layer_norm", shape, 768)
    for shape in ((32, 56, 56, 64), (32, 14, 14, 256), (8, 7, 7, 2048)):
        label = "x".join(map(str, shape))
        yield from normalisation(f"batch norm {label}", "batch_norm", shape, shape[-1])
    yield from normalisation("group norm 32 8x28x28x256", "group_norm", (8, 28, 28, 256), 256,
                             groups=32)


def pointwise():
    for elements in (1 << 17, 1 << 24):
        x = Tensor((elements // 1024, 1024))
        label = f"{elements >> 10}k"
        yield Case(f"gelu {label} forward", "gelu_forward", {"x": x}, {"y": x})
        yield Case(f"gelu {label} backward", "gelu_backward", {"x": x, "dy": x}, {"dx": x})
        key = Tensor((2,), "i64", "below 1000")
        yield Case(f"dropout {label} forward", "dropout_forward", {"x": x, "key": key}, {"y": x}, 0,
                   {"rate": 0.25})


def windows():
    yield from pooling("max pool 2x2 s2 32x56x56x64", "max", (32, 56, 56, 64), 2, 2, 0)
    yield from pooling("max pool 3x3 s2 8x112x112x64", "max", (8, 112, 112, 64), 3, 2, 1)
    yield from pooling("average pool 2x2 s2 32x28x28x128", "avg", (32, 28, 28, 128), 2, 2, 0)


def moves():
    table = Tensor((30522, 768), weight=True)
    ids = Tensor((4096,), "i32", "below 30522")
    picked = Tensor((4096, 768))
    yield Case("embedding gather 4096 of 30522x768", "gather", {"table": table, "ids": ids},
               {"y": picked})
    few = Tensor((5000, 768))
    yield Case("embedding scatter-add 4096 into 5000x768", "scatter_add",
               {"ids": Tensor((4096,), "i32", "below 5000"), "u": picked}, {"y": few})
    for shape, order in (((1024, 1024), (1, 0)), ((4096, 4096), (1, 0)),
                         ((8, 128, 12, 64), (0, 2, 1, 3)), ((8, 12, 128, 64), (0, 1, 3, 2)),
                         ((32, 56, 56, 64), (0, 3, 1, 2))):
        result = tuple(shape[axis] for axis in order)
        yield Case(f"transpose {'x'.join(map(str, shape))} to {''.join(map(str, order))}",
                   "transpose", {"x": Tensor(shape)}, {"y": Tensor(result)}, 0, {"order": order})
    for shape, axis in (((4096, 1024), 0), ((4096, 1024), 1), ((64, 1024, 64), 0),
                        ((64, 1024, 64), 1), ((64, 1024, 64), 2)):
        result = shape[:axis] + shape[axis + 1:]
        yield Case(f"sum {'x'.join(map(str, shape))} over {axis}", "sum", {"x": Tensor(shape)},
                   {"y": Tensor(result)}, 0, {"axis": axis})


def updates():
    # The mix of a residual network: a kernel, and two small vectors for each.
    sizes = []
    for index in range(52):
        channels = 64 << (index % 4)
        sizes += [(channels, 64), (channels,), (channels,)]
    for name, shapes in (("156 tensors", sizes), ("1 tensor of 9437184", [(3072, 3072)])):
        inputs, outputs = {}, {}
        for index, shape in enumerate(shapes):
            for kind, fill in (("w", "normal"), ("g", "normal"), ("m", "normal"),
                               ("v", "positive")):
                inputs[f"{kind}{index}"] = Tensor(shape, fill=fill, weight=kind != "g")
            for kind in "wmv":
                outputs[f"{kind}{index}"] = Tensor(shape)
        count = sum(math.prod(shape) for shape in shapes)
        yield Case(f"Adam {name}, {count} elements", "adam", inputs, outputs, 0,
                   {"count": len(shapes)})


def cases():
    yield from rows()
    yield from pointwise()
    yield from windows()
    yield from moves()
    yield from updates()
