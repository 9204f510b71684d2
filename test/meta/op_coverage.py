#!/usr/bin/env python3
"""Holds what `dlc check` reports as executed by each op's test against the op list.

A file named test/ops/tanh.mlir proves nothing by its name: the JSON lines say which op ran on
which element type, natively and on the evaluator, whether sizes were symbolic, empty and 1,
whether NaN was seen, and whether a gradient other than zero went through. They are what lit_ops
left in the build tree, which ctest runs before this.

usage: op_coverage.py SOURCE_DIR BUILD_DIR
"""
import json
import os
import sys

ALL = ["f32", "f64", "f16", "bf16", "i64", "i32", "i8", "u8", "i1"]
NUMBERS = ["f32", "f64", "i32", "i64"]
FLOATS = ["f32", "f64"]
# Control and kernels take values of any type and pass them on; markers vanish before anything runs.
PASSES_ON = {"scan", "if", "while", "custom_gradient", "kernel", "dispatch", "watch", "gradient",
             "stop_gradient", "seam"}
# Ops whose operands have no symbolic sizes, or none that may be empty.
NO_SYMBOLS = {"constant", "random_fold", "winograd_filter"}
NEVER_EMPTY = {"constant", "size", "random_fold", "winograd_filter"}


def required_types(row):
    operands = [text for text in row["operands"] if " of i1 " not in text]
    if row["op"] in PASSES_ON or not operands:
        return []
    if row["op"] in ("and", "or", "xor", "not"):
        return ["i1"]
    if row["family"] in ("Contract", "Conv"):
        return ["f32", "f64", "f16", "bf16"]
    if "any element type" in operands[0]:
        return ALL
    if "numbers" in operands[0]:
        return FLOATS if row["op"] == "mean" else NUMBERS
    return FLOATS if "f32, f64, f16 or bf16" in operands[0] else []


def read_report(source, build, op):
    """The rows that the last run of the op's test left, and whether it has special values."""
    path = os.path.join(source, "test", "ops", op + ".mlir")
    if not os.path.exists(path):
        return None, True
    with open(path) as file:
        special = "dlc.no_special" not in file.read()
    try:
        with open(os.path.join(build, "test", "ops", "Output", op + ".mlir.tmp")) as file:
            rows = [json.loads(line) for line in file if line.startswith("{")]
    except FileNotFoundError:
        return None, special
    return [row for row in rows if row["op"] == op], special


def missing_from(row, lines, special):
    if not lines:
        yield "was not executed"
        return
    op = row["op"]
    if any(line["native"] != line["runs"] for line in lines):
        yield "ran on the evaluator alone"
    seen = {key: any(line[key] for line in lines) for key in
            ("symbolic", "empty", "unit", "nan", "gradient")}
    floats = [line for line in lines if line["type"] in ("f32", "f64", "f16", "bf16")]
    if not seen["symbolic"] and op not in NO_SYMBOLS:
        yield "ran on no symbolic size"
    if not seen["empty"] and op not in NEVER_EMPTY:
        yield "ran on no empty tensor"
    if not seen["unit"] and op not in NEVER_EMPTY:
        yield "ran on no size of 1"
    reads_floats = any("f32" in text or "number" in text or "any" in text
                       for text in row["operands"])
    if floats and reads_floats and special and not seen["nan"] and op not in PASSES_ON:
        yield "saw no NaN"
    if row["gradient"] == "differentiable" and not seen["gradient"]:
        yield "has a gradient, but none other than zero went through"
    types = {line["type"] for line in lines}
    for wanted in required_types(row):
        if wanted not in types:
            yield "did not run on " + wanted


def main():
    source, build = sys.argv[1], sys.argv[2]
    with open(os.path.join(build, "tools", "dlc-tblgen", "coverage.json")) as file:
        rows = json.load(file)
    failures = 0
    for row in rows:
        lines, special = read_report(source, build, row["op"])
        problems = []
        if lines is None:
            problems = ["has no file, or its RUN line does not end in `| tee %t | FileCheck %s`"]
        elif not row["structure"]:
            problems = list(missing_from(row, lines, special))
        for problem in problems:
            print(f"test/ops/{row['op']}.mlir: dlc.{row['op']} {problem}")
            failures += 1
    print(f"{len(rows)} ops, {failures} gaps")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
