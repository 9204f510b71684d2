"""Every operation of the cases in PyTorch.

Each function prepares its tensors and returns the call to time and a function that names the
results. Images become [batch, channels, spatial...] views of channels-last memory.
"""
import torch
import torch.nn.functional as F

FUNCTIONS = {}


def operation(make):
    FUNCTIONS[make.__name__] = make
    return make


def named(*names):
    """Names for a result that is one tensor or a sequence of them."""
    def give(result):
        return dict(zip(names, [result] if isinstance(result, torch.Tensor) else result))
    return give


# Contractions.

@operation
def dense_forward(case, t):
    x, w, b = t["x"], t["w"].T.contiguous(), t.get("b")  # weights are [out, in]
    call = {"": lambda: F.linear(x, w), "relu": lambda: F.linear(x, w, b).relu_(),
            "gelu": lambda: F.gelu(F.linear(x, w, b))}[case.epilogue]
    return call, named("y")


@operation
def dense_input_gradient(case, t):
    dy, w = t["dy"], t["w"].T.contiguous()
    return lambda: dy @ w, named("dx")


@operation
def dense_weight_gradient(case, t):
    x, dy = t["x"], t["dy"]
    return lambda: (x.T @ dy, dy.sum(0)), named("dw", "db")


@operation
def batched_matmul(case, t):
    a, b = t["a"], t["b"].transpose(1, 2) if case.transposed else t["b"]
    return lambda: torch.bmm(a, b), named("y")


def to_image(x):
    return x.movedim(-1, 1)


def from_image(x):
    return x.movedim(1, -1)


def to_filter(w):
    rank = w.dim() - 2
    w = w.permute(rank + 1, rank, *range(rank))
    formats = {2: torch.channels_last, 3: torch.channels_last_3d}
    return w.contiguous(memory_format=formats.get(rank, torch.contiguous_format))


def from_filter(w):
    return w.permute(*range(2, w.dim()), 1, 0)


def parameters(layer):
    rank = len(layer.image)
    return [layer.stride] * rank, [layer.pad] * rank, [layer.dilation] * rank


@operation
def conv_forward(case, t):
    x, w = to_image(t["x"]), to_filter(t["w"])
    stride, padding, dilation = parameters(case.layer)
    conv = (F.conv1d, F.conv2d, F.conv3d)[len(stride) - 1]
    return (lambda: conv(x, w, None, stride, padding, dilation, case.layer.groups),
            lambda y: {"y": from_image(y)})


def conv_backward(case, dy, x, w, mask):
    stride, padding, dilation = parameters(case.layer)
    outputs = [0] * len(stride)
    return torch.ops.aten.convolution_backward(dy, x, w, None, stride, padding, dilation, False,
                                               outputs, case.layer.groups, mask)


@operation
def conv_input_gradient(case, t):
    dy, w = to_image(t["dy"]), to_filter(t["w"])
    x = to_image(torch.zeros(case.outputs["dx"].shape, dtype=dy.dtype))
    return (lambda: conv_backward(case, dy, x, w, [True, False, False])[0],
            lambda dx: {"dx": from_image(dx)})


@operation
def conv_weight_gradient(case, t):
    x, dy = to_image(t["x"]), to_image(t["dy"])
    w = to_filter(torch.zeros(case.outputs["dw"].shape, dtype=dy.dtype))
    return (lambda: conv_backward(case, dy, x, w, [False, True, False])[1],
            lambda dw: {"dw": from_filter(dw)})


# Rows and statistics.

@operation
def softmax_forward(case, t):
    return lambda: torch.softmax(t["x"], 1), named("y")


@operation
def softmax_backward(case, t):
    y, dy = t["y"], t["dy"]
    return lambda: torch.ops.aten._softmax_backward_data(dy, y, 1, torch.float32), named("dx")


def both(function, t, inputs, outputs):
    """Calls function(*inputs) and its backward pass for the cotangent dy."""
    watched = [t[name].requires_grad_() for name in inputs]

    def call():
        with torch.enable_grad():
            y = function(*watched)
            return y, *torch.autograd.grad(y, watched, t.get("dy"))
    return call, named(*outputs)


@operation
def cross_entropy_both(case, t):
    labels = t["labels"].long()
    return both(lambda x: F.cross_entropy(x, labels), t, ["x"], ["loss", "dx"])


