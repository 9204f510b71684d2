"""Matrix products: dense layers forward and backward, and the batched products of attention."""
from cases.case import Case, Tensor

# Rows, reduced, columns; the shapes of small networks, transformers, a single request, odd sizes.
SHAPES = [(128, 784, 512), (128, 512, 512), (128, 512, 10), (32, 768, 3072), (512, 768, 768),
          (4096, 768, 768), (4096, 768, 3072), (1, 1024, 1024), (1, 1024, 4096), (65, 127, 129),
          (100, 100, 100)]
LARGE = {(4096, 768, 3072)}
# Heads of all sequences, rows, reduced, columns; with b transposed: queries by keys.
BATCHED = [(96, 128, 64, 128, True), (96, 128, 128, 64, False), (24, 512, 64, 512, True),
           (24, 512, 512, 64, False)]
BF16 = {(128, 784, 512), (512, 768, 768), (32, 768, 3072)}


def forward(m, k, n, epilogue, dtype):
    inputs = {"x": Tensor((m, k), dtype),
              "w": Tensor((k, n), dtype, weight=True, scale=k ** -0.5)}
    if epilogue:
        inputs["b"] = Tensor((n,), dtype, weight=True)
    label = f" bias {epilogue}" if epilogue else ""
    return Case(f"dense {m}x{k}x{n} forward{label}{suffix(dtype)}", "dense_forward", inputs,
                {"y": Tensor((m, n), dtype)}, 2 * m * k * n, {"epilogue": epilogue}, dtype,
                quick=(m, k, n) not in LARGE and (epilogue != "gelu" or k == 768))


def input_gradient(m, k, n, dtype):
    inputs = {"dy": Tensor((m, n), dtype),
              "w": Tensor((k, n), dtype, weight=True, scale=n ** -0.5)}
    return Case(f"dense {m}x{k}x{n} dX{suffix(dtype)}", "dense_input_gradient", inputs,
                {"dx": Tensor((m, k), dtype)}, 2 * m * k * n, {}, dtype, (m, k, n) not in LARGE)


def weight_gradient(m, k, n, dtype):
    inputs = {"x": Tensor((m, k), dtype), "dy": Tensor((m, n), dtype)}
    outputs = {"dw": Tensor((k, n), dtype), "db": Tensor((n,), dtype)}
    return Case(f"dense {m}x{k}x{n} dW+db{suffix(dtype)}", "dense_weight_gradient", inputs,
                outputs, 2 * m * k * n, {}, dtype, (m, k, n) not in LARGE)


def batched(batch, m, k, n, transposed, dtype="f32"):
    inputs = {"a": Tensor((batch, m, k), dtype),
              "b": Tensor((batch, n, k) if transposed else (batch, k, n), dtype)}
    kind = "a b^T" if transposed else "a b"
    return Case(f"batched matmul {batch}x{m}x{k}x{n} {kind}{suffix(dtype)}", "batched_matmul",
                inputs, {"y": Tensor((batch, m, n), dtype)}, 2 * batch * m * k * n,
                {"transposed": transposed}, dtype)


def suffix(dtype):
    return "" if dtype == "f32" else f" {dtype}"


def cases():
    for shape in SHAPES:
        for epilogue in ("", "relu", "gelu"):
            yield forward(*shape, epilogue, "f32")
        yield input_gradient(*shape, "f32")
        yield weight_gradient(*shape, "f32")
        if shape in BF16:
            yield forward(*shape, "relu", "bf16")
            yield input_gradient(*shape, "bf16")
            yield weight_gradient(*shape, "bf16")
    for shape in BATCHED:
        yield batched(*shape)
    yield batched(*BATCHED[0], "bf16")
