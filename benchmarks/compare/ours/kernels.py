"""Every operation of the cases as text of the `dlc` dialect.

Written the way the frontend writes it: a dense layer is a contraction, a broadcast and an addition;
a gradient is asked for where a model would ask for it. The compiler has to find the kernels.
"""
import math

from ours.text import Text, Value

RENDER = {}


def renders(function):
    RENDER[function.__name__] = function
    return function


def text_of(case):
    """The module of a case, whose entry is @run. KeyError when there is no way to write it."""
    return RENDER[case.op](case)


def begin(case):
    m = Text()
    return m, *(m.tensor(name, tensor) for name, tensor in case.inputs.items())


# Contractions.

@renders
def dense_forward(case):
    m, x, w, *bias = begin(case)
    y = m.contract(x, w, ([1], [0]))
    for b in bias:
        y = m.binary("add", y, m.broadcast(b, [1], y.shape))
    if case.epilogue == "relu":
        y = m.unary("relu", y)
    elif case.epilogue == "gelu":
        y = gelu(m, y)
    m.output("y", y)
    return m.finish()


@renders
def dense_input_gradient(case):
    m, dy, w = begin(case)
    m.output("dx", m.contract(dy, w, ([1], [1])))
    return m.finish()


@renders
def dense_weight_gradient(case):
    m, x, dy = begin(case)
    m.output("dw", m.contract(x, dy, ([0], [0])))
    db = m.reduce("sum", m.cast(dy, "f32") if dy.dtype == "bf16" else dy, [0])
    m.output("db", m.cast(db, "bf16") if dy.dtype == "bf16" else db)
    return m.finish()


@renders
def batched_matmul(case):
    m, a, b = begin(case)
    m.output("y", m.contract(a, b, ([2], [2 if case.transposed else 1]), ([0], [0])))
    return m.finish()


def window_text(layer):
    rank = len(layer.image)
    text = (f"strides {[layer.stride] * rank} low {[layer.pad] * rank} "
            f"high {high_padding(layer)} dilations {[layer.dilation] * rank}")
    return text + (f" groups {layer.groups}" if layer.groups > 1 else "")


def high_padding(layer):
    """What the windows really reach: at stride 2 the last padding may lie beyond them."""
    reach = layer.dilation * (layer.window - 1) + 1
    return [(out - 1) * layer.stride + reach - size - layer.pad
            if (out - 1) * layer.stride + reach - size - layer.pad >= 0 else layer.pad
            for size, out in zip(layer.image, layer.result)]


@renders
def conv_forward(case):
    m, x, w = begin(case)
    m.output("y", m.emit(f"conv {x.name}, {w.name} {window_text(case.layer)}", (x, w),
                         case.outputs["y"].shape, case.dtype))
    return m.finish()


@renders
def conv_input_gradient(case):
    m, dy, w = begin(case)
    m.output("dx", m.emit(f"conv_input_grad {dy.name}, {w.name} {window_text(case.layer)}",
                          (dy, w), case.outputs["dx"].shape, case.dtype))
    return m.finish()


@renders
def conv_weight_gradient(case):
    m, x, dy = begin(case)
    m.output("dw", m.emit(f"conv_filter_grad {x.name}, {dy.name} {window_text(case.layer)}",
                          (x, dy), case.outputs["dw"].shape, case.dtype))
    return m.finish()


# Rows and statistics.

@renders
def softmax_forward(case):
    m, x = begin(case)
    m.output("y", m.same(f"softmax {x.name} axis 1", x))
    return m.finish()


@renders
def softmax_backward(case):
    m, y, dy = begin(case)
    total = m.reduce("sum", m.binary("mul", y, dy), [1])
    centred = m.binary("sub", dy, m.broadcast(total, [0], y.shape))
    m.output("dx", m.binary("mul", y, centred))
    return m.finish()


@renders
def cross_entropy_both(case):
    m, x, labels = begin(case)

    def loss_of(x):
        rows = m.emit(f"sparse_softmax_cross_entropy {x.name}, {labels.name}", (x, labels),
                      x.shape[:1])
        loss = m.scaled(m.reduce("sum", rows, [0]), 1 / x.shape[0])
        return loss, loss
    (dx,), loss = m.gradients(loss_of, [x])
    m.output("loss", loss)
    m.output("dx", dx)
    return m.finish()


