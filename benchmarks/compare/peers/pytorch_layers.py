"""The layers of models/networks.py in PyTorch: images are [batch, channels, height, width] views of
channels-last memory, filters [out, in, height, width] in channels-last memory, dense weights
[out, in]."""
import numpy
import torch
import torch.nn.functional as F


def to_weight(name, array):
    """Our variable's value in PyTorch's form."""
    tensor = torch.from_numpy(numpy.array(array))
    if name.endswith(("depthwise/kernel", "depthwise_kernel")):  # one filter for each channel
        tensor = tensor.reshape(*tensor.shape[:2], 1, -1)
    if tensor.dim() == 4:
        return tensor.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
    if name.endswith("/kernel"):
        if tensor.dim() == 3:
            into = name.endswith("attention_output/kernel")
            tensor = tensor.reshape(-1, tensor.shape[2]) if into else tensor.flatten(1)
        return tensor.T.contiguous()
    return tensor.flatten() if name.endswith("/bias") else tensor


def from_weight(name, tensor):
    """A gradient back in the order of our variable, flat enough to compare."""
    tensor = tensor.detach()
    if tensor.dim() == 4:
        return tensor.permute(2, 3, 1, 0).contiguous().numpy()
    return (tensor.T if name.endswith("/kernel") else tensor).contiguous().numpy()


class Layers:
    def __init__(self, weights, training=False, dropping=True):
        self.weights, self.training, self.dropping = weights, training, dropping

    relu = staticmethod(F.relu)
    relu6 = staticmethod(F.relu6)
    tanh = staticmethod(torch.tanh)
    gelu = staticmethod(F.gelu)

    @staticmethod
    def gelu_tanh(x):
        return F.gelu(x, approximate="tanh")

    def dense(self, x, name):
        return F.linear(x, self.weights[name + "/kernel"], self.weights[name + "/bias"])

    def convolve(self, x, filter_, bias, stride, padding, groups):
        """Padding before and after, where the two differ, is an operation of its own."""
        low, high = padding
        if low != high:
            x, low = F.pad(x, (low, high, low, high)), 0
        return F.conv2d(x, filter_, bias, stride, low, 1, groups)

    def conv(self, x, name, stride=1, padding="same"):
        filter_ = self.weights[name + "/kernel"]
        return self.convolve(x, filter_, self.weights.get(name + "/bias"), stride,
                             self.padding(padding, filter_), 1)

    def depthwise(self, x, name, stride, padding):
        filter_ = self.weights[name + "/kernel"]
        return self.convolve(x, filter_, None, stride, self.padding(padding, filter_), x.shape[1])

    def separable(self, x, name):
        depthwise = self.weights[name + "/depthwise_kernel"]
        x = self.convolve(x, depthwise, None, 1, self.padding("same", depthwise), x.shape[1])
        return self.convolve(x, self.weights[name + "/pointwise_kernel"], None, 1, (0, 0), 1)

    @staticmethod
    def padding(padding, filter_):
        if padding == "valid":
            return 0, 0
        return ((filter_.shape[2] - 1) // 2,) * 2 if padding == "same" else padding

    def batch_norm(self, x, name, epsilon, momentum):
        mean, variance, scale, offset = (self.weights[f"{name}/{part}"] for part in (
            "moving_mean", "moving_variance", "gamma", "beta"))
        return F.batch_norm(x, mean, variance, scale, offset, self.training, 1 - momentum, epsilon)

    def layer_norm(self, x, name, epsilon):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + "/gamma"],
                            self.weights[name + "/beta"], epsilon)

    def max_pool(self, x, window, stride, padding=0):
        """Padding before and after, where the two differ, is an operation of its own."""
        if isinstance(padding, tuple):
            low, high = padding
            x, padding = F.pad(x, (low, high, low, high), value=-torch.inf), 0
        return F.max_pool2d(x, window, stride, padding)

    def dropout(self, x, rate):
        return F.dropout(x, rate, True) if self.training and self.dropping else x

    def flatten(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)

    def mean(self, x):
        return x.mean((2, 3))

    def embed(self, ids, name):
        return F.embedding(ids, self.weights[name + "/embeddings"])

    def positions(self, length, name):
        return self.weights[name + "/embeddings"][:length]

    def tied_logits(self, x, name):
        return F.linear(x, self.weights[name + "/embeddings"])

    def heads(self, x, heads):
        return x.unflatten(2, (heads, -1)).transpose(1, 2)

    def attention(self, q, k, v, causal, mask, rate):
        mask = None if mask is None else mask[:, None, None, :]
        rate = rate if self.training and self.dropping else 0.0
        y = F.scaled_dot_product_attention(q, k, v, mask, rate, causal)
        return y.transpose(1, 2).flatten(2)
