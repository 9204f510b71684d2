"""Runs command lines that must fail and prints "[exit code] stderr" of each."""
import subprocess
import sys

artifact, digits = sys.argv[1:]
data = ["--data", f"x={digits}:0-63*0.0625,y={digits}:64,?take=50"]
train = ["dlc", "train", artifact]
evaluate = ["dlc", "evaluate", artifact]
weights = artifact + ".safetensors"


def show(*command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    print(f"[{run.returncode}] {run.stderr.strip()}", flush=True)


show(*train)
show(*train, *data, "--epochs", "0")
show(*train, *data, "--batch", "-1")
show(*train, *data, "--validation", "x=a,y=b", "--validation-split", "0.1")
show(*train, *data, "--resume")
show(*train, *data, "--early-stopping", "loss,patience=soon")
show(*train, *data, "--early-stopping", "loss,paitence=3")
show(*train, *data, "--reduce-lr", "loss,factor=2")
show(*train, *data, "--progress", "fancy")
show("dlc", "train", "nothing.dlca", *data)
show(*train, "--data", "x=nothing.csv")
show(*train, "--data", "x")
show(*train, "--data", f"x={digits}:0-63")
show(*train, "--data", f"x={digits}:0-60,y={digits}:64")
show(*train, *data, "--weights", "nowhere/w.safetensors")
show(*evaluate, *data, "--weights", "nothing.safetensors")
show(*evaluate, *data, "--weights", digits)
subprocess.run([*train, *data, "--progress=none", "--weights", weights], check=True,
               stderr=subprocess.DEVNULL)
show(*evaluate, *data, "--weights", weights, "--metric-line", "a=recall")
show(*evaluate, *data, "--weights", weights, "--metric-line", "accuracy")
show("dlc-run", artifact, "--weights", weights, "--draw", f"x={digits}:0-60")
show("dlc-run", artifact, "--weights", weights, "--count", "3")
