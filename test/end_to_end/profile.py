"""Checks a profile and a trace of `dlc bench`: profile.py PROFILE TRACE"""
import json
import sys

profile, trace = (json.load(open(name)) for name in sys.argv[1:])

times = [kernel["us"] for kernel in profile["kernels"]]
assert times == sorted(times, reverse=True), "the longest stands first"
roofline = profile["roofline"]
for kernel in profile["kernels"]:
    assert "small_convnet.cpp:" in kernel["source"], kernel
    best = max(kernel["gflops_per_s"] / roofline["gflops_per_s"],
               kernel["gbytes_per_s"] / roofline["gbytes_per_s"])
    assert abs(kernel["share_of_roofline"] - best) < 1e-6 * best, kernel
lost = {k["name"]: k["us"] * max(0, 1 - k["share_of_roofline"]) for k in profile["kernels"]}
assert lost[profile["fix_next"]["name"]] == max(lost.values()), profile["fix_next"]

events = trace["traceEvents"]
threads = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
assert threads == {0: "caller", 1: "thread 1"}, threads
work = [e for e in events if e["ph"] == "X"]
assert work, "nothing ran"
for event in work:
    assert event["tid"] in threads and event["ts"] >= 0 and event["dur"] >= 0, event
    assert event["args"]["kernel"] in event["name"], event
    assert "small_convnet.cpp:" in event["name"] and event["args"]["tiles"] > 0, event
for thread in threads:
    row = sorted((e["ts"], e["ts"] + e["dur"]) for e in work if e["tid"] == thread)
    assert all(a[1] <= b[0] + 1e-6 for a, b in zip(row, row[1:])), "stretches of a thread overlap"
assert {k["name"] for k in profile["kernels"]} == {e["args"]["kernel"] for e in work}
