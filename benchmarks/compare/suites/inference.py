"""Suite `inference`: predictions of whole networks; weights are fixed and may be rearranged."""
from suites import networks

PEERS = ("xla", "pytorch", "onnxruntime", "openvino", "iree")


def run(context, report):
    networks.run(context, report, "inference", "predict")
