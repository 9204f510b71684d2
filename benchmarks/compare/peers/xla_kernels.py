"""Every operation of the cases in JAX: functions from named inputs to named outputs."""
import jax
import jax.numpy as jnp
from jax import lax

FUNCTIONS = {}


def operation(make):
    FUNCTIONS[make.__name__] = make
    return make


# Contractions.

@operation
def dense_forward(case):
    if not case.epilogue:
        return lambda i: {"y": i["x"] @ i["w"]}
    activation = {"relu": jax.nn.relu,
                  "gelu": lambda y: jax.nn.gelu(y, approximate=False)}[case.epilogue]
    return lambda i: {"y": activation(i["x"] @ i["w"] + i["b"])}


@operation
def dense_input_gradient(case):
    return lambda i: {"dx": i["dy"] @ i["w"].T}


@operation
def dense_weight_gradient(case):
    return lambda i: {"dw": i["x"].T @ i["dy"], "db": i["dy"].sum(0)}


@operation
def batched_matmul(case):
    form = "bmk,bnk->bmn" if case.transposed else "bmk,bkn->bmn"
    return lambda i: {"y": jnp.einsum(form, i["a"], i["b"])}


def convolution(layer):
    spatial = "DHW"[3 - len(layer.image):]
    layout = (f"N{spatial}C", f"{spatial}IO", f"N{spatial}C")
    rank = len(layer.image)

    def conv(x, w):
        return lax.conv_general_dilated(
            x, w, (layer.stride,) * rank, [(layer.pad, layer.pad)] * rank,
            rhs_dilation=(layer.dilation,) * rank, dimension_numbers=layout,
            feature_group_count=layer.groups)
    return conv


@operation
def conv_forward(case):
    conv = convolution(case.layer)
    return lambda i: {"y": conv(i["x"], i["w"])}


@operation
def conv_input_gradient(case):
    conv = convolution(case.layer)
    x = jax.ShapeDtypeStruct(case.outputs["dx"].shape, case.dtype_name())

    def gradient(i):
        return {"dx": jax.linear_transpose(lambda x: conv(x, i["w"]), x)(i["dy"])[0]}
    return gradient


@operation
def conv_weight_gradient(case):
    conv = convolution(case.layer)
    w = jax.ShapeDtypeStruct(case.outputs["dw"].shape, case.dtype_name())

    def gradient(i):
        return {"dw": jax.linear_transpose(lambda w: conv(i["x"], w), w)(i["dy"])[0]}
    return gradient


# Rows and statistics.

@operation
def softmax_forward(case):
    return lambda i: {"y": jax.nn.softmax(i["x"])}


@operation
def softmax_backward(case):
    return lambda i: {"dx": i["y"] * (i["dy"] - (i["y"] * i["dy"]).sum(1, keepdims=True))}


@operation
def cross_entropy_both(case):
    def loss_of(x, labels):
        return -jnp.take_along_axis(jax.nn.log_softmax(x), labels[:, None], 1).mean()

    def both(i):
        loss, dx = jax.value_and_grad(loss_of)(i["x"], i["labels"])
        return {"loss": loss, "dx": dx}
    return both


def normalised(x, axes):
    mean = x.mean(axes, keepdims=True)
    variance = jnp.square(x - mean).mean(axes, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-3)


def layer_norm(x, scale, offset):
    return normalised(x, (-1,)) * scale + offset


def batch_norm(x, scale, offset):
    return normalised(x, (0, 1, 2)) * scale + offset


