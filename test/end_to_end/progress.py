"""Checks the JSON events of a training of two epochs: one object per line."""
import json
import sys

start, *epochs = [json.loads(line) for line in sys.stdin]
assert start["event"] == "start" and start["seed"] == 1 and start["samples"] == 100, start
assert [epoch["epoch"] for epoch in epochs] == [1, 2], epochs
for epoch in epochs:
    assert epoch["event"] == "epoch" and epoch["epochs"] == 2 and epoch["steps"] == 4, epoch
    assert set(epoch["metrics"]) == {"accuracy", "loss"} and epoch["seconds"] > 0, epoch
