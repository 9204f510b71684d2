"""The other side: one module per peer, each with a class that has this interface.

    class Peer:
        name                        as in tables and JSON
        packages                    what pip installs for it
        def __init__(self, threads) imports and configures; an exception says why it is missing
        version
        def kernel(case, arrays)    a side of a kernel case, or None where it has no such kernel
        def model(...)              see suites/: a side of a model, or None

A side has run(count), which returns when `count` calls are done, outputs() after the last run, and
reset(), which puts variables back to their first values.
"""
import importlib

# The order is that of the columns. Module, class.
PEERS = {
    "onednn": ("peers.onednn", "OneDnn"),
    "openblas": ("peers.openblas", "OpenBlas"),
    "xla": ("peers.xla", "Xla"),
    "pytorch": ("peers.pytorch", "PyTorch"),
    "onnxruntime": ("peers.onnxruntime", "OnnxRuntime"),
    "openvino": ("peers.openvino", "OpenVino"),
    "iree": ("peers.iree", "Iree"),
}


def load(context, names, report):
    """The peers of `names` that work here; report(name, reason) hears of the others."""
    peers = {}
    for name in names:
        module, kind = PEERS[name]
        try:
            peers[name] = getattr(importlib.import_module(module), kind)(context)
        except Exception as error:  # whatever a foreign package does when it is not whole
            reason = (str(error).splitlines() or [""])[0]
            report(name, f"{type(error).__name__}: {reason}")
    return peers