def group_norm(x, scale, offset, groups):
    n, h, w, c = x.shape
    z = normalised(x.reshape(n, h * w, groups, c // groups), (1, 3))
    return z.reshape(x.shape) * scale + offset


def normalisation(name, function):
    def forward(case):
        return lambda i: {"y": function(i["x"], i["scale"], i["offset"], **case.attributes)}

    def both(case):
        def run(i):
            y, pull = jax.vjp(lambda *a: function(*a, **case.attributes), i["x"], i["scale"],
                              i["offset"])
            dx, dscale, doffset = pull(i["dy"])
            return {"y": y, "dx": dx, "dscale": dscale, "doffset": doffset}
        return run
    FUNCTIONS[name + "_forward"], FUNCTIONS[name + "_both"] = forward, both


normalisation("layer_norm", layer_norm)
normalisation("batch_norm", batch_norm)
normalisation("group_norm", group_norm)


# Pointwise, windows, moves, updates.

def gelu(x):
    return jax.nn.gelu(x, approximate=False)


@operation
def gelu_forward(case):
    return lambda i: {"y": gelu(i["x"])}


@operation
def gelu_backward(case):
    return lambda i: {"dx": jax.vjp(gelu, i["x"])[1](i["dy"])[0]}


@operation
def dropout_forward(case):
    def dropout(i):
        # The generator that is fastest on this target; the same family as ours.
        key = jax.random.key(i["key"][0], impl="rbg")
        keep = jax.random.bernoulli(key, 1 - case.rate, i["x"].shape)
        return {"y": jnp.where(keep, i["x"] / (1 - case.rate), 0)}
    return dropout


def pool(case):
    window, strides = (1, case.window, case.window, 1), (1, case.stride, case.stride, 1)
    padding = ((0, 0), (case.padding,) * 2, (case.padding,) * 2, (0, 0))
    if case.kind == "max":
        return lambda x: lax.reduce_window(x, -jnp.inf, lax.max, window, strides, padding)
    return lambda x: lax.reduce_window(x, 0.0, lax.add, window, strides, padding) / case.window ** 2


@operation
def pool_forward(case):
    return lambda i: {"y": pool(case)(i["x"])}


@operation
def pool_both(case):
    def both(i):
        y, pull = jax.vjp(pool(case), i["x"])
        return {"y": y, "dx": pull(i["dy"])[0]}
    return both


@operation
def gather(case):
    return lambda i: {"y": i["table"].at[i["ids"]].get(mode="clip")}


@operation
def scatter_add(case):
    shape = case.outputs["y"].shape
    return lambda i: {"y": jnp.zeros(shape).at[i["ids"]].add(i["u"])}


@operation
def transpose(case):
    return lambda i: {"y": i["x"].transpose(case.order)}


@operation
def sum(case):
    return lambda i: {"y": i["x"].sum(case.axis)}


@operation
def adam(case):
    def step(i):
        outputs = {}
        for n in range(case.count):
            w, g, m, v = (i[f"{kind}{n}"] for kind in "wgmv")
            m = m + (g - m) * 0.1
            v = v + (g * g - v) * 0.001
            outputs[f"m{n}"], outputs[f"v{n}"] = m, v
            outputs[f"w{n}"] = w - m * 1e-3 / (jnp.sqrt(v) + 1e-7)
        return outputs
    return step


# Attention.

def attention(case):
    def run(q, k, v, lengths):
        scores = jnp.einsum("bhsd,bhtd->bhst", q, k) * q.shape[-1] ** -0.5
        positions = jnp.arange(q.shape[2])
        if case.causal:
            scores = jnp.where(positions[None, :] <= positions[:, None], scores, -1e30)
        if case.padding:
            seen = positions[None, :] < lengths[:, None] + q.shape[2] // 2
            scores = jnp.where(seen[:, None, None, :], scores, -1e30)
        return jnp.einsum("bhst,bhtd->bhsd", jax.nn.softmax(scores), v)
    return run


@operation
def attention_forward(case):
    run = attention(case)
    return lambda i: {"y": run(i["q"], i["k"], i["v"], i.get("lengths"))}


@operation
def attention_both(case):
    run = attention(case)

    def both(i):
        y, pull = jax.vjp(lambda q, k, v: run(q, k, v, i.get("lengths")), i["q"], i["k"], i["v"])
        dq, dk, dv = pull(i["dy"])
        return {"y": y, "dq": dq, "dk": dk, "dv": dv}
    return both
