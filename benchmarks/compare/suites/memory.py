"""Suite `memory`: what a training step needs, in bytes.

"planned" is what the compiler reserves: our variables and arena against XLA's arguments and
temporaries. "resident" is how far a process grows between having its inputs and weights and having
done two steps; each side does that in a process of its own (memory_child.py), because allocators
do not give back.
"""
import json
import subprocess
import sys

import environment
import rows
from models.registry import NETWORKS

PEERS = ("xla", "pytorch")
BATCH = {"fashion": 128, "resnet50": 32, "mobilenetv2": 32, "bert": 8, "gpt2-256": 4}
QUICK = {"fashion": 128}


def run(context, report):
    for network in NETWORKS:
        batch = (QUICK if context.quick else BATCH).get(network.name)
        name = f"{network.name} batch {batch} training"
        if batch and context.wants(name):
            for row in rows_of(context, network, batch, name):
                report(row)


def rows_of(context, network, batch, name):
    figures, failures = {}, {}
    for side in ("ours", *context.peers):
        figures[side] = figures_of(context, side, network, batch)
        if "failed" in figures[side]:
            failures[side] = figures.pop(side)["failed"]
    for kind in ("planned", "resident"):
        row = rows.Row(context.suite, f"{name} {kind}", context.threads, peer_failures=failures)
        if "ours" not in figures:
            row.status, row.reason = rows.MISSING, failures["ours"]
        else:
            row.ours_bytes = figures["ours"][kind]
            row.ours_ms = figures["ours"]["ms"]
            row.peers = {s: f["ms"] for s, f in figures.items() if s != "ours"}
            row.peers_bytes = {s: f[kind] for s, f in figures.items()
                               if s != "ours" and f.get(kind)}
            row.status = rows.MEASURED if row.peers_bytes else rows.NO_PEER
        yield row


def figures_of(context, side, network, batch):
    """What memory_child.py printed, or {"failed": reason}."""
    command = [sys.executable, environment.HERE / "suites/memory_child.py", side, network.name,
               str(batch), str(context.threads), str(context.build)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        errors = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return {"failed": errors[-1]}
    return json.loads(lines[-1])
