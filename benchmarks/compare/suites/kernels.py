"""Suite `kernels`: single operations, forward and backward."""
import agreement
import rows
from cases import attention, convolution, dense, streams
from cases.case import arrays_of
from ours.runtime import CannotCompile, Kernel


PEERS = ("onednn", "openblas", "xla", "pytorch")


def cases():
    for module in (dense, convolution, streams, attention):
        yield from module.cases()


def run(context, report):
    for case in cases():
        if context.wants(case.name) and (case.quick or not context.quick):
            report(row_of(context, case))


def row_of(context, case):
    arrays = arrays_of(case)
    failed = rows.Row(context.suite, case.name, context.threads, flops=case.flops, bytes=case.bytes)
    sides = {}
    try:
        sides["ours"] = Kernel(context, case, arrays)
        failed.peer_failures = add_peers(context, case, arrays, sides)
        row = context.measured(case, sides)
        row.peer_failures = failed.peer_failures
        return row
    except (CannotCompile, KeyError) as error:
        failed.status, failed.reason = rows.MISSING, str(error)
    except agreement.Disagreement as error:
        failed.status, failed.reason = rows.DISAGREES, str(error)
    finally:
        for side in sides.values():
            side.close()
    return failed


def add_peers(context, case, arrays, sides):
    """Adds the peers that have this kernel, after checking that they compute what we compute. A
    peer that fails by itself is left out and named in the result."""
    failures = {}
    ours = None
    for name, peer in context.peers.items():
        try:
            side = peer.kernel(case, arrays)
            if side is None:
                continue
            side.reset()
            side.run(1)
            theirs = as_floats(side.outputs())
        except Exception as error:
            failures[name] = str(error).splitlines()[0] if str(error) else type(error).__name__
            continue
        if ours is None:
            sides["ours"].reset()
            sides["ours"].run(1)
            ours = as_floats(sides["ours"].outputs())
        compare(context, case, arrays, ours, theirs, name)
        side.reset()
        sides[name] = side
    sides["ours"].reset()
    return failures


def compare(context, case, arrays, ours, theirs, name):
    if case.op == "dropout_forward":
        for outputs in (ours, theirs):
            agreement.check_dropout(outputs, arrays, case.rate)
        return
    agreement.check(context.stick, ours, theirs, name, agreement.TOLERANCE[case.dtype])


def as_floats(outputs):
    import numpy
    return {name: numpy.ascontiguousarray(array, numpy.float32)
            for name, array in outputs.items()}
