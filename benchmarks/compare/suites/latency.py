"""Suite `latency`: single requests of tiny networks, where the call costs more than the work.

Besides the rows' times, calls of ours are timed one by one for the median and the 99th percentile,
and against their kernels in a bare loop (`dlc bench --latency`), in nanoseconds of wall time."""
import dataclasses
import json
import subprocess

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
        artifact = compile_network(context, network)
        side = Side(context, artifact, entry, 1, arrays_of(case))
    except CannotCompile:
        return {}
    side.run(1000)
    times = side.entry.run_each(CALLS // 10 if context.quick else CALLS)
    side.close()
    times.sort()
    return {"median_ns": int(times[len(times) // 2]), "p99_ns": int(times[len(times) * 99 // 100]),
            **beyond_kernels(context, artifact, entry)}


def beyond_kernels(context, artifact, entry):
    """What a call costs that is none of its kernels' work."""
    done = subprocess.run(
        [context.compiler.dlc, "bench", artifact, "--entry", entry, "--bind", "B=1", "--threads",
         str(context.threads), "--runs", "1000", "--latency", "--json"],
        capture_output=True, text=True)
    if done.returncode:
        return {}
    latency = json.loads(done.stdout)["latency"]
    return {"beyond_kernels_ns": 1e3 * latency["beyond_kernels_us"]}
