"""ONNX files of networks, exported by PyTorch with fixed sizes, for the peers that read them."""
import contextlib
import hashlib
import io
import logging
import warnings

from peers.pytorch import inputs_of, make_module


def export(context, network, weights, arrays):
    """The file of a network with these weights for inputs of these shapes, channels first."""
    import torch
    shapes = "-".join("x".join(map(str, array.shape)) for array in arrays.values())
    key = hashlib.sha256(b"".join(value.tobytes()[:4096] for value in weights.values()))
    folder = context.home / "onnx"
    folder.mkdir(exist_ok=True)
    path = folder / f"{network.name}-{shapes}-{key.hexdigest()[:8]}.onnx"
    if path.exists():
        return path
    module = make_module(network, weights)
    inputs = tuple(x.contiguous() for x in inputs_of(arrays))
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(module, inputs, str(path), dynamo=True, external_data=False,
                          input_names=list(arrays), output_names=["logits"])
    return path


def channels_first(array):
    """A contiguous copy in the order of the exported network's inputs."""
    import numpy
    return numpy.ascontiguousarray(array.transpose(0, 3, 1, 2) if array.ndim == 4 else array)
