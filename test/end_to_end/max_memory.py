"""Checks what --max-memory did: max_memory.py UNLIMITED LIMITED BYTES, documents of dlc inspect."""
import json
import sys

unlimited, limited = (json.load(open(name)) for name in sys.argv[1:3])
limit = int(sys.argv[3])


def step(document):
    return next(entry for entry in document["entries"] if entry["name"] == "train_step")


before, after = step(unlimited), step(limited)
assert before["arena_bytes"] > 1.8 * limit, before
assert after["arena_bytes"] <= limit, after
for entry in (before, after):
    assert entry["arena_bound_bytes"] <= entry["arena_bytes"] <= 1.05 * entry["arena_bound_bytes"]
# No kernel is compiled for it: the same ones run more often.
assert len(unlimited["kernels"]) == len(limited["kernels"])