def inner_product(m, x, y):
    return m.reduce("sum", m.binary("mul", x, y), list(range(len(x.shape))))


def layer_norm(m, x, scale, offset):
    return m.emit(f"layer_norm {x.name}, {scale.name}, {offset.name} epsilon 1.0e-3",
                  (x, scale, offset), x.shape)


def batch_norm(m, x, scale, offset):
    m.count += 1
    names = [f"%n{m.count}", f"%mean{m.count}", f"%variance{m.count}"]
    types = f"({x.type}, {scale.type}, {scale.type})"
    m.lines.append(f"  {', '.join(names)} = dlc.batch_norm_training {x.name}, {scale.name}, "
                   f"{offset.name} epsilon 1.0e-3 : {types} -> {types}")
    return type(x)(names[0], x.shape)


def group_norm(m, x, scale, offset, groups):
    n, h, w, c = x.shape
    grouped = (n, h * w, groups, c // groups)
    z = m.reshape(x, grouped)
    mean = m.reduce("mean", z, [1, 3])
    centred = m.binary("sub", z, m.broadcast(mean, [0, 2], grouped))
    variance = m.reduce("mean", m.binary("mul", centred, centred), [1, 3])
    root = m.unary("rsqrt", m.binary("add", variance, m.constant(1e-3, variance.shape)))
    z = m.binary("mul", centred, m.broadcast(root, [0, 2], grouped))
    z = m.reshape(z, x.shape)
    z = m.binary("mul", z, m.broadcast(scale, [3], x.shape))
    return m.binary("add", z, m.broadcast(offset, [3], x.shape))


def normalisation(name, function):
    def forward(case):
        m, x, scale, offset = begin(case)
        m.output("y", function(m, x, scale, offset, **case.attributes))
        return m.finish()

    def both(case):
        m, x, scale, offset, dy = begin(case)

        def loss_of(x, scale, offset):
            y = function(m, x, scale, offset, **case.attributes)
            return inner_product(m, y, dy), y
        gradients, y = m.gradients(loss_of, [x, scale, offset])
        m.output("y", y)
        for label, gradient in zip(("dx", "dscale", "doffset"), gradients):
            m.output(label, gradient)
        return m.finish()
    RENDER[name + "_forward"], RENDER[name + "_both"] = forward, both


normalisation("layer_norm", layer_norm)
normalisation("batch_norm", batch_norm)
normalisation("group_norm", group_norm)


# Pointwise.

def gelu(m, x):
    if x.dtype == "bf16":
        return m.cast(gelu(m, m.cast(x, "f32")), "bf16")
    e = m.unary("erf", m.scaled(x, math.sqrt(0.5)))
    return m.binary("mul", m.scaled(x, 0.5), m.binary("add", e, m.constant(1, x.shape)))


@renders
def gelu_forward(case):
    m, x = begin(case)
    m.output("y", gelu(m, x))
    return m.finish()


@renders
def gelu_backward(case):
    m, x, dy = begin(case)
    (dx,), _ = m.gradients(lambda x: (inner_product(m, gelu(m, x), dy), None), [x])
    m.output("dx", dx)
    return m.finish()


@renders
def dropout_forward(case):
    m, x, key = begin(case)
    keep = m.constant(1 - case.rate, ())
    mask = m.emit(f"random_bernoulli {key.name}, {keep.name} stream 1", (key, keep), x.shape, "i1")
    m.output("y", m.select(mask, m.scaled(x, 1 / (1 - case.rate)), m.constant(0, x.shape)))
    return m.finish()


# Windows, moves, updates.

def pool_text(case):
    window, stride, low = case.window, case.stride, case.padding
    return f"window {[window] * 2} strides {[stride] * 2} low {[low] * 2} high {pool_high(case)}"


def pool_high(case):
    x, y = case.inputs["x"].shape, (case.inputs.get("dy") or case.outputs["y"]).shape
    return [max(0, (y[i] - 1) * case.stride + case.window - x[i] - case.padding) for i in (1, 2)]


def pool(m, case, x):
    y = case.outputs["y"].shape
    return m.emit(f"{case.kind}_pool {x.name} {pool_text(case)}", (x,), y)


@renders
def pool_forward(case):
    m, x = begin(case)
    m.output("y", pool(m, case, x))
    return m.finish()


@renders
def pool_both(case):
    m, x, dy = begin(case)
    m.output("y", pool(m, case, x))
    operands = (x, dy) if case.kind == "max" else (dy,)
    names = ", ".join(operand.name for operand in operands)
    m.output("dx", m.emit(f"{case.kind}_pool_grad {names} {pool_text(case)}", operands, x.shape))
    return m.finish()


@renders
def gather(case):
    m, table, ids = begin(case)
    m.output("y", m.emit(f"gather {table.name}, {ids.name} axis 0", (table, ids),
                         case.outputs["y"].shape))
    return m.finish()


@renders
def scatter_add(case):
    m, ids, u = begin(case)
    zeros = m.constant(0, case.outputs["y"].shape)
    m.output("y", m.emit(f"scatter_add {zeros.name}, {ids.name}, {u.name} axis 0",
                         (zeros, ids, u), zeros.shape))
    return m.finish()


@renders
def transpose(case):
    m, x = begin(case)
    m.output("y", m.transpose(x, case.order))
    return m.finish()


@renders
def sum(case):
    m, x = begin(case)
    m.output("y", m.reduce("sum", x, [case.axis]))
    return m.finish()


@renders
def adam(case):
    m = Text()
    for index in range(case.count):
        w, g, mean, square = (m.tensor(f"{kind}{index}", case.inputs[f"{kind}{index}"])
                              for kind in "wgmv")
        mean = m.binary("add", mean, m.scaled(m.binary("sub", g, mean), 0.1))
        change = m.binary("sub", m.binary("mul", g, g), square)
        square = m.binary("add", square, m.scaled(change, 0.001))
        below = m.binary("add", m.unary("sqrt", square), m.constant(1e-7, w.shape))
        w = m.binary("sub", w, m.binary("div", m.scaled(mean, 1e-3), below))
        for kind, value in zip("wmv", (w, mean, square)):
            m.assign(f"{kind}{index}", value)
    return m.finish()


# Attention.

def attention(m, case, q, k, v, lengths):
    mask, causal, operands = "", " causal" * case.causal, (q, k, v)
    if case.padding:
        shape = (q.shape[0], q.shape[2])
        ends = m.binary("add", lengths, m.constant(shape[1] // 2, lengths.shape, "i32"))
        seen = m.compare("lt", m.iota(1, shape), m.broadcast(ends, [0], shape))
        mask, operands = f" mask {seen.name} over [0, 3]", (*operands, seen)
    m.count += 1
    names = f"%t.{m.count}, %lse{m.count}"
    types = ", ".join(operand.type for operand in operands)
    y, lse = Value(f"%t.{m.count}", q.shape), Value(f"%lse{m.count}", q.shape[:3])
    m.lines.append(f"  {names} = dlc.attention {q.name}, {k.name}, {v.name}{mask}{causal} axis 2 "
                   f"scale {q.shape[3] ** -0.5:.9e} : ({types}) -> ({y.type}, {lse.type})")
    return y


@renders
def attention_forward(case):
    m, q, k, v, *lengths = begin(case)
    m.output("y", attention(m, case, q, k, v, *(lengths or [None])))
    return m.finish()


@renders
def attention_both(case):
    m, q, k, v, *rest = begin(case)
    *lengths, dy = rest

    def loss_of(q, k, v):
        y = attention(m, case, q, k, v, *(lengths or [None]))
        return inner_product(m, y, dy), y
    gradients, y = m.gradients(loss_of, [q, k, v])
    m.output("y", y)
    for label, gradient in zip(("dq", "dk", "dv"), gradients):
        m.output(label, gradient)
    return m.finish()
