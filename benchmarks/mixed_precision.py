#!/usr/bin/env python3
"""Does training in mixed precision end where training in f32 ends?

    benchmarks/mixed_precision.py [--data DIR] [--seeds 3] [--epochs 4] [--batch 128] [--build build]

Trains examples/fashion_mnist.cpp on all of Fashion-MNIST once for each seed under either dtype
policy and prints loss and accuracy on the test images and the processor seconds of training. What
a seed changes (weights, order, dropout) is the noise that the distance of the two policies is held
against: it is called noise where it is below two standard errors of the difference of the means,
and the exit code is 1 where it is not. DIR holds the four IDX files; a weight file, an artifact and
an evaluation stay in a temporary folder.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
POLICIES = {"f32": "float32", "bf16": "mixed_bfloat16"}


def run(*command):
    """The command's output and the processor seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def train(dlc, artifact, folder, data, seed, arguments):
    def samples(part):
        return (f"x={data}/{part}-images-idx3-ubyte.gz:*1/255,"
                f"y={data}/{part}-labels-idx1-ubyte.gz")
    weights = folder / "w.safetensors"
    _, seconds = run(dlc, "train", artifact, "--data", samples("train"), "--epochs",
                     arguments.epochs, "--batch", arguments.batch, "--seed", seed, "--weights",
                     weights, "--progress", "none", "--threads", "1")
    output, _ = run(dlc, "evaluate", artifact, "--weights", weights, "--data", samples("t10k"),
                    "--progress", "json")
    result = json.loads(output)["metrics"]
    return {"loss": result["loss"], "accuracy": result["accuracy"], "seconds": seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=ROOT.parent / "shared/data/fashion-mnist")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", default="4")
    parser.add_argument("--batch", default="128")
    parser.add_argument("--build", default=ROOT / "build")
    arguments = parser.parse_args()
    if not os.path.exists(f"{arguments.data}/train-images-idx3-ubyte.gz"):
        print(f"skipped: no {arguments.data}/train-images-idx3-ubyte.gz; --data names the folder")
        return 0
    dlc = pathlib.Path(arguments.build) / "bin/dlc"
    rows = {name: [] for name in POLICIES}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for policy, flag in POLICIES.items():
            run(dlc, "compile", ROOT / "examples/fashion_mnist.cpp", "--dtype-policy", flag, "-o",
                folder / f"{policy}.dlca")
        print("| policy | seed | test loss | test accuracy | processor seconds |\n|---|---|---|---|---|")
        for seed in range(1, arguments.seeds + 1):
            for policy in POLICIES:
                row = train(dlc, folder / f"{policy}.dlca", folder, arguments.data, seed, arguments)
                rows[policy].append(row)
                print(f"| {policy} | {seed} | {row['loss']:.4f} | {row['accuracy']:.4f} | "
                      f"{row['seconds']:.0f} |", flush=True)
    status = 0
    for key in ("loss", "accuracy"):
        f32, bf16 = ([row[key] for row in rows[policy]] for policy in POLICIES)
        distance = statistics.mean(bf16) - statistics.mean(f32)
        error = ((statistics.variance(f32) + statistics.variance(bf16)) / len(f32)) ** .5
        same = abs(distance) <= 2 * error
        status |= not same
        print(f"{key}: bf16 - f32 = {distance:+.4f}, standard error {error:.4f}: "
              f"{'noise' if same else 'NOT noise'}")
    seconds = [statistics.mean(row["seconds"] for row in rows[policy]) for policy in POLICIES]
    print(f"training in bf16 is {seconds[0] / seconds[1]:.2f} times as fast")
    return status


if __name__ == "__main__":
    sys.exit(main())
