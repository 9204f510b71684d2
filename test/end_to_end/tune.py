"""Checks a file of `dlc tune` and makes one of a single row that was changed: tune.py FOUND GIVEN"""
import json
import re
import sys

found = json.load(open(sys.argv[1]))
assert found["sizes"] == {"B": 16}, found["sizes"]
assert len({row["key"] for row in found["kernels"]}) == len(found["kernels"]) > 5
for row in found["kernels"]:
    assert row["schedules"].startswith("[#dlc.") and "small_convnet.cpp:" in row["from"], row
    assert row["microseconds"] <= row["default_microseconds"], row
row = next(row for row in found["kernels"] if row["schedules"].startswith("[#dlc.stream"))
row["schedules"] = re.sub(r"tile_bytes = \d+", "tile_bytes = 7777", row["schedules"])
found["kernels"] = [row]
json.dump(found, open(sys.argv[2], "w"), indent=1)
