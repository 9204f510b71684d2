"""The layers of models/networks.py in JAX, channels last."""
import jax
import jax.numpy as jnp
from jax import lax


class Layers:
    """`weights` by name; `statistics` collects what batch normalisation moves; `key` is the random
    key of a training step, None where nothing is dropped; with `bf16`, factors are rounded to it and
    products summed in f32."""

    def __init__(self, weights, training=False, key=None, bf16=False):
        self.weights, self.training, self.key, self.bf16 = weights, training, key, bf16
        self.statistics, self.drawn = {}, 0

    relu = staticmethod(jax.nn.relu)
    relu6 = staticmethod(jax.nn.relu6)
    tanh = staticmethod(jnp.tanh)

    @staticmethod
    def gelu(x):
        return jax.nn.gelu(x, approximate=False)

    @staticmethod
    def gelu_tanh(x):
        return jax.nn.gelu(x, approximate=True)

    def factor(self, x):
        return x.astype(jnp.bfloat16) if self.bf16 else x

    def product(self, x, y):
        return jnp.matmul(self.factor(x), self.factor(y), preferred_element_type=jnp.float32)

    def dense(self, x, name):
        kernel = self.weights[name + "/kernel"]
        if kernel.ndim == 3:  # of attention: heads are separate in the file, not here
            into = name.endswith("attention_output")
            kernel = kernel.reshape(-1, kernel.shape[2]) if into else kernel.reshape(
                kernel.shape[0], -1)
        return self.product(x, kernel) + self.weights[name + "/bias"].reshape(-1)

    def convolve(self, x, filter_, stride, padding, groups):
        pads = padding.upper() if isinstance(padding, str) else (padding, padding)
        y = lax.conv_general_dilated(self.factor(x), self.factor(filter_), (stride, stride), pads,
                                     dimension_numbers=("NHWC", "HWIO", "NHWC"),
                                     feature_group_count=groups)
        return y.astype(jnp.float32)

    def conv(self, x, name, stride=1, padding="same"):
        y = self.convolve(x, self.weights[name + "/kernel"], stride, padding, 1)
        bias = self.weights.get(name + "/bias")
        return y if bias is None else y + bias

    def depthwise(self, x, name, stride, padding):
        filter_ = self.weights[name + "/kernel"]  # one for each channel
        filter_ = filter_.reshape(*filter_.shape[:2], 1, -1)
        return self.convolve(x, filter_, stride, padding, x.shape[-1])

    def separable(self, x, name):
        depthwise = self.weights[name + "/depthwise_kernel"]
        depthwise = depthwise.reshape(*depthwise.shape[:2], 1, -1)
        x = self.convolve(x, depthwise, 1, "same", x.shape[-1])
        return self.convolve(x, self.weights[name + "/pointwise_kernel"], 1, "valid", 1)

    def batch_norm(self, x, name, epsilon, momentum):
        scale, offset, mean, variance = (self.weights[f"{name}/{part}"] for part in (
            "gamma", "beta", "moving_mean", "moving_variance"))
        if self.training:
            now = x.mean((0, 1, 2)), jnp.square(x).mean((0, 1, 2)) - jnp.square(x.mean((0, 1, 2)))
            self.statistics[name + "/moving_mean"] = mean * momentum + now[0] * (1 - momentum)
            self.statistics[name + "/moving_variance"] = (variance * momentum +
                                                          now[1] * (1 - momentum))
            mean, variance = now
        return (x - mean) * (lax.rsqrt(variance + epsilon) * scale) + offset

    def layer_norm(self, x, name, epsilon):
        mean = x.mean(-1, keepdims=True)
        variance = jnp.square(x - mean).mean(-1, keepdims=True)
        y = (x - mean) * lax.rsqrt(variance + epsilon)
        return y * self.weights[name + "/gamma"] + self.weights[name + "/beta"]

    def max_pool(self, x, window, stride, padding=0):
        around = padding if isinstance(padding, tuple) else (padding, padding)
        pads = ((0, 0), around, around, (0, 0))
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, window, window, 1),
                                 (1, stride, stride, 1), pads)

    def dropout(self, x, rate):
        if not self.training or self.key is None:
            return x
        self.drawn += 1
        keep = jax.random.bernoulli(jax.random.fold_in(self.key, self.drawn), 1 - rate, x.shape)
        return jnp.where(keep, x / (1 - rate), 0)

    def flatten(self, x):
        return x.reshape(x.shape[0], -1)

    def mean(self, x):
        return x.mean((1, 2))

    def embed(self, ids, name):
        return self.weights[name + "/embeddings"][ids]

    def positions(self, length, name):
        return self.weights[name + "/embeddings"][:length]

    def tied_logits(self, x, name):
        return self.product(x, self.weights[name + "/embeddings"].T)

    def heads(self, x, heads):
        return x.reshape(*x.shape[:2], heads, -1)

    def attention(self, q, k, v, causal, mask, rate):
        scores = jnp.einsum("bqhd,bkhd->bhqk", self.factor(q), self.factor(k),
                            preferred_element_type=jnp.float32) * q.shape[-1] ** -0.5
        if causal:
            positions = jnp.arange(q.shape[1])
            scores = jnp.where(positions[None] <= positions[:, None], scores, -1e30)
        if mask is not None:
            scores = jnp.where(mask[:, None, None, :], scores, -1e30)
        p = self.dropout(jax.nn.softmax(scores), rate)
        y = jnp.einsum("bhqk,bkhd->bqhd", self.factor(p), self.factor(v),
                       preferred_element_type=jnp.float32)
        return y.reshape(*q.shape[:2], -1)
