"""Suite `tuned`: a kernel as the compiler schedules it by itself, beside the best schedule that
`dlc tune` finds for it on this machine.

The tuned artifact is the only peer, so that a ratio of 0.9 says that search is 10 % faster than
the chooser. Where search finds nothing better the two are one artifact, and the ratio is 1. The
file of schedules is named by the case's text, so that artifacts of two cases are never taken
for each other.
"""
import hashlib
import json
import subprocess

import rows
from cases.case import arrays_of
from ours.kernels import text_of
from ours.runtime import CannotCompile, Kernel
from suites.kernels import cases

PEERS = ()
SECONDS = {True: 4, False: 20}  # of search for a kernel, --quick or not


def run(context, report):
    for case in cases():
        if context.wants(case.name) and (case.quick or not context.quick):
            report(row_of(context, case))


def row_of(context, case):
    row = rows.Row(context.suite, case.name, context.threads, flops=case.flops, bytes=case.bytes)
    sides, arrays = {}, arrays_of(case)
    try:
        schedules = search(context, case)
        sides["ours"] = Kernel(context, case, arrays)
        if schedules:
            sides["tuned"] = Kernel(context, case, arrays, f"--schedules={schedules}")
        row = context.measured(case, sides)
        if not schedules:
            row.peers, row.status = {"tuned": row.ours_ms}, rows.MEASURED
    except CannotCompile as error:
        row.status, row.reason = rows.MISSING, str(error)
    finally:
        for side in sides.values():
            side.close()
    return row


def search(context, case):
    """The file of schedules that win over the chooser's, or None if none does."""
    text = text_of(case)
    stem = context.compiler.folder / f"tuned-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    source, schedules = stem.with_suffix(".mlir"), stem.with_suffix(".json")
    source.write_text(text)
    done = subprocess.run(
        [context.compiler.dlc, "tune", source, "-o", schedules, "--threads", str(context.threads),
         f"--budget={SECONDS[context.quick]}s"], capture_output=True, text=True)
    if done.returncode:
        raise CannotCompile((done.stderr.strip().splitlines() or ["?"])[0])
    return schedules if json.loads(schedules.read_text())["kernels"] else None