def normalisation(name, function, image):
    def forward(case, t):
        x = to_image(t["x"]) if image else t["x"]
        call = function(case)
        return (lambda: call(x, t["scale"], t["offset"]),
                lambda y: {"y": from_image(y) if image else y})

    def gradients(case, t):
        if image:
            t["x"], t["dy"] = to_image(t["x"]), to_image(t["dy"])
        call, names = both(function(case), t, ["x", "scale", "offset"],
                           ["y", "dx", "dscale", "doffset"])

        def give(result):
            outputs = names(result)
            return {label: from_image(value) if image and value.dim() == 4 else value
                    for label, value in outputs.items()}
        return call, give
    FUNCTIONS[name + "_forward"], FUNCTIONS[name + "_both"] = forward, gradients


normalisation("layer_norm",
              lambda case: lambda x, s, o: F.layer_norm(x, x.shape[-1:], s, o, 1e-3), False)
normalisation("batch_norm", lambda case: lambda x, s, o: F.batch_norm(
    x, None, None, s, o, True, 0.1, 1e-3), True)
normalisation("group_norm", lambda case: lambda x, s, o: F.group_norm(
    x, case.groups, s, o, 1e-3), True)


# Pointwise, windows, moves, updates.

@operation
def gelu_forward(case, t):
    return lambda: F.gelu(t["x"]), named("y")


@operation
def gelu_backward(case, t):
    return lambda: torch.ops.aten.gelu_backward(t["dy"], t["x"]), named("dx")


@operation
def dropout_forward(case, t):
    return lambda: F.dropout(t["x"], case.rate, True), named("y")


def pool(case):
    arguments = (case.window, case.stride, case.padding)
    if case.kind == "max":
        return lambda x: F.max_pool2d(x, *arguments)
    return lambda x: F.avg_pool2d(x, *arguments, count_include_pad=False)


@operation
def pool_forward(case, t):
    x, call = to_image(t["x"]), pool(case)
    return lambda: call(x), lambda y: {"y": from_image(y)}


@operation
def pool_both(case, t):
    t["x"], t["dy"] = to_image(t["x"]), to_image(t["dy"])
    call, names = both(pool(case), t, ["x"], ["y", "dx"])
    return call, lambda result: {label: from_image(v) for label, v in names(result).items()}


@operation
def gather(case, t):
    return lambda: F.embedding(t["ids"], t["table"]), named("y")


@operation
def scatter_add(case, t):
    ids, rows = t["ids"].long(), case.outputs["y"].shape[0]
    return (lambda: torch.ops.aten.embedding_dense_backward(t["u"], ids, rows, -1, False),
            named("y"))


@operation
def transpose(case, t):
    return lambda: t["x"].permute(case.order).contiguous(), named("y")


@operation
def sum(case, t):
    return lambda: t["x"].sum(case.axis), named("y")


@operation
def adam(case, t):
    """The fused list kernel. Its corrections of the first steps are undone in the rate and epsilon
    of step 1, so that the first step is the plain one that the case states."""
    w, g, m, v = ([t[f"{kind}{n}"] for n in range(case.count)] for kind in "wgmv")
    steps = [torch.ones(()) for _ in w]

    def call():
        torch._fused_adam_(w, g, m, v, [], steps, lr=1e-3 * 0.1 / 0.001 ** 0.5, beta1=0.9,
                           beta2=0.999, weight_decay=0.0, eps=1e-7 / 0.001 ** 0.5, amsgrad=False,
                           maximize=False, grad_scale=None, found_inf=None)
        return w, m, v

    def names(result):
        return {f"{kind}{n}": tensor for kind, list_ in zip("wmv", result)
                for n, tensor in enumerate(list_)}
    return call, names


# Attention.

def attention(case, t):
    mask = None
    if case.padding:
        positions = torch.arange(t["q"].shape[2])
        mask = positions < (t["lengths"] + t["q"].shape[2] // 2)[:, None, None, None]
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mask, is_causal=case.causal)


@operation
def attention_forward(case, t):
    run = attention(case, t)
    return lambda: run(t["q"], t["k"], t["v"]), named("y")


@operation
def attention_both(case, t):
    return both(attention(case, t), t, ["q", "k", "v"], ["y", "dq", "dk", "dv"])
