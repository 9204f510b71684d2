"""Checks a profile of `dlc bench`, of a model in bf16 when no trace is given, and a trace:
profile.py PROFILE [TRACE]"""
import json
import sys

profile = json.load(open(sys.argv[1]))

times = [kernel["us"] for kernel in profile["kernels"]]
assert times == sorted(times, reverse=True), "the longest stands first"
roofline = profile["roofline"]
for kernel in profile["kernels"]:
    assert "small_convnet.cpp:" in kernel["source"], kernel
    peak = {"f32": "gflops_per_s", "bf16": "bf16_gflops_per_s"}[kernel["arithmetic"]]
    best = max(kernel["gflops_per_s"] / roofline[peak],
               kernel["gbytes_per_s"] / roofline["gbytes_per_s"])
    assert abs(kernel["share_of_roofline"] - best) < 1e-6 * best, kernel
lost = {k["name"]: k["us"] * max(0, 1 - k["share_of_roofline"]) for k in profile["kernels"]}
assert lost[profile["fix_next"]["name"]] == max(lost.values()), profile["fix_next"]

kinds = {(k["kind"], k["arithmetic"]) for k in profile["kernels"]}
if len(sys.argv) == 2:
    assert {("conv", "bf16"), ("contract", "bf16")} <= kinds, kinds
    assert ("list", "f32") in kinds, "the optimizer works on masters"
    flags = open("/proc/cpuinfo").read()
    assert roofline["bf16_gflops_per_s"] > (1.5 if "avx512_bf16" in flags else 0.6) * roofline[
        "gflops_per_s"], roofline
    sys.exit()
assert all(arithmetic == "f32" for _, arithmetic in kinds), kinds

events = json.load(open(sys.argv[2]))["traceEvents"]
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
