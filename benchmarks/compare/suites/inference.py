"""Suite `inference`: predictions of whole networks; weights are fixed and may be rearranged."""
from suites import networks


def run(context, report):
    networks.run(context, report, "inference", "predict")
