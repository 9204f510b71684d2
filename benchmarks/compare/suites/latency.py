"""Suite `latency`: single requests of tiny networks, where the call costs more than the work.

Besides the rows' times, calls of ours are timed one by one for the median and the 99th percentile,
in nanoseconds of wall time."""
import dataclasses

from models.registry import SMALL
from ours.network import Side, compile_network
from ours.runtime import CannotCompile
from cases.case import arrays_of
from suites import networks

PEERS = ("xla", "pytorch", "onnxruntime")
CALLS = 100_000


def run(context, report):
    for name, kind, entry in (("dense32", "inference", "predict"), ("dqn", "inference", "predict"),
                              ("dqn", "training", "train_step"),
                              ("convnet2", "inference", "predict")):
        network = SMALL[name]
        case = networks.case_of(network, kind, 1)
        if not context.wants(case.name):
            continue
        for row in networks.rows_of(context, network, entry, kind, [(1, case)]):
            if row.ours_ms:
                row = dataclasses.replace(row, extra=tail(context, network, entry, case))
            report(row)


def tail(context, network, entry, case):
    try:
        side = Side(context, compile_network(context, network), entry, 1, arrays_of(case))
    except CannotCompile:
        return {}
    side.run(1000)
    times = side.entry.run_each(CALLS // 10 if context.quick else CALLS)
    side.close()
    times.sort()
    return {"median_ns": int(times[len(times) // 2]), "p99_ns": int(times[len(times) * 99 // 100])}
