"""What the suites `inference` and `training` share: rows of a network at some batch."""
import dataclasses
import functools

import agreement
import rows
from cases.case import arrays_of
from models.registry import NETWORKS
from ours.network import Side, compile_network
from ours.runtime import CannotCompile
from suites.kernels import as_floats


@dataclasses.dataclass(frozen=True)
class NetworkCase:
    """A row's inputs in the form of arrays_of and measured_row."""
    name: str
    inputs: dict
    flops: int = 0
    bytes: int = 0
    dtype: str = "f32"


def case_of(network, kind, batch):
    inputs = dict(network.inputs(batch))
    if kind == "training":
        inputs["y"] = network.labels(batch)
    return NetworkCase(f"{network.name} batch {batch} {kind}", inputs)


def run(context, report, kind, entry):
    for network in NETWORKS:
        quick = network.quick_training if kind == "training" else network.quick
        batches = quick if context.quick else getattr(network, kind)
        cases = [(batch, case_of(network, kind, batch)) for batch in batches]
        if any(context.wants(case.name) for _, case in cases):
            for row in rows_of(context, network, entry, kind, cases):
                report(row)


def rows_of(context, network, entry, kind, cases):
    try:
        artifact = compile_network(context, network)
    except CannotCompile as error:
        for _, case in cases:
            yield rows.Row(context.suite, case.name, context.threads, status=rows.MISSING,
                           reason=str(error))
        return
    for batch, case in cases:
        if context.wants(case.name):
            yield row_of(context, network, artifact, entry, kind, batch, case)


def row_of(context, network, artifact, entry, kind, batch, case):
    arrays = arrays_of(case)
    failed = rows.Row(context.suite, case.name, context.threads)
    sides = {}
    try:
        sides["ours"] = Side(context, artifact, entry, batch, arrays)
        failed.peer_failures = add_peers(context, network, kind, batch, arrays, sides)
        # The same network: its work is counted where a peer counts it.
        flops = max(getattr(side, "flops", 0) for side in sides.values())
        case = dataclasses.replace(case, flops=flops)
        row = context.measured(case, sides)
        row.peer_failures = failed.peer_failures
        return row
    except agreement.Disagreement as error:
        failed.status, failed.reason = rows.DISAGREES, str(error)
    except RuntimeError as error:
        failed.status, failed.reason = rows.MISSING, str(error)
    finally:
        for side in sides.values():
            side.close()
    return failed


def add_peers(context, network, kind, batch, arrays, sides):
    """Adds peers that agree with us. Dropout, which every side draws for itself, is off while
    gradients are compared."""
    failures, weights = {}, sides["ours"].weights
    reference = exact = None
    for name, peer in context.peers.items():
        if not hasattr(peer, kind):
            continue
        try:
            theirs = outputs_of(peer, network, kind, weights, arrays)
            side = make(peer, network, kind, weights, arrays, True)
            if side is None:
                continue
        except Exception as error:
            failures[name] = str(error).splitlines()[0] if str(error) else type(error).__name__
            continue
        if reference is None:
            reference = our_outputs(context, network, kind, batch, arrays, sides["ours"])
            exact = exact_outputs(context, network, kind, batch, arrays)
        compare(context, network, reference, theirs, exact, name,
                in_f64(context, network, weights, arrays))
        sides[name] = side
    sides["ours"].reset()
    return failures


def exact_outputs(context, network, kind, batch, arrays):
    """Of a network in bf16 what we compute in f32, which its own row compares with the peers."""
    if not network.bf16 or kind != "training":
        return None
    network = dataclasses.replace(network, name=network.name.removesuffix(" bf16"), policy="")
    artifact = compile_network(context, network)
    side = Side(context, artifact, "train_step", batch, arrays)
    outputs = our_outputs(context, network, kind, batch, arrays, side)
    side.close()
    return outputs


def in_f64(context, network, weights, arrays):
    """A function that gives the gradients in f64, once; none without a peer that can."""
    for peer in context.peers.values():
        if hasattr(peer, "gradients_in_f64"):
            inputs = {name: array for name, array in arrays.items() if name != "y"}
            return functools.cache(lambda: as_floats(
                peer.gradients_in_f64(network, weights, inputs, arrays["y"])))
    return None


def compare(context, network, ours, theirs, exact, name, truth):
    """The logits or the loss, then the gradients."""
    ours, theirs = dict(ours), dict(theirs)
    first = "loss" if "loss" in theirs else "y"
    agreement.check(context.stick, {first: ours.pop(first)}, {first: theirs.pop(first)}, name,
                    agreement.TOLERANCE["network bf16" if network.bf16 else "network"])
    if theirs and exact:
        exact = {name: value for name, value in exact.items() if name != first}
        agreement.check_rounded_gradients(context.stick, ours, theirs, exact, name,
                                          network.gradient_tolerance)
    elif theirs:
        agreement.check_gradients(context.stick, ours, theirs, name, network.gradient_tolerance,
                                  truth)


def make(peer, network, kind, weights, arrays, dropping):
    if kind == "inference":
        return peer.inference(network, weights, arrays)
    inputs = {name: array for name, array in arrays.items() if name != "y"}
    return peer.training(network, weights, inputs, arrays["y"], dropping)


def outputs_of(peer, network, kind, weights, arrays):
    side = make(peer, network, kind, weights, arrays, False)
    if side is None:
        return {}
    side.run(1)
    outputs = as_floats(side.outputs())
    side.close()
    return outputs


def our_outputs(context, network, kind, batch, arrays, side):
    if kind == "training" and network.dropout:
        artifact = compile_network(context, network, dropping=False)
        side = Side(context, artifact, "train_step", batch, arrays)
    side.reset()
    side.run(1)
    return as_floats(side.outputs())
